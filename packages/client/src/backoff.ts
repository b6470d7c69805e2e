import type { Random } from './choose-upstream';

const firstMs = 50;
const longestMs = 5_000;

/**
 * Pause before the next attempt after `failures` failures in a row (1 or more), in milliseconds: doubles from 50 ms to 5 s,
 * half of it by chance, so that many routers do not come back in step.
 */
export function backoffMs(failures: number, random: Random): number {
  const full = Math.min(longestMs, firstMs * 2 ** Math.min(failures - 1, 16));
  return full / 2 + (full / 2) * random();
}
