import type { Tensor } from '@tributary/contract';

/** The values of an FP32 tensor, row-major: a view where the bytes are aligned, else a copy. */
export function float32Values(tensor: Tensor): Float32Array {
  if (tensor.datatype !== 'FP32') throw new Error(`expected an FP32 tensor, got ${tensor.datatype}`);
  const { buffer, byteOffset, byteLength } = tensor.bytes;
  const count = byteLength / Float32Array.BYTES_PER_ELEMENT;
  return byteOffset % Float32Array.BYTES_PER_ELEMENT === 0
    ? new Float32Array(buffer, byteOffset, count)
    : new Float32Array(tensor.bytes.slice().buffer, 0, count);
}

/** An INT64 tensor of small whole numbers (int32, row-major), written as pairs of words: BigInt64Array costs ten times as much. */
export function int64Tensor(shape: readonly number[], values: Int32Array): Tensor {
  const words = new Int32Array(values.length * 2);
  for (let index = 0; index < values.length; index++) {
    words[2 * index] = values[index]!;
    words[2 * index + 1] = values[index]! < 0 ? -1 : 0;
  }
  return { datatype: 'INT64', shape, bytes: new Uint8Array(words.buffer) };
}
