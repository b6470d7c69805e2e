import { setTimeout as pause } from 'node:timers/promises';
import { grpc, serverStreamRpcs, Status, unaryRpcs } from '@tributary/contract';
import { backoffMs } from './backoff';
import { CallError } from './call-error';
import { createChannelHop, type ChannelHopOptions } from './channel-hop';
import { createDirectHop } from './direct-hop';
import { previousAttemptsKey, wasLost, type Hop, type HopAnswer, type HopCall, type HopMetadata } from './hop';
import { createRelayHop } from './relay/relay-hop';
import { recommendedServiceConfig } from './service-config';
import type { RpcName, RpcRequest, RpcResponse, StreamRpcName, StreamRpcRequest, StreamRpcResponse } from './rpcs';
import { fromInferMessage, toInferMessage, type InferRequest, type InferResponse } from './tensor-messages';

export interface ClientOptions extends Omit<ChannelHopOptions, 'serviceConfig'> {
  /** False: a call is sent once. By default it is sent again, elsewhere where it can be, if its server was lost or is UNAVAILABLE. */
  readonly retry?: boolean;
  /** Deadline of calls that name none, in milliseconds; default 30 s. */
  readonly timeoutMs?: number;
  /**
   * True, where the server is a router: calls for models go straight to its upstreams (docs/direct-mode.md), and by the router where
   * that cannot be. Default false.
   */
  readonly direct?: boolean;
}

export interface CallOptions {
  /** Deadline in milliseconds from now; default: the client's. Streams have none by default. */
  readonly timeoutMs?: number;
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal;
  /** Sent along; keys in lower case, Buffers under keys that end in `-bin`. */
  readonly metadata?: Readonly<Record<string, string | Buffer>>;
  /** True: wait until there is a connection. By default a call fails where the server cannot be reached. */
  readonly waitForReady?: boolean;
}

/** An answer and what came with it. */
export interface Exchange<Response> {
  readonly response: Response;
  readonly headers: HopMetadata;
  readonly trailers: HopMetadata;
}

/** A typed client of one server: the router or a service. */
export interface Client {
  /**
   * Calls an RPC with one answer, e.g. `client.call('tributary.nlp.v1.NlpService/Embed', { texts: ['hello'] })`.
   * @throws CallError
   */
  call<N extends RpcName>(name: N, request: RpcRequest<N>, options?: CallOptions): Promise<RpcResponse<N>>;
  /** As `call`, with the metadata of the answer. @throws CallError */
  exchange<N extends RpcName>(
    name: N,
    request: RpcRequest<N>,
    options?: CallOptions,
  ): Promise<Exchange<RpcResponse<N>>>;
  /** Calls an RPC with a stream of answers; leaving the loop ends the call. @throws CallError */
  stream<N extends StreamRpcName>(
    name: N,
    request: StreamRpcRequest<N>,
    options?: CallOptions,
  ): AsyncGenerator<StreamRpcResponse<N>, void, undefined>;
  /** ModelInfer with raw tensors. @throws CallError */
  infer(request: InferRequest, options?: CallOptions): Promise<InferResponse>;
  /**
   * Calls any path with encoded bytes, for what the types do not allow. Never rejects.
   */
  callBytes(path: string, request: Uint8Array, options?: CallOptions): Promise<HopAnswer>;
  /** Waits until the server can be reached and says SERVING. @throws the signal's reason */
  waitUntilReady(signal?: AbortSignal): Promise<void>;
  /** Ends the calls under way and the connection. */
  close(): void;
}

/**
 * A client of the server at `target`: `host:port`, or several that serve the same, as all addresses behind a name (`dns:///host:port`) or
 * a list (`ipv4:10.0.0.1:8001,10.0.0.2:8001`); they take calls in turn. It connects with the first call, and again after a loss.
 */
export function createClient(target: string, options: ClientOptions = {}): Client {
  const { retry = true } = options;
  const channel = createChannelHop(target, { ...options, ...(retry && { serviceConfig: recommendedServiceConfig }) });
  const toServer = retry ? sendingAgain(channel) : channel;
  const hop =
    options.direct === true ? createDirectHop(toServer, (upstream) => createRelayHop(upstream, options)) : toServer;
  const { timeoutMs: defaultTimeoutMs = 30_000 } = options;

  const hopCall = (path: string, request: Uint8Array, call: CallOptions, timeoutMs: number): HopCall => ({
    path,
    request: [request],
    metadata: new Map(Object.entries(call.metadata ?? {}).map(([key, value]) => [key, [value]])),
    timeoutMs: call.timeoutMs ?? timeoutMs,
    signal: call.signal,
    waitForReady: call.waitForReady ?? false,
  });

  const callBytes = (path: string, request: Uint8Array, call: CallOptions = {}): Promise<HopAnswer> =>
    hop.call(hopCall(path, request, call, defaultTimeoutMs));

  async function exchange<N extends RpcName>(
    name: N,
    request: RpcRequest<N>,
    call: CallOptions = {},
  ): Promise<Exchange<RpcResponse<N>>> {
    const { request: requestType, response: responseType } = unaryRpcs[name];
    const answer = await callBytes(`/${name}`, requestType.encode(request).finish(), call);
    if (answer.message === undefined) throw new CallError(answer);
    // The table pairs each name with its classes, which the type system cannot follow through the lookup.
    const response = responseType.decode(answer.message) as unknown as RpcResponse<N>;
    return { response, headers: answer.headers, trailers: answer.trailers };
  }

  async function* stream<N extends StreamRpcName>(
    name: N,
    request: StreamRpcRequest<N>,
    call: CallOptions = {},
  ): AsyncGenerator<StreamRpcResponse<N>, void, undefined> {
    const { request: requestType, response: responseType } = serverStreamRpcs[name];
    const left = new AbortController();
    const signal = call.signal === undefined ? left.signal : AbortSignal.any([left.signal, call.signal]);
    const messages: Uint8Array[] = [];
    let wake = (): void => undefined;
    let answer: HopAnswer | undefined;
    const bytes = requestType.encode(request).finish();
    void hop
      .stream(hopCall(`/${name}`, bytes, { ...call, signal }, Infinity), (message) => {
        messages.push(message);
        wake();
      })
      .then((end) => {
        answer = end;
        wake();
      });
    try {
      for (;;) {
        const message = messages.shift();
        if (message !== undefined) yield responseType.decode(message) as unknown as StreamRpcResponse<N>;
        else if (answer === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (answer.code === Status.OK) return;
        else throw new CallError(answer);
      }
    } finally {
      left.abort();
    }
  }

  async function waitUntilReady(signal?: AbortSignal): Promise<void> {
    const { SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
    for (let failures = 1; ; failures++) {
      try {
        for await (const { status } of stream(
          'grpc.health.v1.Health/Watch',
          {},
          { ...(signal && { signal }), waitForReady: true },
        )) {
          if (status === SERVING) return;
        }
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        if (error.code === Status.UNIMPLEMENTED) throw error;
      }
      signal?.throwIfAborted();
      await pause(backoffMs(failures, Math.random), undefined, { signal }).catch(() => undefined);
      signal?.throwIfAborted();
    }
  }

  return {
    call: async (name, request, call) => (await exchange(name, request, call)).response,
    exchange,
    stream,
    infer: async (request, call) =>
      fromInferMessage(
        (await exchange('inference.GRPCInferenceService/ModelInfer', toInferMessage(request), call)).response,
      ),
    callBytes,
    waitUntilReady,
    close: () => {
      hop.close();
    },
  };
}

/** A hop that sends a call once more where its server was lost in the answer, unless a connection has died under the call before. */
function sendingAgain(hop: Hop): Hop {
  return {
    ...hop,
    call: async (call) => {
      const beganMs = performance.now();
      const answer = await hop.call(call);
      if (!wasLostInAnswer(answer) || call.metadata.has(previousAttemptsKey)) return answer;
      const metadata = new Map(call.metadata).set(previousAttemptsKey, ['1']);
      return hop.call({ ...call, metadata, timeoutMs: Math.max(0, call.timeoutMs - (performance.now() - beganMs)) });
    },
  };
}

/**
 * Whether the server was lost between the headers of its answer and its status. The retry policy of gRPC ends with the headers, since a
 * stream may have been read by then; of one answer nothing has been told to anybody.
 */
function wasLostInAnswer(answer: HopAnswer): boolean {
  return wasLost(answer) && answer.headers.size > 0;
}
