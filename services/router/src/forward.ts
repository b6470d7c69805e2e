import {
  maxLosses,
  previousAttemptsKey,
  type BalancedAnswer,
  type Balancer,
  type HopMetadata,
  type Upstream,
} from '@tributary/client';
import { readModelNameOfPieces, refusal, Status, type RpcMethod } from '@tributary/contract';
import { forwardedCallerKey, RelayedStatus, type CallContext, type PiecesHandler, type Tracer } from '@tributary/serve';
import type { InitialSync } from './initial-sync';
import type { RequestBuffers } from './request-buffers';
import { resolveCall } from './resolve-call';
import type { RoutingTable } from './routing-table';
import { markUntraced, traceAttempts } from './trace-attempts';

const requestIdKey = 'x-request-id';

/** What forwarding needs of the router around it. */
export interface ForwardOptions {
  readonly table: RoutingTable;
  readonly sight: InitialSync;
  readonly balancer: Balancer;
  readonly buffers: RequestBuffers;
  readonly settings: {
    /** Keys of request metadata that go to the upstream, in lower case. The request id always does. */
    readonly forwardMetadata: readonly string[];
    readonly maxAnswerBytes: number;
  };
  /** Undefined: no call is traced. */
  readonly tracer: Tracer | undefined;
  /** Told of each call that was sent somewhere. */
  readonly observe: (model: string | undefined, code: number) => void;
}

/**
 * Passes the calls of a method on to an upstream that has the model: the bytes of the request and of the answer, the time
 * left, cancellation, metadata that is allowed; code, details, headers and trailers of the upstream come back unchanged.
 */
export function forward(method: RpcMethod, options: ForwardOptions): PiecesHandler {
  const { table, sight, balancer, buffers, settings, observe } = options;
  return async (pieces, context) => {
    const named = readModelNameOfPieces(method, pieces);
    const destination = sight.isOver
      ? resolveCall(table, method, named)
      : await sight.ask(() => resolveCall(table, method, named), context.ending);
    const gathered = buffers.gather(pieces);
    const { model } = destination;
    let attempts = 0;
    const candidates = (): readonly Upstream[] => {
      attempts += 1;
      return destination.candidates();
    };
    const metadata = metadataFor(context, options);
    const answer = await balancer.call(candidates, {
      path: method.path,
      request: gathered === undefined ? pieces : [gathered],
      metadata,
      watch: context.span && traceAttempts(context.span, context, model, metadata),
      signal: context.ending,
      // Another router has sent it to one of the upstreams.
      lostBefore: context.metadataValues(previousAttemptsKey) === undefined ? 0 : 1,
      remainingMs: () => context.remainingMs(),
    });
    if (answer === undefined) throw refusal('NO_UPSTREAM', { model: model ?? '' });
    observe(model, answer.code);
    relayHeaders(answer.headers, context);
    relayTrailers(answer.trailers, context);
    if (answer.message !== undefined) {
      // Whoever has answered well has read all of it; a connection on which it failed before may be sending it still.
      if (gathered !== undefined && attempts === 1) buffers.giveBack(gathered);
      return answer.message;
    }
    throw failureOf(answer, context, settings.maxAnswerBytes);
  };
}

/** What goes along with a call to the upstream. */
export function metadataFor(
  context: CallContext,
  { settings, tracer }: Pick<ForwardOptions, 'settings' | 'tracer'>,
): HopMetadata {
  const metadata = new Map<string, readonly (string | Buffer)[]>();
  for (const key of settings.forwardMetadata) {
    const values = context.metadataValues(key);
    if (values !== undefined) metadata.set(key, values);
  }
  if (tracer !== undefined && context.span === undefined) markUntraced(tracer, metadata);
  // Whoever the services know the router as decides whether they believe it.
  if (context.caller !== undefined) metadata.set(forwardedCallerKey, [context.caller]);
  return metadata.set(requestIdKey, [context.requestId]);
}

/** Passes the headers of an upstream on. */
export function relayHeaders(headers: HopMetadata, context: CallContext): void {
  for (const [key, values] of headers) {
    // The router's own door has sent the request id already.
    if (key !== requestIdKey) for (const value of values) context.setHeader(key, value);
  }
}

/** Passes the trailers of an upstream on. */
export function relayTrailers(trailers: HopMetadata, context: CallContext): void {
  for (const [key, values] of trailers) for (const value of values) context.setTrailer(key, value);
}

/** What the caller learns of a call that no upstream answered well. */
export function failureOf(answer: BalancedAnswer, context: CallContext, maxAnswerBytes: number): unknown {
  const { code, details } = answer;
  if (context.ending.aborted) return context.ending.reason;
  // Nobody had cancelled: an upstream that is forced to stop ends its calls so.
  if (code === Status.CANCELLED) return refusal('UPSTREAM_LOST', {});
  if (answer.answered) return new RelayedStatus(code, details);
  // What follows was decided on this side of the connection; its words may name addresses.
  if (code === Status.DEADLINE_EXCEEDED) return refusal('DEADLINE_EXCEEDED', {});
  if (code === Status.RESOURCE_EXHAUSTED) return refusal('RELAYED_ANSWER_TOO_LARGE', { expected: maxAnswerBytes });
  const { losses = 0 } = answer;
  return losses < maxLosses
    ? refusal('UPSTREAM_LOST', {})
    : refusal('UPSTREAM_LOST', { losses }, { retryDelayMs: neverByItself });
}

/** A pushback by which gRPC clients leave off: the call may be what its upstreams died of. */
const neverByItself = -1;
