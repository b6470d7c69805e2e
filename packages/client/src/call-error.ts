import { decodeStatusDetails, statusDetailsKey, statusName } from '@tributary/contract';
import type { HopAnswer, HopMetadata } from './hop';

/** A call that was not answered well. */
export class CallError extends Error {
  override readonly name = 'CallError';
  /** gRPC status code. */
  readonly code: number;
  /** gRPC status message. */
  readonly details: string;
  /** Reason of the error catalogue; undefined where the server did not say or is none of ours. */
  readonly reason: string | undefined;
  /** Path of the offending field in the request. */
  readonly field: string | undefined;
  readonly expected: string | undefined;
  readonly got: string | undefined;
  /** The server's wish when to try again, in milliseconds. */
  readonly retryDelayMs: number | undefined;
  readonly headers: HopMetadata;
  readonly trailers: HopMetadata;

  constructor(answer: HopAnswer) {
    super(`${statusName(answer.code)}: ${answer.details}`);
    this.code = answer.code;
    this.details = answer.details;
    this.headers = answer.headers;
    this.trailers = answer.trailers;
    const { reason, details } = readDetails(answer);
    this.reason = reason;
    this.field = details.field;
    this.expected = details.expected;
    this.got = details.got;
    this.retryDelayMs = details.retryDelayMs;
  }
}

function readDetails(answer: HopAnswer): Pick<ReturnType<typeof decodeStatusDetails>, 'reason' | 'details'> {
  const bytes = answer.trailers.get(statusDetailsKey)?.[0];
  if (!Buffer.isBuffer(bytes)) return { reason: undefined, details: {} };
  try {
    return decodeStatusDetails(bytes);
  } catch {
    // Details that cannot be read say nothing; code and message stand.
    return { reason: undefined, details: {} };
  }
}
