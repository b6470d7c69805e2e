import {
  Metadata,
  Server,
  ServerCredentials,
  status,
  type handleServerStreamingCall,
  type handleUnaryCall,
  type ServerUnaryCall,
} from '@grpc/grpc-js';
import { statusName } from '@tributary/contract';
import {
  createLog,
  defineSettings,
  loadSettings,
  Registry,
  RelayedStatus,
  serve,
  serveSettingsShape,
  type CallContext,
  type HealthSource,
} from '@tributary/serve';

/** What a method of a test knows of its call, whatever server it came to. */
export type MethodCall = Pick<CallContext, 'metadata' | 'remainingMs' | 'signal' | 'setHeader' | 'setTrailer'>;

/** A method of a test; throws a RelayedStatus where it has no answer. */
export type TestMethod =
  | { readonly unary: (request: Uint8Array, call: MethodCall) => Promise<Uint8Array> }
  | {
      /** Open-ended: its signal aborts when the server drains. */
      readonly stream: (
        request: Uint8Array,
        call: MethodCall,
        write: (message: Uint8Array) => Promise<void>,
      ) => Promise<void>;
    };

export interface MethodServerOptions {
  /** True: behind the door of our services, which has the relay. Default: a bare server of grpc-js. */
  readonly relay?: boolean;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Connections are renewed after this time (GOAWAY); default: never. */
  readonly connectionAgeMs?: number;
  /** What the door of our services says of their health; default: all is well. */
  readonly health?: HealthSource;
}

/** A server of a test, on the loopback. */
export interface MethodServer {
  readonly address: string;
  readonly port: number;
  /** Takes no more calls, ends streams and finishes what is under way. */
  drain(): Promise<void>;
  /** Takes no more calls and gives up those under way. */
  stop(): Promise<void>;
}

/** Starts a server that has these methods, by path. */
export function startMethodServer(
  methods: Readonly<Record<string, TestMethod>>,
  options: MethodServerOptions = {},
): Promise<MethodServer> {
  return options.relay === true ? startOurs(methods, options) : startBare(methods, options);
}

const settingsOfTests = defineSettings({
  name: 'test',
  summary: 'A server of a test.',
  shape: serveSettingsShape({ grpc: 0, metrics: 0 }),
});

const well: HealthSource = { ready: () => true, status: () => undefined, onChange: () => () => undefined };

async function startOurs(
  methods: Readonly<Record<string, TestMethod>>,
  { port = 0, connectionAgeMs, health = well }: MethodServerOptions,
): Promise<MethodServer> {
  const server = await serve({
    name: 'test',
    settings: {
      ...loadSettings(settingsOfTests, { argv: [], env: {} }),
      ...{ grpcPort: port, metricsPort: 0, drainTimeoutMs: 1000, maxMessageBytes: 2 ** 30, maxBytesInFlight: 2 ** 31 },
      ...(connectionAgeMs !== undefined && { maxConnectionAgeMs: connectionAgeMs }),
    },
    log: createLog({ name: 'test', logLevel: 'fatal', logFormat: 'json' }).log,
    registry: new Registry(),
    methods: Object.entries(methods).map(([path, method]) =>
      'unary' in method
        ? { path, kind: 'unary', handler: method.unary }
        : { path, kind: 'serverStream', openEnded: true, handler: method.stream },
    ),
    health,
    services: [],
  });
  const drain = async (): Promise<void> => {
    await server.drain();
  };
  return {
    address: `127.0.0.1:${server.grpcPort}`,
    port: server.grpcPort,
    drain,
    stop: drain,
  };
}

async function startBare(
  methods: Readonly<Record<string, TestMethod>>,
  { port = 0, connectionAgeMs }: MethodServerOptions,
): Promise<MethodServer> {
  const server = new Server({
    'grpc.max_receive_message_length': -1,
    'grpc.max_send_message_length': -1,
    ...(connectionAgeMs !== undefined && {
      'grpc.max_connection_age_ms': connectionAgeMs,
      'grpc.max_connection_age_grace_ms': connectionAgeMs / 2,
    }),
  });
  const streams = new Set<AbortController>();
  for (const [path, method] of Object.entries(methods)) {
    if ('unary' in method) {
      const handler: handleUnaryCall<Buffer, Buffer> = (call, callback) => {
        const { context, trailers } = contextOf(call, new AbortController());
        method.unary(call.request, context).then(
          (answer) => callback(null, Buffer.from(answer), trailers),
          (error: unknown) => callback({ ...statusOf(error), metadata: trailers }),
        );
      };
      server.register(path, handler, asIs, asIs, 'unary');
      continue;
    }
    const handler: handleServerStreamingCall<Buffer, Buffer> = (call) => {
      const controller = new AbortController();
      streams.add(controller);
      const { context, trailers } = contextOf(call, controller);
      const write = (message: Uint8Array): Promise<void> => {
        call.write(Buffer.from(message));
        return Promise.resolve();
      };
      const ended = method.stream(call.request, context, write).then(
        () => call.end(trailers),
        (error: unknown) => call.emit('error', { ...statusOf(error), metadata: trailers }),
      );
      void ended.then(() => streams.delete(controller));
    };
    server.register(path, handler, asIs, asIs, 'serverStream');
  }
  const bound = await new Promise<number>((resolve, reject) => {
    server.bindAsync(`127.0.0.1:${port}`, ServerCredentials.createInsecure(), (error, boundPort) => {
      if (error === null) resolve(boundPort);
      else reject(error);
    });
  });
  return {
    address: `127.0.0.1:${bound}`,
    port: bound,
    drain: () =>
      new Promise((resolve, reject) => {
        server.tryShutdown((error) => {
          if (error === undefined) resolve();
          else reject(error);
        });
        for (const controller of streams) controller.abort();
      }),
    stop: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}

const asIs = (bytes: Buffer): Buffer => bytes;

function contextOf(
  call: Pick<ServerUnaryCall<Buffer, Buffer>, 'metadata' | 'getDeadline' | 'sendMetadata' | 'on'>,
  controller: AbortController,
): { readonly context: MethodCall; readonly trailers: Metadata } {
  const trailers = new Metadata();
  const headers = new Metadata();
  let sent = false;
  call.on('cancelled', () => controller.abort());
  const context: MethodCall = {
    metadata: new Map(Object.keys(call.metadata.getMap()).map((key) => [key, call.metadata.get(key)])),
    remainingMs: () => Number(call.getDeadline()) - Date.now(),
    signal: controller.signal,
    setHeader: (key, value) => {
      headers.add(key, value);
      if (!sent) queueMicrotask(() => call.sendMetadata(headers));
      sent = true;
    },
    setTrailer: (key, value) => trailers.add(key, value),
  };
  return { context, trailers };
}

function statusOf(error: unknown): { readonly code: number; readonly details: string } {
  if (error instanceof RelayedStatus) return { code: status[statusName(error.code)], details: error.details };
  return { code: status.UNKNOWN, details: String(error) };
}
