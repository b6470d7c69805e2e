import type { HopStream, Upstream } from '@tributary/client';
import { readModelName, refusal, Status, type RpcMethod } from '@tributary/contract';
import type { BidiContext, BidiHandler } from '@tributary/serve';
import { failureOf, metadataFor, relayHeaders, relayTrailers, type ForwardOptions } from './forward';
import { resolveCall } from './resolve-call';
import { traceAttempts } from './trace-attempts';

type Next = Parameters<BidiHandler>[0];
type Write = Parameters<BidiHandler>[2];
type PassOptions = Pick<ForwardOptions, 'sight' | 'balancer' | 'settings' | 'tracer'>;

/**
 * Passes calls of a method of any shape on to an upstream that has the model which the first message names; the messages after it go the
 * same way, whatever they name. A call without a message is one that names no model.
 */
export function forwardStream(
  method: RpcMethod,
  options: PassOptions & Pick<ForwardOptions, 'table' | 'observe'>,
): BidiHandler {
  return async (next, context, write) => {
    const first = await next();
    if (first === undefined && context.ending.aborted) throw context.ending.reason as Error;
    const named = readModelName(method, first ?? new Uint8Array());
    const destination = await options.sight.ask(() => resolveCall(options.table, method, named), context.ending);
    const { model } = destination;
    const stream = open(destination.candidates(), model, context, options);
    void stream.ended.then(({ code }) => options.observe(model, code));
    await exchange(stream, first, next, context, write, options);
  };
}

/** Passes every call of a service on to one of some replicas: its path and messages as they are, whatever its shape. */
export function passThrough(replicas: () => readonly Upstream[], options: PassOptions): BidiHandler {
  return async (next, context, write) => {
    const stream = await options.sight.ask(() => open(replicas(), undefined, context, options), context.ending);
    await exchange(stream, undefined, next, context, write, options);
  };
}

function open(
  candidates: readonly Upstream[],
  model: string | undefined,
  context: BidiContext,
  options: PassOptions,
): HopStream {
  const metadata = metadataFor(context, options);
  const stream = options.balancer.open(candidates, {
    path: context.path,
    metadata,
    watch: context.span && traceAttempts(context.span, context, model, metadata),
    signal: context.ending,
    remainingMs: () => context.remainingMs(),
  });
  if (stream === undefined) throw refusal('NO_UPSTREAM', { model: model ?? '' });
  return stream;
}

/**
 * Messages both ways until the upstream ends the call. Each side is asked for its next message once the other has taken the one before,
 * so that who is slow holds the other back, and not more than one message each way lies here.
 */
async function exchange(
  stream: HopStream,
  first: Uint8Array | undefined,
  next: Next,
  context: BidiContext,
  write: Write,
  { settings }: PassOptions,
): Promise<void> {
  void sendRequests(stream, first, next, context);
  try {
    const headers = await stream.headers;
    if (headers !== undefined) {
      relayHeaders(headers, context);
      context.sendHeaders();
    }
    for (let answer = await stream.next(); answer !== undefined; answer = await stream.next()) await write(answer);
  } catch (error) {
    // The caller takes no more.
    stream.cancel();
    throw error;
  }
  const end = await stream.ended;
  relayTrailers(end.trailers, context);
  if (end.code !== Status.OK) throw failureOf(end, context, settings.maxAnswerBytes);
}

async function sendRequests(
  stream: HopStream,
  first: Uint8Array | undefined,
  next: Next,
  context: BidiContext,
): Promise<void> {
  for (let request = first ?? (await next()); request !== undefined; request = await next()) {
    await stream.write(request);
  }
  // What the caller has broken off must not look complete.
  if (context.ending.aborted) stream.cancel();
  else stream.end();
}
