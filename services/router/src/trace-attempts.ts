import type { BalancedCall, HopMetadata } from '@tributary/client';
import { Status, type TributaryError } from '@tributary/contract';
import { endRpcSpan, isTraceparent, type CallContext, type Span, type Tracer } from '@tributary/serve';

const traceparentKey = 'traceparent';

/**
 * The metadata of a call that is not traced: where no trace of the caller's says so already, ours does, so that the service does not begin
 * one of its own.
 */
export function markUntraced(tracer: Tracer, metadata: Map<string, readonly (string | Buffer)[]>): void {
  if (!isTraceparent(metadata.get(traceparentKey)?.[0])) metadata.set(traceparentKey, [tracer.untraced()]);
}

/** Makes a span for each attempt of a call, which the upstream goes on from. */
export function traceAttempts(
  span: Span,
  context: CallContext,
  model: string | undefined,
  metadata: HopMetadata,
): NonNullable<BalancedCall['watch']> {
  if (model !== undefined) span.attributes['tributary.model.name'] = model;
  const method = context.path.slice(1);
  let attempts = 0;
  return (upstream) => {
    const attempt = span.child(method, 'client', performance.now());
    const port = upstream.address.lastIndexOf(':');
    attempts += 1;
    Object.assign(attempt.attributes, {
      'server.address': upstream.address.slice(0, port),
      'server.port': Number(upstream.address.slice(port + 1)),
      'tributary.hop': upstream.hop,
      'tributary.attempt': attempts,
    });
    return {
      metadata: new Map(metadata).set(traceparentKey, [attempt.traceparent]),
      ended: ({ code }) => endRpcSpan(attempt, method, endOf(code, context), undefined, performance.now()),
    };
  };
}

/** The deadline ends an attempt either by its own timer or by the signal of the call, whichever comes first: for a trace they are one. */
function endOf(code: number, { ending }: CallContext): number {
  if (code !== Status.CANCELLED || !ending.aborted) return code;
  const { reason } = ending.reason as Partial<TributaryError>;
  return reason === 'DEADLINE_EXCEEDED' ? Status.DEADLINE_EXCEEDED : code;
}
