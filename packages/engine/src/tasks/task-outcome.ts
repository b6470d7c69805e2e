import { Status, statusOf, type StatusCode, type TributaryError } from '@tributary/contract';

const cancelledStatuses: ReadonlySet<StatusCode> = new Set([Status.CANCELLED, Status.DEADLINE_EXCEEDED]);
const refusedStatuses: ReadonlySet<StatusCode> = new Set([
  Status.INVALID_ARGUMENT,
  Status.NOT_FOUND,
  Status.RESOURCE_EXHAUSTED,
]);

/** How a task call ended, for the counts. */
export function taskOutcome(error: TributaryError | undefined): 'ok' | 'rejected' | 'cancelled' | 'failed' {
  if (error === undefined) return 'ok';
  const status = statusOf(error);
  if (cancelledStatuses.has(status)) return 'cancelled';
  return refusedStatuses.has(status) ? 'rejected' : 'failed';
}
