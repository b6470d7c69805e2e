import { status as Status } from '@grpc/grpc-js';
import {
  encodeStatusDetails,
  printableMessage,
  refusal,
  statusDetailsKey,
  statusOf,
  TributaryError,
} from '@tributary/contract';
import { RelayedStatus } from '../relayed-status';
import { OutgoingMetadata, pushbackKey } from './metadata';

/** Longest relayed status message, in UTF-16 units. Ours are shorter. */
const maxRelayedLength = 4096;

/** How a call ends. */
export interface CallStatus {
  readonly code: Status;
  /** Well-formed text: half a surrogate pair would throw inside grpc-js and end the process. */
  readonly details: string;
  /** Undefined where another server decided. */
  readonly reason: string | undefined;
  readonly trailers: OutgoingMetadata;
  /** What the log should hold and the caller must not see: the defect behind an INTERNAL. */
  readonly defect: unknown;
}

/**
 * The one place where what a handler throws becomes a gRPC status. A TributaryError says so itself, a RelayedStatus passes,
 * everything else is a defect: the caller learns "internal error" and the request id, the log learns all.
 */
export function toCallStatus(thrown: unknown, requestId: string): CallStatus {
  if (thrown instanceof RelayedStatus) {
    const details = thrown.details.slice(0, maxRelayedLength).toWellFormed();
    return {
      code: codeOf(thrown.code),
      details,
      reason: undefined,
      trailers: new OutgoingMetadata(),
      defect: undefined,
    };
  }
  if (!(thrown instanceof TributaryError)) {
    return ofError(refusal('INTERNAL', {}), `internal error (request id ${requestId})`, thrown ?? 'nothing was thrown');
  }
  const defect = thrown.reason === 'INTERNAL' ? (thrown.cause ?? thrown) : undefined;
  return ofError(thrown, thrown.message, defect);
}

function ofError(error: TributaryError, message: string, defect: unknown): CallStatus {
  const trailers = new OutgoingMetadata();
  trailers.set(statusDetailsKey, encodeStatusDetails(error));
  const { retryDelayMs } = error.details;
  if (retryDelayMs !== undefined) trailers.set(pushbackKey, String(Math.ceil(retryDelayMs)));
  return {
    code: codeOf(statusOf(error)),
    details: printableMessage(message),
    reason: error.reason,
    trailers,
    defect,
  };
}

/** OK is no failure, and numbers that gRPC does not know are UNKNOWN. */
function codeOf(code: number): Status {
  if (code === 0 || !(code in Status)) return Status.UNKNOWN;
  // eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- just checked
  return code;
}
