import * as workerThreads from 'node:worker_threads';
import type { Tensor, Tensors } from '@tributary/contract';

/**
 * Whether a buffer refuses to be moved, as memory of native libraries does (sharp's pictures). Since Node 22 moving such a one
 * throws; Node 20 has no way to ask and copies it silently.
 */
const { isMarkedAsUntransferable = (): boolean => false } = workerThreads as {
  isMarkedAsUntransferable?: (value: object) => boolean;
};

/** Bytes ready to be moved to another thread: themselves where they fill a buffer that can be moved, else a copy. */
export function toTransferable(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, byteLength } = bytes;
  // Nothing to move, or moved before: a buffer without an owner would be lost on the way, and its message with it.
  if (byteLength === 0) return new Uint8Array();
  // Buffers of Node's pool, and views of a batch's output, share their buffer with others.
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && !isMarkedAsUntransferable(buffer))
    return bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(bytes);
}

/** A copy that can be moved. */
export function copyToTransfer(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(bytes.byteLength);
  copy.set(bytes);
  return copy;
}

/** Tensors ready to be moved, as entries. */
export function toTransferableTensors(
  tensors: Tensors,
): (readonly [string, Tensor & { bytes: Uint8Array<ArrayBuffer> }])[] {
  return [...tensors].map(([name, { datatype, shape, bytes }]) => [
    name,
    { datatype, shape, bytes: toTransferable(bytes) },
  ]);
}

/** The buffers of movable tensors, each once. */
export function buffersOf(
  tensors: readonly (readonly [string, { readonly bytes: Uint8Array<ArrayBuffer> }])[],
): ArrayBuffer[] {
  return [...new Set(tensors.map(([, tensor]) => tensor.bytes.buffer))];
}
