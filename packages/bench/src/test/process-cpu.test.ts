import { describe, expect, it } from '@jest/globals';
import { cpuSecondsOf } from '../process/process-cpu';

describe('cpuSecondsOf', () => {
  const onLinux = process.platform === 'linux' ? it : it.skip;

  onLinux('agrees with what the process says of itself', () => {
    const { user, system } = process.cpuUsage();
    expect(Math.abs(cpuSecondsOf(process.pid)! - (user + system) / 1e6)).toBeLessThan(0.1);
  });

  it('knows nothing of a process that does not exist', () => {
    expect(cpuSecondsOf(2 ** 30)).toBeUndefined();
  });
});
