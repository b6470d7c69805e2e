import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  readonly signal: AbortSignal;
  /** Default 3 minutes. */
  readonly timeoutMs?: number;
  /** Default 250 ms. */
  readonly intervalMs?: number;
}

/**
 * Asks until the answer is yes: for programs that tell nobody when they are ready.
 * @throws Error naming `what` once the time is over; the signal's reason; what `question` throws
 */
export async function until(
  what: string,
  question: () => boolean | Promise<boolean>,
  { signal, timeoutMs = 180_000, intervalMs = 250 }: UntilOptions,
): Promise<void> {
  const end = performance.now() + timeoutMs;
  while (!(await question())) {
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
    await pause(intervalMs, undefined, { signal });
  }
}
