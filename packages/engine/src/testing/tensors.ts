import type { Datatype, Tensor } from '@tributary/contract';

/** A tensor over the bytes of a typed array (no copy). */
export function tensor(datatype: Datatype, shape: readonly number[], data: ArrayBufferView): Tensor {
  return { datatype, shape, bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) };
}

/** An FP32 tensor of the given values. */
export function fp32(shape: readonly number[], values: readonly number[]): Tensor {
  return tensor('FP32', shape, Float32Array.from(values));
}

/** An INT64 tensor of the given integers. */
export function int64(shape: readonly number[], values: readonly (number | bigint)[]): Tensor {
  return tensor('INT64', shape, BigInt64Array.from(values, BigInt));
}

/** A BYTES tensor: each element behind its little-endian uint32 length. */
export function strings(shape: readonly number[], values: readonly (string | Uint8Array)[]): Tensor {
  const parts = values.flatMap((value) => {
    const element = Buffer.from(value);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(element.length);
    return [length, element];
  });
  return { datatype: 'BYTES', shape, bytes: Buffer.concat(parts) };
}

/** The values of an FP32 tensor, copied to be readable at any alignment. */
export function fp32Values(from: Tensor): number[] {
  return [...new Float32Array(new Uint8Array(from.bytes).buffer)];
}

/** The elements of a BYTES tensor as text. */
export function stringValues(from: Tensor): string[] {
  const bytes = Buffer.from(from.bytes);
  const values: string[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32LE(at);
    values.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return values;
}

/** The values of an INT64 tensor, copied to be readable at any alignment. */
export function int64Values(from: Tensor): bigint[] {
  return [...new BigInt64Array(new Uint8Array(from.bytes).buffer)];
}
