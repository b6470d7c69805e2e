import { describe, expect, it } from '@jest/globals';
import { eachLimited } from './each-limited';

describe('eachLimited', () => {
  it('works on every item once, no more than the limit at a time', async () => {
    const done: number[] = [];
    let running = 0;
    let most = 0;
    await eachLimited([1, 2, 3, 4, 5], 2, async (item) => {
      most = Math.max(most, ++running);
      await Promise.resolve();
      running--;
      done.push(item);
    });
    expect(done.sort()).toEqual([1, 2, 3, 4, 5]);
    expect(most).toBe(2);
  });

  it('throws the first failure and begins nothing after it', async () => {
    const begun: number[] = [];
    const work = (item: number): Promise<void> => {
      begun.push(item);
      return item === 2 ? Promise.reject(new Error('two')) : Promise.resolve();
    };
    await expect(eachLimited([1, 2, 3, 4, 5, 6], 1, work)).rejects.toThrow('two');
    expect(begun).toEqual([1, 2]);
  });

  it('does nothing for no items', async () => {
    await expect(eachLimited([], 3, () => Promise.reject(new Error('called')))).resolves.toBeUndefined();
  });
});
