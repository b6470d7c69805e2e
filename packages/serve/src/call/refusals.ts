import { refusal, statusName, type TributaryError } from '@tributary/contract';
import type { CallerOfCall } from '../access/access';
import type { MethodMetrics } from '../metrics/serve-metrics';
import { maxMetadataBytes } from './arrival';
import { toCallStatus, type CallStatus } from './call-status';
import { acceptedEncodings, requestIdKey } from './call-wire';
import type { FailureLog } from './failure-log';
import { offered, type ReceivedMetadata } from './metadata';
import { requestIdFrom } from './request-id';
import type { ServedMethod } from './served-methods';

/** What a refusal is counted under. */
type Counted = Pick<ServedMethod, 'label' | 'metrics'>;

/** Ends of what never became a call; they are counted and logged as calls are. Each has the status that its caller gets. */
export class Refusals {
  private readonly ownUnknown: Counted;

  /** @param unknownMethod counters of calls to methods that nobody has: names that callers make up become no label */
  constructor(
    private readonly failureLog: FailureLog,
    unknownMethod: MethodMetrics,
  ) {
    this.ownUnknown = { label: 'unknown', metrics: unknownMethod };
  }

  unknown(received: ReceivedMetadata, path: string): CallStatus {
    return this.count(received, this.ownUnknown, refusal('METHOD_UNKNOWN', { method: path }));
  }

  compressionUnsupported(received: ReceivedMetadata, method: ServedMethod, encoding: string): CallStatus {
    const args = { expected: acceptedEncodings.replaceAll(',', ', '), got: encoding };
    return this.count(received, method, refusal('COMPRESSION_UNSUPPORTED', args, { field: 'grpc-encoding' }));
  }

  metadataTooLarge(received: ReceivedMetadata, method: ServedMethod): CallStatus {
    return this.count(received, method, refusal('METADATA_TOO_LARGE', { expected: maxMetadataBytes }));
  }

  /** @param method undefined: nobody has it, which who may not call does not learn */
  denied(
    received: ReceivedMetadata,
    method: ServedMethod | undefined,
    reason: TributaryError,
    caller: CallerOfCall | undefined,
  ): CallStatus {
    return this.count(received, method ?? this.ownUnknown, reason, caller);
  }

  /** For every other reason. */
  count(
    received: ReceivedMetadata,
    { label, metrics }: Counted,
    reason: TributaryError,
    caller?: CallerOfCall,
  ): CallStatus {
    const requestId = requestIdFrom(offered(received, requestIdKey));
    const status = toCallStatus(reason, requestId);
    status.trailers.set(requestIdKey, requestId);
    metrics.ended(status.code, 0, status.reason);
    this.failureLog.failed({
      requestId,
      method: label,
      caller: caller?.name,
      code: statusName(status.code),
      durationMs: 0,
      status,
    });
    return status;
  }
}
