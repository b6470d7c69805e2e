import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type sendUnaryData,
  type ServerUnaryCall,
  type ServerWritableStream,
} from '@grpc/grpc-js';
import { grpc, inference, readModelName, rpcMethods, statusName, tributary } from '@tributary/contract';

/** One version of one model of a test upstream. */
export interface TestModel {
  /**
   * Says how calls for it are answered: `hang` never; `code-<n>` with that gRPC status, its own details and trailers;
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

type UnaryCall = ServerUnaryCall<Buffer, Buffer>;
type Answer = sendUnaryData<Buffer>;

const identity = (bytes: Buffer): Buffer => bytes;
const encoded = (message: { finish(): Uint8Array }): Buffer => Buffer.from(message.finish());

/** Starts one on the loopback. */
export async function startTestUpstream(options: TestUpstreamOptions = {}): Promise<TestUpstream> {
  const { service = 'test', foreign = false } = options;
  const { connectionAgeMs } = options;
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    ...(connectionAgeMs !== undefined && {
      'grpc.max_connection_age_ms': connectionAgeMs,
      'grpc.max_connection_age_grace_ms': connectionAgeMs / 2,
    }),
  });
  let serving = options.serving ?? true;
  let models = options.models ?? [];
  const endStreams = new Set<() => void>();
  const healthWatchers = new Set<() => void>();
  const modelWatchers = new Set<() => void>();
  let address = '';

  const unary = (path: string, handler: (call: UnaryCall, answer: Answer) => void): void => {
    server.register(path, handler, identity, identity, 'unary');
  };
  const watch = (path: string, watchers: Set<() => void>, message: () => Buffer): void => {
    server.register(
      path,
      (call: ServerWritableStream<Buffer, Buffer>) => {
        const write = (): void => void call.write(message());
        const end = (): void => void call.end();
        watchers.add(write);
        endStreams.add(end);
        call.on('close', () => {
          watchers.delete(write);
          endStreams.delete(end);
        });
        write();
      },
      identity,
      identity,
      'serverStream',
    );
  };

  async function answerByModel(path: string, model: string, call: UnaryCall, answer: Answer): Promise<void> {
    await options.onCall?.(path, model);
    const trailers = new Metadata();
    trailers.set('server-timing', 'queue;dur=0.5');
    trailers.set('x-metadata', Object.keys(call.metadata.getMap()).sort().join(' '));
    const [kind, number] = model.split('-');
    if (kind === 'hang') return;
    if (kind === 'code') {
      trailers.set('grpc-status-details-bin', Buffer.from([8, Number(number)]));
      answer({ code: status[statusName(Number(number))], details: `details of ${String(number)}`, metadata: trailers });
      return;
    }
    const headers = new Metadata();
    headers.set('x-upstream', address);
    call.sendMetadata(headers);
    answer(null, kind === 'bytes' ? Buffer.alloc(Number(number)) : call.request, trailers);
  }

  for (const method of rpcMethods.values()) {
    const isTask = method.modelNameField !== undefined && method.service !== 'inference.GRPCInferenceService';
    const isInference = ['/inference.GRPCInferenceService/ModelInfer', '/inference.GRPCInferenceService/ModelMetadata'];
    if (!isInference.includes(method.path) && (foreign || !isTask)) continue;
    unary(method.path, (call, answer) => {
      void answerByModel(method.path, readModelName(method, call.request).model, call, answer);
    });
  }
  const list = () =>
    models.map(({ name, version = '1', state = 'READY', methods = [], defaultOf = [], servedByDefault = true }) => ({
      name,
      version,
      state: tributary.model.v1.ModelState[`MODEL_STATE_${state}`],
      methods: [...methods],
      defaultOf: [...defaultOf],
      servedByDefault,
    }));
  if (foreign) {
    unary('/inference.GRPCInferenceService/ServerReady', (_call, answer) => {
      answer(null, encoded(inference.ServerReadyResponse.encode({ ready: serving })));
    });
    unary('/inference.GRPCInferenceService/ServerMetadata', (_call, answer) => {
      answer(null, encoded(inference.ServerMetadataResponse.encode({ name: service })));
    });
    unary('/inference.GRPCInferenceService/RepositoryIndex', (_call, answer) => {
      const index = models.map(({ name, version = '1', state = 'READY' }) => ({ name, version, state }));
      answer(null, encoded(inference.RepositoryIndexResponse.encode({ models: index })));
    });
  } else {
    const { WatchModelsResponse } = tributary.model.v1;
    const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
    watch('/grpc.health.v1.Health/Watch', healthWatchers, () =>
      encoded(grpc.health.v1.HealthCheckResponse.encode({ status: serving ? SERVING : NOT_SERVING })),
    );
    watch('/tributary.model.v1.ModelService/WatchModels', modelWatchers, () =>
      encoded(WatchModelsResponse.encode({ service, models: list() })),
    );
  }

  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  address = `127.0.0.1:${port}`;

  return {
    address,
    port,
    setServing: (value) => {
      serving = value;
      for (const write of healthWatchers) write();
    },
    setModels: (value) => {
      models = value;
      for (const write of modelWatchers) write();
    },
    drain: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
        for (const end of endStreams) end();
      }),
    stop: () => {
      server.forceShutdown();
    },
  };
}
