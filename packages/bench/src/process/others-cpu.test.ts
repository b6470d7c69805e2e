import { describe, expect, it } from '@jest/globals';
import { othersIn } from './others-cpu';

describe('othersIn', () => {
  it('is all that is no idle time, less what a process and its ended children used', () => {
    // user, nice, system, idle, iowait, irq, softirq, steal
    const machine = 'cpu  1000 200 300 90000 4000 10 20 500 0 0\ncpu0 1 1 1 1 1 1 1 1 0 0\n';
    // utime, stime, cutime, cstime are the 14th to the 17th.
    const own = '42 (a (b) c) R 1 42 42 0 -1 0 1 2 3 4 100 50 300 80 20 0 1 0 12345';
    expect(othersIn(machine, own)).toBeCloseTo((1530 - 530) / 100);
  });
});
