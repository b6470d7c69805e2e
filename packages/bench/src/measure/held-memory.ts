import { setTimeout as wait } from 'node:timers/promises';
import { pssBytesOfTree } from '../process/process-memory';

const sampleMs = 100;

/** Proportional set size over some time, in bytes. */
export interface HeldMemory {
  /** What stays: collectors give the rest back sooner or later. */
  readonly leastBytes: number;
  readonly mostBytes: number;
}

/** Watches the memory of a process that should be at rest, and of those that it started, for some milliseconds. */
export async function watchMemory(pid: number, forMs: number): Promise<HeldMemory> {
  let [leastBytes, mostBytes] = [Number.POSITIVE_INFINITY, 0];
  const endAt = performance.now() + forMs;
  do {
    const bytes = await pssBytesOfTree(pid);
    leastBytes = Math.min(leastBytes, bytes);
    mostBytes = Math.max(mostBytes, bytes);
    await wait(sampleMs);
  } while (performance.now() < endAt);
  return { leastBytes, mostBytes };
}
