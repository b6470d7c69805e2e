import { outputsFault, type DeclaredOutput } from './output-check';

/**
 * What a right answer holds. `path` names protobuf fields from the message inwards, e.g. [3, 1] is field 1 of the first
 * field 3. Cheap on purpose: the generator checks every answer.
 */
export type AnswerCheck =
  | { readonly kind: 'bytes'; readonly expected: Uint8Array }
  /** Little-endian 32-bit floats (packed `repeated float`, or raw tensor bytes), each within `tolerance`. */
  | {
      readonly kind: 'floats';
      readonly path: readonly number[];
      readonly expected: Float32Array;
      readonly tolerance: number;
    }
  /** An unsigned integer; an absent field is 0, as proto3 has it. */
  | { readonly kind: 'integer'; readonly path: readonly number[]; readonly expected: number }
  /** A ModelInferResponse with outputs as declared, whatever their values. */
  | { readonly kind: 'outputs'; readonly outputs: readonly DeclaredOutput[] };

/** Says what is wrong with an answer; undefined where it is right. */
export function faultOf(answer: Uint8Array, check: AnswerCheck): string | undefined {
  switch (check.kind) {
    case 'bytes':
      return Buffer.compare(answer, check.expected) === 0 ? undefined : 'other bytes than expected';
    case 'floats':
      return floatsFault(bytesAt(answer, check.path), check.expected, check.tolerance);
    case 'outputs':
      return outputsFault(answer, check.outputs);
    case 'integer': {
      const got = integerAt(answer, check.path);
      return got === check.expected ? undefined : `expected ${check.expected}, got ${got ?? 'a malformed message'}`;
    }
  }
}

function floatsFault(bytes: Uint8Array | undefined, expected: Float32Array, tolerance: number): string | undefined {
  if (bytes?.length !== expected.length * 4) {
    return `expected ${expected.length * 4} bytes of floats, got ${bytes?.length ?? 'none'}`;
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let index = 0; index < expected.length; index++) {
    const got = view.getFloat32(index * 4, true);
    // Written so that NaN is a fault.
    if (!(Math.abs(got - expected[index]!) <= tolerance))
      return `element ${index}: expected ${expected[index]!}, got ${got}`;
  }
  return undefined;
}

/** Floats of an answer at a path, to expect them of others; undefined where there are none. */
export function floatsAt(answer: Uint8Array, path: readonly number[]): Float32Array | undefined {
  const bytes = bytesAt(answer, path);
  if (bytes === undefined || bytes.length % 4 !== 0) return undefined;
  return new Float32Array(Uint8Array.from(bytes).buffer);
}

/** Integer of an answer at a path: 0 where the last field is absent, undefined where the path or the bytes are broken. */
export function integerAt(answer: Uint8Array, path: readonly number[]): number | undefined {
  const parent = path.length === 1 ? answer : bytesAt(answer, path.slice(0, -1));
  if (parent === undefined) return undefined;
  const found = findField(parent, path.at(-1)!);
  if (found === 'malformed') return undefined;
  if (found === 'absent') return 0;
  return found.wireType === 0 ? found.value : undefined;
}

function bytesAt(message: Uint8Array, path: readonly number[]): Uint8Array | undefined {
  let part = message;
  for (const field of path) {
    const found = findField(part, field);
    if (typeof found === 'string' || found.wireType !== 2) return undefined;
    part = part.subarray(found.offset, found.offset + found.value);
  }
  return part;
}

/** Where a field was found; `value` is its integer, or its length in bytes for wire type 2. */
interface FoundField {
  readonly wireType: number;
  readonly value: number;
  readonly offset: number;
}

/** First occurrence of a field. */
function findField(message: Uint8Array, wanted: number): FoundField | 'absent' | 'malformed' {
  const cursor = { offset: 0 };
  while (cursor.offset < message.length) {
    const tag = readVarint(message, cursor);
    const wireType = tag & 7;
    const field = Math.floor(tag / 8);
    let value = 0;
    let size = 0;
    if (wireType === 0) value = readVarint(message, cursor);
    else if (wireType === 2) size = value = readVarint(message, cursor);
    else if (wireType === 1) size = 8;
    else if (wireType === 5) size = 4;
    else return 'malformed';
    if (Number.isNaN(tag) || Number.isNaN(value) || cursor.offset + size > message.length) return 'malformed';
    if (field === wanted) return { wireType, value, offset: cursor.offset };
    cursor.offset += size;
  }
  return 'absent';
}

/** Reads a varint as a number (exact to 2^53) and moves the cursor behind it; NaN where the bytes end first. */
function readVarint(message: Uint8Array, cursor: { offset: number }): number {
  let value = 0;
  for (let scale = 1; cursor.offset < message.length; scale *= 128) {
    const byte = message[cursor.offset++]!;
    value += (byte & 0x7f) * scale;
    if (byte < 0x80) return value;
  }
  return Number.NaN;
}
