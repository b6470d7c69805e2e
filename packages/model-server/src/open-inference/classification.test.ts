import { describe, expect, it } from '@jest/globals';
import type { Datatype, Tensor } from '@tributary/contract';
import { classify } from './classification';

const floats = (shape: number[], ...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

function texts({ bytes }: Tensor): string[] {
  const all = Buffer.from(bytes);
  const out: string[] = [];
  for (let at = 0; at < all.length;) {
    const length = all.readUInt32LE(at);
    out.push(all.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  return out;
}

describe('classify', () => {
  it('gives score, index and label of the best classes of each row', () => {
    const labels = ['cat', 'dog', 'Löwe'];
    const classes = classify(floats([2, 3], 0.25, 0.5, 0.125, 1, 2, 3), 2, { batched: true, labels });
    expect(classes.datatype).toBe('BYTES');
    expect(classes.shape).toEqual([2, 2]);
    expect(texts(classes)).toEqual(['0.500000:1:dog', '0.250000:0:cat', '3.000000:2:Löwe', '2.000000:1:dog']);
  });

  it('has one row where the model is not batched, and no labels where they are for another number of classes', () => {
    const classes = classify(floats([1, 3], 1, 3, 2), 9, { batched: false, labels: ['only one'] });
    expect(classes.shape).toEqual([3]);
    expect(texts(classes)).toEqual(['3.000000:1', '2.000000:2', '1.000000:0']);
  });

  it('writes whole numbers as they are, 64-bit ones included', () => {
    const longs = {
      datatype: 'INT64',
      shape: [1, 2],
      bytes: new Uint8Array(BigInt64Array.of(-5n, 1n << 62n).buffer),
    } as const;
    expect(texts(classify(longs, 1, { batched: true, labels: [] }))).toEqual(['4611686018427387904:1']);
  });

  it.each(['BYTES', 'BOOL', 'FP16'] as Datatype[])('refuses outputs of %s', (datatype) => {
    const output = { datatype, shape: [1, 0], bytes: new Uint8Array(0) };
    expect(() => classify(output, 1, { batched: true, labels: [] })).toThrow("'classification' is not supported");
  });
});
