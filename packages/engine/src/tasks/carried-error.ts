import { refusal, TributaryError } from '@tributary/contract';
import type { CarriedError } from './messages';

/** A TributaryError for the way to another thread; what is none becomes INTERNAL. */
export function carryError(error: unknown): CarriedError {
  const { reason, message, details } = error instanceof TributaryError ? error : refusal('INTERNAL', {});
  return { reason, message, details };
}

/** The error that another thread sent. */
export function receiveError({ reason, message, details }: CarriedError, cause?: unknown): TributaryError {
  return new TributaryError(reason, message, details, cause === undefined ? undefined : { cause });
}
