import type { Datatype } from './data-type';

/**
 * A tensor as it travels: everywhere from the socket to the worker it is its raw Open Inference bytes.
 * `bytes` is row-major and little-endian with no padding and no promised alignment; BOOL is one byte an element, FP16 and BF16 two;
 * BYTES is, for each element, a little-endian uint32 length and then the element.
 */
export interface Tensor {
  readonly datatype: Datatype;
  /** Size of each dimension; safe integers >= 0. */
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
  /** The same bytes where they lie in several places, in order. Then `bytes` joins them, a copy that is made when it is asked for. */
  readonly pieces?: readonly Uint8Array[] | undefined;
}

/** Tensors by name. A Map, because names come from models and callers ("__proto__" is one). */
export type Tensors = ReadonlyMap<string, Tensor>;

/** Length of a tensor's bytes; joins nothing. */
export function byteLengthOf(tensor: Tensor): number {
  const { pieces } = tensor;
  return pieces === undefined ? tensor.bytes.length : lengthOf(pieces);
}

/** Length of bytes that lie in several places. */
export function lengthOf(pieces: readonly Uint8Array[]): number {
  let length = 0;
  for (const piece of pieces) length += piece.length;
  return length;
}
