import { refusal, type TributaryError } from '@tributary/contract';
import type { ModelQueue } from './model-queue';
import type { Priority } from './priority';

/** What a call says of itself before its tensors are looked at. */
export interface Applicant {
  readonly priority: Priority;
  /** Milliseconds until its deadline; undefined: it has none. */
  readonly remainingMs: number | undefined;
}

/** Who runs what waits in a queue. */
export interface LaneShare {
  readonly lanes: number;
  /** Models that want these lanes now, the one of the queue included. */
  readonly competitors: number;
}

/** From here on pushback is told in steps of this many milliseconds: no prediction is better, and equal refusals are encoded once. */
const pushbackStepMs = 10;

/**
 * Why a call may not join a queue: there is no place, or its answer is predicted to come after its deadline.
 * @param shareOf asked only where it matters
 * @returns undefined where it may
 */
export function refusalAtDoor(
  queue: ModelQueue,
  { priority, remainingMs }: Applicant,
  shareOf: (queue: ModelQueue) => LaneShare,
): TributaryError | undefined {
  // With nothing ahead of it a call is tried: the mean may be of other times.
  if (!queue.isFull && (remainingMs === undefined || queue.waiting.length === 0)) return undefined;
  const endMs = queue.predictedEndMs(performance.now(), priority, shareOf(queue));
  if (queue.isFull) return refusal('QUEUE_FULL', {}, { retryDelayMs: pushbackMs(endMs) });
  if (remainingMs === undefined || endMs <= remainingMs) return undefined;
  return refusal('WAIT_TOO_LONG', {}, { retryDelayMs: pushbackMs(endMs - remainingMs) });
}

function pushbackMs(waitMs: number): number {
  return waitMs < pushbackStepMs ? Math.ceil(waitMs) : Math.ceil(waitMs / pushbackStepMs) * pushbackStepMs;
}
