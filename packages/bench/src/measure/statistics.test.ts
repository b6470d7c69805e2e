import { describe, expect, it } from '@jest/globals';
import { exponential, median, seededRandom, spread } from './statistics';

describe('statistics', () => {
  it('takes the middle of an odd count and the mean of the middle two of an even one', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([9, 1, 5, 6])).toBe(5.5);
    expect(median([3])).toBe(3);
  });

  it('sorts as numbers, not as text', () => {
    expect(median([10, 9, 100])).toBe(10);
  });

  it('refuses the median of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });

  it('reports median, smallest and largest', () => {
    expect(spread([0.6, 0.5, 0.9])).toEqual({ median: 0.6, min: 0.5, max: 0.9 });
  });

  it('gives the same numbers for the same seed and others for another', () => {
    const take = (seed: number): number[] => Array.from({ length: 5 }, seededRandom(seed));
    expect(take(7)).toEqual(take(7));
    expect(take(7)).not.toEqual(take(8));
  });

  it('spreads random numbers evenly over [0, 1)', () => {
    const random = seededRandom(1);
    const tenths = new Array<number>(10).fill(0);
    for (let draw = 0; draw < 100_000; draw++) tenths[Math.floor(random() * 10)]!++;
    for (const count of tenths) expect(Math.abs(count - 10_000)).toBeLessThan(500);
  });

  it('spaces Poisson arrivals by their mean, with the spread of an exponential', () => {
    const random = seededRandom(2);
    const gaps = Array.from({ length: 100_000 }, () => exponential(random, 4));
    const mean = gaps.reduce((sum, gap) => sum + gap) / gaps.length;
    const deviation = Math.sqrt(gaps.reduce((sum, gap) => sum + (gap - mean) ** 2, 0) / gaps.length);
    expect(mean).toBeCloseTo(4, 1);
    expect(deviation).toBeCloseTo(4, 1);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(0);
  });
});
