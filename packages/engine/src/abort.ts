import { refusal, TributaryError } from '@tributary/contract';

/** What a call fails with when its signal aborts: the signal's own words where it has some. */
export function abortError(signal: AbortSignal): TributaryError {
  const reason: unknown = signal.reason;
  if (reason instanceof TributaryError) return reason;
  const isTimeout = reason instanceof Error && reason.name === 'TimeoutError';
  return isTimeout ? refusal('DEADLINE_EXCEEDED', {}) : refusal('CANCELLED', {});
}
