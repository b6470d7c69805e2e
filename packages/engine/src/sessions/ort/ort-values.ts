import { elementBytes, elementCount, elementTypeName, stringType } from './element-types';
import { addressOf, type Pointer } from './native';
import { made, check, ort, told } from './ort-library';

/** A tensor that a run gave, before its bytes are copied to where they are wanted. */
export interface OrtResult {
  readonly type: number;
  readonly shape: readonly number[];
  /** In raw form, where texts are length-prefixed. */
  readonly byteLength: number;
  /** The elements where they lie in ONNX Runtime's memory, or in ours where they had to be put together. */
  readonly source: Pointer | Uint8Array;
}

/** Why the values of a run cannot be handed on as tensors. The text may be logged. */
export class UnfitValueError extends Error {
  override readonly name = 'UnfitValueError';
}

/** Before each text, its length as a little-endian uint32 (see tensors/string-elements.ts). */
const lengthBytes = 4;

/** ONNXType by number. */
const valueKinds = { tensor: 1, sequence: 2, map: 3 } as const;

/**
 * An OrtValue over elements that lie at an address and must neither move nor go away before it is released.
 * @param dimensions address of int64 sizes
 * @throws OrtError where the bytes are fewer than the shape needs
 */
export function tensorOver(
  type: number,
  dimensions: Pointer,
  rank: number,
  data: Pointer,
  byteLength: number,
): Pointer {
  const { api, cpu } = ort();
  return made((to) => api.CreateTensorWithDataAsOrtValue(cpu, data, byteLength, dimensions, rank, type, to));
}

/**
 * An OrtValue of texts in raw form, which are copied; their framing was checked.
 * @param dimensions address of int64 sizes
 * @throws OrtError
 */
export function stringTensor(dimensions: Pointer, rank: number, raw: Uint8Array): Pointer {
  const { api, allocator } = ort();
  const tensor = made((to) => api.CreateTensorAsOrtValue(allocator, dimensions, rank, stringType, to));
  try {
    fillStrings(tensor, raw);
    return tensor;
  } catch (error) {
    api.ReleaseValue(tensor);
    throw error;
  }
}

function fillStrings(tensor: Pointer, raw: Uint8Array): void {
  const { api, memcpy } = ort();
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  // C strings in one piece, each where its element was: the NUL of one lies where the length of the next begins.
  const texts = new Uint8Array(raw.length + lengthBytes);
  const starts: number[] = [];
  let hasNul = false;
  for (let at = 0; at < raw.length;) {
    const start = at + lengthBytes;
    const end = start + view.getUint32(at, true);
    const text = raw.subarray(start, end);
    hasNul ||= text.includes(0);
    texts.set(text, start);
    starts.push(start);
    at = end;
  }
  const base = addressOf(texts);
  if (!hasNul) {
    const addresses = BigUint64Array.from(starts, (start) => base + BigInt(start));
    check(api.FillStringTensor(tensor, starts.length === 0 ? new BigUint64Array(1) : addresses, starts.length));
    return;
  }
  // C strings end at NUL; places of a given size hold it.
  for (const [index, start] of starts.entries()) {
    const length = view.getUint32(start - lengthBytes, true);
    const place = made((to) => api.GetResizedStringTensorElementBuffer(tensor, index, length, to));
    if (length > 0) memcpy(place, base + BigInt(start), length);
  }
}

/**
 * What a value is as a tensor: a tensor as it is, a sequence of tensors of one shape stacked, a map its values in the order of its
 * keys, a sequence of maps a row a map. The value stays the caller's and must live while the result is used.
 * @throws UnfitValueError where it is none of these; OrtError
 */
export function readResult(value: Pointer): OrtResult {
  const { api } = ort();
  // First of all: to ask an optional without a value for its kind is a segmentation fault.
  if (value === 0n || told((to) => api.HasValue(value, to)) === 0) throw new UnfitValueError('an output has no value');
  const kind = told((to) => api.GetValueType(value, to));
  if (kind === valueKinds.tensor) return readTensor(value);
  if (kind === valueKinds.map) return readMap(value).values;
  if (kind === valueKinds.sequence) return readSequence(value);
  throw new UnfitValueError(`an output is a value of kind ${kind}`);
}

/** As readResult, of a value that is known to be a tensor. @throws UnfitValueError for element types that are not served; OrtError */
export function readTensor(value: Pointer): OrtResult {
  const { api } = ort();
  const { type, shape } = tensorType(value);
  const count = elementCount(shape);
  if (type === stringType) {
    const raw = readStrings(value, count);
    return { type, shape, byteLength: raw.length, source: raw };
  }
  const size = elementBytes(type);
  if (size === 0) throw new UnfitValueError(`an output has elements of ${elementTypeName(type)}`);
  const data = count === 0 ? 0n : made((to) => api.GetTensorMutableData(value, to));
  return { type, shape, byteLength: count * size, source: data };
}

function tensorType(value: Pointer): { type: number; shape: number[] } {
  const { api } = ort();
  const info = made((to) => api.GetTensorTypeAndShape(value, to));
  try {
    return typeAndShape(info);
  } finally {
    api.ReleaseTensorTypeAndShapeInfo(info);
  }
}

/** Element type and sizes of an OrtTensorTypeAndShapeInfo; -1 where a dimension may vary. @throws OrtError */
export function typeAndShape(info: Pointer): { type: number; shape: number[] } {
  const { api } = ort();
  const type = told((to) => api.GetTensorElementType(info, to));
  const rank = told((to) => api.GetDimensionsCount(info, to));
  const sizes = new BigInt64Array(Math.max(1, rank));
  check(api.GetDimensions(info, sizes, rank));
  return { type, shape: Array.from(sizes.subarray(0, rank), Number) };
}

function readStrings(value: Pointer, count: number): Uint8Array {
  if (count === 0) return new Uint8Array();
  const { api } = ort();
  const length = told((to) => api.GetStringTensorDataLength(value, to));
  const texts = new Uint8Array(Math.max(1, length));
  const starts = new BigUint64Array(count);
  check(api.GetStringTensorContent(value, texts, length, starts, count));
  const raw = new Uint8Array(length + count * lengthBytes);
  const view = new DataView(raw.buffer);
  let at = 0;
  for (let index = 0; index < count; index++) {
    const start = Number(starts[index]);
    const end = index + 1 < count ? Number(starts[index + 1]) : length;
    view.setUint32(at, end - start, true);
    raw.set(texts.subarray(start, end), at + lengthBytes);
    at += lengthBytes + end - start;
  }
  return raw;
}

/** Calls `use` with each part of a sequence or map, and releases it. */
function readParts<T>(value: Pointer, use: (part: Pointer) => T): T[] {
  const { api, allocator } = ort();
  const count = told((to) => api.GetValueCount(value, to));
  return Array.from({ length: count }, (_, index) => {
    const part = made((to) => api.GetValue(value, index, allocator, to));
    try {
      return use(part);
    } finally {
      api.ReleaseValue(part);
    }
  });
}

/** Keys in raw form, for comparing, and the values; both in memory of our own. */
function readMap(value: Pointer): { keys: Uint8Array; values: OrtResult } {
  const [keys, values] = readParts(value, (part) => copied(readTensor(part)));
  return { keys: keys!.source, values: values! };
}

function readSequence(value: Pointer): OrtResult {
  const { api } = ort();
  let firstKeys: Uint8Array | undefined;
  const rows = readParts(value, (part) => {
    if (told((to) => api.GetValueType(part, to)) !== valueKinds.map) return copied(readTensor(part));
    const { keys, values } = readMap(part);
    firstKeys ??= keys;
    if (Buffer.compare(firstKeys, keys) !== 0) {
      throw new UnfitValueError('the maps of an output have different keys and are no table');
    }
    return copied(values);
  });
  const first = rows[0];
  if (first === undefined)
    throw new UnfitValueError('an output is a sequence without elements, whose shape cannot be told');
  if (rows.some(({ type, shape }) => type !== first.type || shape.join() !== first.shape.join())) {
    throw new UnfitValueError('the tensors of an output have different shapes and cannot be stacked');
  }
  const source = Buffer.concat(rows.map((row) => row.source));
  return { type: first.type, shape: [rows.length, ...first.shape], byteLength: source.length, source };
}

/** A result that needs its value no longer. */
function copied({ type, shape, byteLength, source }: OrtResult): OrtResult & { source: Uint8Array } {
  if (source instanceof Uint8Array) return { type, shape, byteLength, source };
  const bytes = new Uint8Array(byteLength);
  if (byteLength > 0) ort().memcpy(bytes, source, byteLength);
  return { type, shape, byteLength, source: bytes };
}
