import { openSync, readSync } from 'node:fs';
import { cpuUsage } from 'node:process';

/** CPU time of the thread that asks, in microseconds. */
export type ThreadClock = () => number;

/**
 * Opens the CPU clock of this thread, for what it spent no matter how often others took its core. Linux only: Node 20 tells the time of
 * the process alone. Undefined where there is none.
 */
export function openThreadClock(): ThreadClock | undefined {
  try {
    const file = openSync('/proc/thread-self/schedstat', 'r');
    const line = Buffer.alloc(96);
    const clock = (): number => {
      // The kernel brings the thread's own figure up to date when it sums those of the process, not when the file is read.
      cpuUsage();
      const end = readSync(file, line, 0, line.length, 0);
      let nanoseconds = 0;
      for (let at = 0; at < end && line[at] !== 0x20; at++) nanoseconds = nanoseconds * 10 + line[at]! - 0x30;
      return nanoseconds / 1000;
    };
    // Kernels without scheduler statistics show zeros.
    return clock() > 0 ? clock : undefined;
  } catch {
    return undefined;
  }
}
