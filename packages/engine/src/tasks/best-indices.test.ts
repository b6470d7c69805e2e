import { describe, expect, it } from '@jest/globals';
import { bestIndices } from './best-indices';

describe('bestIndices', () => {
  it('ranks by score, equal scores in order of index', () => {
    expect(bestIndices([0.1, 0.5, 0.3, 0.5, 0.2], 3)).toEqual([1, 3, 2]);
  });

  it('agrees with a full sort', () => {
    const scores = Float32Array.from({ length: 500 }, (_, index) => (index * 7919) % 97);
    const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
    expect(bestIndices(scores, 40)).toEqual(sorted.slice(0, 40));
    expect(bestIndices(scores, 1000)).toEqual(sorted);
  });

  it('leaves out what is not allowed', () => {
    expect(bestIndices([3, 2, 1], 2, (index) => index !== 0)).toEqual([1, 2]);
    expect(bestIndices([3, 2, 1], 2, () => false)).toEqual([]);
  });

  it('puts NaN last', () => {
    expect(bestIndices([NaN, -1, 2], 3)).toEqual([2, 1, 0]);
  });

  it('agrees with a full sort whatever the order of the scores and the count', () => {
    const orders: ((index: number) => number)[] = [(index) => index, (index) => -index, () => 1, (index) => index % 3];
    for (const order of orders) {
      const scores = Float64Array.from({ length: 1000 }, (_, index) => order(index));
      const sorted = [...scores.keys()].sort((a, b) => scores[b]! - scores[a]! || a - b);
      for (const count of [0, 1, 2, 999, 1000, 1001, Infinity])
        expect(bestIndices(scores, count)).toEqual(sorted.slice(0, Math.min(count, 1000)));
    }
    expect(bestIndices([], 3)).toEqual([]);
  });

  it('compares each score with few others, however many are asked for', () => {
    const count = 100_000;
    let reads = 0;
    const scores = new Proxy(
      { length: count },
      { get: (_, name) => (name === 'length' ? count : (reads++, Number(name))) },
    ) as unknown as ArrayLike<number>;
    expect(bestIndices(scores, count).slice(0, 2)).toEqual([count - 1, count - 2]);
    expect(reads).toBeLessThan(count * Math.log2(count) * 5);
  });
});
