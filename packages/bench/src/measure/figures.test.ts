import { describe, expect, it } from '@jest/globals';
import { measureTimes, type TimedWork } from './figures';

describe('measureTimes', () => {
  it('times both sides in turn, in changing order, and does not count the first round', async () => {
    const order: string[] = [];
    const work = (name: string, times: number[]): TimedWork => ({
      name,
      milliseconds: () => {
        order.push(name);
        return Promise.resolve(times.shift()!);
      },
    });
    const told: string[] = [];
    const result = await measureTimes(work('a', [900, 30, 20]), work('b', [100, 10, 20]), 2, (name) => told.push(name));
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b']);
    expect(told).toEqual(order);
    expect(result.ratios).toEqual([3, 1]);
    expect(result.numerator).toEqual({ name: 'a', milliseconds: { median: 25, min: 20, max: 30 } });
  });
});
