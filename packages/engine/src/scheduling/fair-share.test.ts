import { describe, expect, it } from '@jest/globals';
import { leastServed, rejoin, type Share } from './fair-share';

describe('leastServed', () => {
  it('picks the competitor that had least, of equals the first', () => {
    const [a, b, c] = [{ usedUs: 5 }, { usedUs: 3 }, { usedUs: 3 }];
    expect(leastServed([a, b, c])).toBe(b);
    expect(leastServed(new Array<Share>())).toBeUndefined();
  });

  it('divides time evenly between runs of any length', () => {
    const long = { usedUs: 0, runUs: 90 };
    const short = { usedUs: 0, runUs: 7 };
    for (let turn = 0; turn < 1000; turn++) {
      const next = leastServed([long, short])!;
      next.usedUs += next.runUs;
    }
    expect(Math.abs(long.usedUs - short.usedUs)).toBeLessThanOrEqual(90);
  });
});

describe('rejoin', () => {
  it('gives no credit for idle time, and takes none away', () => {
    const idle = { usedUs: 10 };
    rejoin(idle, [{ usedUs: 500 }, { usedUs: 400 }]);
    expect(idle.usedUs).toBe(400);
    const ahead = { usedUs: 900 };
    rejoin(ahead, [{ usedUs: 500 }]);
    expect(ahead.usedUs).toBe(900);
    rejoin(ahead, []);
    expect(ahead.usedUs).toBe(900);
  });
});
