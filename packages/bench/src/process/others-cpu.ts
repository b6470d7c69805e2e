import { readFileSync } from 'node:fs';

/** Fields of the first line of `/proc/stat` that are no idle time: user, nice, system, irq, softirq (proc_stat(5)). */
const busyFields = [0, 1, 2, 5, 6] as const;
/** Fields 14 to 17 of proc_pid_stat(5), behind the command: own user and system time, and that of children that have ended. */
const ownFields = [11, 12, 13, 14] as const;
const ticksPerSecond = 100;

/**
 * Starts to watch what the machine does beside this process and those it starts; the function says how many cores others kept
 * busy meanwhile. Call it when the processes started in between have ended. Undefined where the system does not tell.
 */
export function startOthersMeter(): () => number | undefined {
  const before = otherSeconds();
  const startedAt = performance.now();
  return () => {
    const after = otherSeconds();
    if (before === undefined || after === undefined) return undefined;
    return Math.max(0, (after - before) / ((performance.now() - startedAt) / 1000));
  };
}

function otherSeconds(): number | undefined {
  try {
    return othersIn(readFileSync('/proc/stat', 'latin1'), readFileSync('/proc/self/stat', 'latin1'));
  } catch {
    return undefined;
  }
}

/** Seconds of CPU that the machine has spent (`/proc/stat`) less those of a process and its ended children (`/proc/<pid>/stat`). */
export function othersIn(machineStat: string, ownStat: string): number {
  const machine = machineStat.split('\n')[0]!.split(/ +/).slice(1).map(Number);
  // The command, in parentheses, may hold spaces and parentheses itself.
  const own = ownStat
    .slice(ownStat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const sum = (values: readonly number[], fields: readonly number[]): number =>
    fields.reduce((total, field) => total + values[field]!, 0);
  return (sum(machine, busyFields) - sum(own, ownFields)) / ticksPerSecond;
}
