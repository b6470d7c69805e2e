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
});
