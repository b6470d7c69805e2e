import { Status, statusName } from '@tributary/contract';
import type { Span } from './span';

/** Codes by which a server says that the fault is its own; the others are the caller's, or nobody's. */
const serverFaults: ReadonlySet<number> = new Set([
  Status.UNKNOWN,
  Status.DEADLINE_EXCEEDED,
  Status.UNIMPLEMENTED,
  Status.INTERNAL,
  Status.UNAVAILABLE,
  Status.DATA_LOSS,
]);

/**
 * Ends the span of an RPC, with the attributes and the status of OpenTelemetry's semantic conventions for gRPC.
 * @param method e.g. `tributary.nlp.v1.NlpService/Embed`
 * @param code gRPC status
 * @param reason of the catalogue, where it failed with one
 */
export function endRpcSpan(span: Span, method: string, code: number, reason: string | undefined, endMs: number): void {
  const { attributes } = span;
  const slash = method.lastIndexOf('/');
  attributes['rpc.system'] = 'grpc';
  attributes['rpc.service'] = method.slice(0, slash);
  attributes['rpc.method'] = method.slice(slash + 1);
  attributes['rpc.grpc.status_code'] = code;
  if (code !== Status.OK) attributes['error.type'] = reason ?? statusName(code);
  span.isFailed = span.kind === 'server' ? serverFaults.has(code) : code !== Status.OK;
  span.end(endMs);
}
