import { describe, expect, it } from '@jest/globals';
import { backoffMs } from './backoff';

describe('backoffMs', () => {
  it('doubles from 50 ms to 5 s', () => {
    const longest = (failures: number): number => backoffMs(failures, () => 1);
    expect([1, 2, 3, 7, 8, 1_000_000].map(longest)).toEqual([50, 100, 200, 3_200, 5_000, 5_000]);
  });

  it('leaves half of the pause to chance', () => {
    expect(backoffMs(2, () => 0)).toBe(50);
    expect(backoffMs(2, () => 0.5)).toBe(75);
  });
});
