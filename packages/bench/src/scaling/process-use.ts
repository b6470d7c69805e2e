import { setTimeout as wait } from 'node:timers/promises';
import type { Bench } from '../keys/key';
import { watchMemory } from '../measure/held-memory';
import { cpuSecondsOf } from '../process/process-cpu';

/** CPU that processes have used together since their start, in seconds. */
export function cpuSecondsOfAll(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const seconds = cpuSecondsOf(pid);
    if (seconds === undefined) throw new Error('the system does not tell what CPU a process takes');
    return sum + seconds;
  }, 0);
}

/** What processes hold on to while nothing is asked of them, together, in bytes. */
export async function bytesAtRest(bench: Pick<Bench, 'quick'>, pids: readonly number[]): Promise<number> {
  const held = await Promise.all(pids.map((pid) => watchMemory(pid, bench.quick ? 200 : 3_000)));
  return held.reduce((sum, { leastBytes }) => sum + leastBytes, 0);
}

/** CPU that each set of processes uses while nothing is asked of them, in percent of a core. */
export async function cpuAtRest(
  bench: Pick<Bench, 'quick'>,
  sets: readonly (readonly number[])[],
): Promise<readonly number[]> {
  const forMs = bench.quick ? 2_000 : 30_000;
  const before = sets.map(cpuSecondsOfAll);
  await wait(forMs);
  return sets.map((pids, index) => ((cpuSecondsOfAll(pids) - before[index]!) * 1e5) / forMs);
}
