import {
  encodeStatusDetails,
  grpc,
  inference,
  readModelName,
  refusal,
  rpcMethods,
  Status,
  statusDetailsKey,
  tributary,
} from '@tributary/contract';
import { RelayedStatus, type HealthSource } from '@tributary/serve';
import { startMethodServer, type MethodCall, type TestMethod } from './method-server';

/** One version of one model of a test upstream. */
export interface TestModel {
  /**
   * Says how calls for it are answered: `hang` never; `die` by the end of the process; `crash` with RUN_CRASHED; `code-<n>` with that gRPC status, its own details and trailers;
   * `bytes-<n>` with that many bytes; any other name with the bytes of the request.
   */
  readonly name: string;
  /** Default '1'. */
  readonly version?: string;
  /** Default READY. */
  readonly state?: 'READY' | 'LOADING' | 'UNAVAILABLE';
  /** `service/method` */
  readonly methods?: readonly string[];
  readonly defaultOf?: readonly string[];
  readonly servedByDefault?: boolean;
  /** By its owner's word, or why it is not batched; default: nothing is said. */
  readonly batching?: tributary.model.v1.Batching.$Properties;
}

export interface TestUpstreamOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Kind of service; default `test`. */
  readonly service?: string;
  readonly models?: readonly TestModel[];
  /** Default true. */
  readonly serving?: boolean;
  /** True: a server of another maker, that has Open Inference with RepositoryIndex and nothing else. */
  readonly foreign?: boolean;
  /** True: behind the door of our services, which has the relay. Default: a bare server of grpc-js. */
  readonly relay?: boolean;
  /** Connections are renewed after this time (GOAWAY), and dropped after half as much again; default: never. */
  readonly connectionAgeMs?: number;
  /** Told of every call for a model as it arrives; the answer waits for its promise. */
  readonly onCall?: (path: string, model: string) => void | Promise<void>;
}

/**
 * A real server that says of itself what a test wants and answers by the names of its models. Answers carry the header
 * `x-upstream` with its address, and the trailers `server-timing` and `x-metadata` (the keys of the metadata that arrived).
 */
export interface TestUpstream {
  readonly address: string;
  readonly port: number;
  setServing(serving: boolean): void;
  setModels(models: readonly TestModel[]): void;
  /** Takes no more calls and finishes those under way. */
  drain(): Promise<void>;
  /** Drops everything at once. */
  stop(): void;
}

const encoded = (message: { finish(): Uint8Array }): Uint8Array => message.finish();

/** Starts one on the loopback. */
export async function startTestUpstream(options: TestUpstreamOptions = {}): Promise<TestUpstream> {
  const { service = 'test', foreign = false, relay = false, port, connectionAgeMs } = options;
  let serving = options.serving ?? true;
  let models = options.models ?? [];
  const servingListeners = new Set<() => void>();
  const modelListeners = new Set<() => void>();
  let address = '';
  const methods: Record<string, TestMethod> = {};

  const watch = (listeners: Set<() => void>, message: () => Uint8Array): TestMethod => ({
    stream: async (_request, { signal }, write) => {
      const tell = (): void => void write(message()).catch(() => undefined);
      listeners.add(tell);
      tell();
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve));
      listeners.delete(tell);
    },
  });

  async function answerByModel(path: string, request: Uint8Array, call: MethodCall): Promise<Uint8Array> {
    const { model } = readModelName(rpcMethods.get(path)!, request);
    await options.onCall?.(path, model);
    call.setTrailer('server-timing', 'queue;dur=0.5');
    // Who calls is said by connections in the one case and by calls in the other.
    const keys = [...call.metadata.keys()].filter((key) => key !== 'user-agent');
    call.setTrailer('x-metadata', keys.sort().join(' '));
    const [kind, number] = model.split('-');
    if (kind === 'hang') {
      return new Promise((_resolve, reject) => {
        call.signal.addEventListener('abort', () => reject(new RelayedStatus(Status.CANCELLED, 'cancelled')));
      });
    }
    if (kind === 'die') process.kill(process.pid, 'SIGKILL');
    if (kind === 'crash') {
      const crashed = refusal('RUN_CRASHED', { model });
      call.setTrailer(statusDetailsKey, encodeStatusDetails(crashed));
      throw new RelayedStatus(Status.INTERNAL, crashed.message);
    }
    if (kind === 'code') {
      call.setTrailer('grpc-status-details-bin', Buffer.from([8, Number(number)]));
      throw new RelayedStatus(Number(number), `details of ${String(number)}`);
    }
    call.setHeader('x-upstream', address);
    return kind === 'bytes' ? Buffer.alloc(Number(number)) : request;
  }

  for (const { path, modelNameField, service: of } of rpcMethods.values()) {
    const isTask = modelNameField !== undefined && of !== 'inference.GRPCInferenceService';
    const isInference = ['/inference.GRPCInferenceService/ModelInfer', '/inference.GRPCInferenceService/ModelMetadata'];
    if (!isInference.includes(path) && (foreign || !isTask)) continue;
    methods[path] = { unary: (request, call) => answerByModel(path, request, call) };
  }
  const list = () =>
    models.map(
      ({ name, version = '1', state = 'READY', methods = [], defaultOf = [], servedByDefault = true, batching }) => ({
        name,
        version,
        state: tributary.model.v1.ModelState[`MODEL_STATE_${state}`],
        methods: [...methods],
        defaultOf: [...defaultOf],
        servedByDefault,
        ...(batching && { batching }),
      }),
    );
  if (foreign) {
    const answer = (message: () => { finish(): Uint8Array }): TestMethod => ({
      unary: () => Promise.resolve(encoded(message())),
    });
    const { ServerReadyResponse, ServerMetadataResponse, RepositoryIndexResponse } = inference;
    methods['/inference.GRPCInferenceService/ServerReady'] = answer(() =>
      ServerReadyResponse.encode({ ready: serving }),
    );
    methods['/inference.GRPCInferenceService/ServerMetadata'] = answer(() =>
      ServerMetadataResponse.encode({ name: service }),
    );
    methods['/inference.GRPCInferenceService/RepositoryIndex'] = answer(() => {
      const index = models.map(({ name, version = '1', state = 'READY' }) => ({ name, version, state }));
      return RepositoryIndexResponse.encode({ models: index });
    });
  } else {
    const { WatchModelsResponse } = tributary.model.v1;
    const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
    if (!relay) {
      methods['/grpc.health.v1.Health/Watch'] = watch(servingListeners, () =>
        encoded(grpc.health.v1.HealthCheckResponse.encode({ status: serving ? SERVING : NOT_SERVING })),
      );
    }
    methods['/tributary.model.v1.ModelService/WatchModels'] = watch(modelListeners, () =>
      encoded(WatchModelsResponse.encode({ service, models: list() })),
    );
  }
  const health: HealthSource = {
    ready: () => serving,
    status: () => undefined,
    onChange: (listener) => {
      servingListeners.add(listener);
      return () => servingListeners.delete(listener);
    },
  };
  const server = await startMethodServer(methods, {
    relay,
    health,
    ...(port !== undefined && { port }),
    ...(connectionAgeMs !== undefined && { connectionAgeMs }),
  });
  address = server.address;

  return {
    address,
    port: server.port,
    setServing: (value) => {
      serving = value;
      for (const tell of servingListeners) tell();
    },
    setModels: (value) => {
      models = value;
      for (const tell of modelListeners) tell();
    },
    drain: () => server.drain(),
    stop: () => void server.stop(),
  };
}
