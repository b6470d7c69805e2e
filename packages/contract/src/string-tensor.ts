import { isUtf8 } from 'node:buffer';
import { refusal } from './refusal';

/** Which input is checked; names are for messages. */
export interface CheckedInput {
  readonly model: string;
  readonly input: string;
  /** Path in the request, e.g. `inputs[0]`. */
  readonly field?: string;
}

/**
 * Checks the raw bytes of a BYTES tensor of `count` elements: framing and number of elements, and that each is UTF-8 without
 * NUL (ONNX Runtime's strings end at the first NUL).
 * @throws TributaryError STRING_FRAMING, STRING_COUNT, STRING_INVALID
 */
export function checkStringElements(bytes: Uint8Array, count: number, input: CheckedInput): void {
  let elements = 0;
  for (let at = 0; at < bytes.length; elements += 1) {
    const end = endOfElement(bytes, at, input);
    // Past the count only the number of elements is of interest.
    if (elements < count && end > at + 4) assertText(bytes.subarray(at + 4, end), elements, input);
    at = end;
  }
  if (elements !== count) {
    const args = { model: input.model, input: input.input, expected: count, got: elements };
    throw refusal('STRING_COUNT', args, fieldOf(input));
  }
}

/** The elements of a raw BYTES tensor, as views. @throws TributaryError STRING_FRAMING */
export function* stringElements(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const end = endOfElement(bytes, at, { model: '', input: '' });
    yield bytes.subarray(at + 4, end);
    at = end;
  }
}

/** The raw bytes of a BYTES tensor made of texts (written as UTF-8) or bytes. */
export function encodeStringElements(elements: readonly (string | Uint8Array)[]): Uint8Array {
  const sizes = elements.map((element) => (typeof element === 'string' ? Buffer.byteLength(element) : element.length));
  const buffer = Buffer.allocUnsafe(sizes.reduce((sum, size) => sum + 4 + size, 0));
  let at = 0;
  for (const [index, element] of elements.entries()) {
    at = buffer.writeUInt32LE(sizes[index]!, at);
    if (typeof element === 'string') buffer.write(element, at);
    else buffer.set(element, at);
    at += sizes[index]!;
  }
  return buffer;
}

/** Where the element ends whose length stands at `at`. */
function endOfElement(bytes: Uint8Array, at: number, input: CheckedInput): number {
  const available = bytes.length - at;
  if (available < 4) throw framing(input, 'length', 4, available);
  const low = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16);
  const length = low + bytes[at + 3]! * 0x1000000;
  if (length > available - 4) throw framing(input, 'data', length, available - 4);
  return at + 4 + length;
}

function assertText(element: Uint8Array, index: number, input: CheckedInput): void {
  const fault = !isUtf8(element) ? 'invalid UTF-8' : element.includes(0) ? 'a NUL character' : undefined;
  if (fault === undefined) return;
  const args = { model: input.model, input: input.input, element: index, got: fault } as const;
  throw refusal('STRING_INVALID', args, fieldOf(input));
}

function framing(input: CheckedInput, part: 'length' | 'data', expected: number, got: number): Error {
  return refusal('STRING_FRAMING', { model: input.model, input: input.input, part, expected, got }, fieldOf(input));
}

function fieldOf({ field }: CheckedInput): { field?: string } {
  return field === undefined ? {} : { field };
}
