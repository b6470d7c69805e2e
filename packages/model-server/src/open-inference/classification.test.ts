import { describe, expect, it } from '@jest/globals';
import type { Datatype, Tensor } from '@tributary/contract';
import { classify, maxClasses } from './classification';

const floats = (shape: number[], ...values: number[]): Tensor => ({
  datatype: 'FP32',
  shape,
  bytes: new Uint8Array(Float32Array.from(values).buffer),
});

const { signal } = new AbortController();

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
  it('gives score, index and label of the best classes of each row', async () => {
    const labels = ['cat', 'dog', 'Löwe'];
    const classes = await classify(floats([2, 3], 0.25, 0.5, 0.125, 1, 2, 3), 2, { batched: true, labels }, signal);
    expect(classes.datatype).toBe('BYTES');
    expect(classes.shape).toEqual([2, 2]);
    expect(texts(classes)).toEqual(['0.500000:1:dog', '0.250000:0:cat', '3.000000:2:Löwe', '2.000000:1:dog']);
  });

  it('has one row where the model is not batched, and no labels where they are for another number of classes', async () => {
    const classes = await classify(floats([1, 3], 1, 3, 2), 9, { batched: false, labels: ['only one'] }, signal);
    expect(classes.shape).toEqual([3]);
    expect(texts(classes)).toEqual(['3.000000:1', '2.000000:2', '1.000000:0']);
  });

  it('writes whole numbers as they are, 64-bit ones included', async () => {
    const longs = {
      datatype: 'INT64',
      shape: [1, 2],
      bytes: new Uint8Array(BigInt64Array.of(-5n, 1n << 62n).buffer),
    } as const;
    expect(texts(await classify(longs, 1, { batched: true, labels: [] }, signal))).toEqual(['4611686018427387904:1']);
  });

  it.each(['BYTES', 'BOOL', 'FP16'] as Datatype[])('refuses outputs of %s', async (datatype) => {
    const output = { datatype, shape: [1, 0], bytes: new Uint8Array(0) };
    await expect(classify(output, 1, { batched: true, labels: [] }, signal)).rejects.toThrow(
      "'classification' is not supported",
    );
  });

  it('answers all of 240,000 classes while the event loop goes on', async () => {
    const count = 240_000;
    const values = Float32Array.from({ length: count }, (_, index) => index);
    const output: Tensor = { datatype: 'FP32', shape: [1, count], bytes: new Uint8Array(values.buffer) };
    let ended = false;
    let turns = 0;
    const turn = (): void => {
      turns++;
      if (!ended) setImmediate(turn);
    };
    setImmediate(turn);
    const classes = await classify(output, count, { batched: true, labels: [] }, signal);
    ended = true;
    expect(turns).toBeGreaterThan(4);
    expect(classes.shape).toEqual([1, count]);
    const best = texts(classes);
    expect(best).toHaveLength(count);
    expect([best[0], best[count - 1]]).toEqual(['239999.000000:239999', '0.000000:0']);
  });

  it('stops where nobody waits for the answer any more', async () => {
    const caller = new AbortController();
    const output = { datatype: 'UINT8', shape: [1, maxClasses], bytes: new Uint8Array(maxClasses) } as const;
    const answer = classify(output, maxClasses, { batched: true, labels: [] }, caller.signal);
    caller.abort(new Error('gone'));
    await expect(answer).rejects.toThrow('gone');
  });

  it('refuses more classes than one answer holds', async () => {
    const output = { datatype: 'UINT8', shape: [2, maxClasses], bytes: new Uint8Array(2 * maxClasses) } as const;
    await expect(classify(output, maxClasses, { batched: true, labels: [] }, signal)).rejects.toMatchObject({
      reason: 'PARAMETER_INVALID',
    });
    const few = await classify(output, 3, { batched: true, labels: [] }, signal);
    expect(few.shape).toEqual([2, 3]);
  });
});
