import { Server, setLogger, type ServerCredentials, type ServerOptions } from '@grpc/grpc-js';
import { fileDescriptorSet } from '@tributary/contract';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Admission } from './call/admission';
import { CallServer } from './call/call-server';
import { HealthService, healthServiceName } from './health/health-service';
import type { HealthSource } from './health/health-source';
import { standBefore, streamCounterOf } from './http2-door';
import type { Method } from './method';
import { listenForMetrics, type MetricsListener } from './metrics/metrics-listener';
import { createServeMetrics } from './metrics/serve-metrics';
import { bindFailure } from './process/start-error';
import { relayServiceName } from './relay/relay-door';
import { reflectionMethods, reflectionServiceNames } from './reflection/reflection-service';
import type { ServeSettings } from './serve-settings';
import { serverCredentials } from './server-credentials';

/** What one gRPC process is made of. */
export interface ServeOptions {
  /** Name in logs and metrics, e.g. `nlp`. */
  readonly name: string;
  readonly settings: ServeSettings;
  readonly log: Logger;
  readonly registry: Registry;
  /** Every RPC beside health and reflection, which serve() adds itself. */
  readonly methods: readonly Method[];
  /** Asked by Check and pushed by Watch; `""`, `liveness` and `readiness` are answered by serve() from `ready`. */
  readonly health: HealthSource;
  /** Fully qualified names for reflection, e.g. `tributary.nlp.v1.NlpService`. */
  readonly services: readonly string[];
}

/** A process that serves. */
export interface RunningServer {
  readonly grpcPort: number;
  readonly metricsPort: number;
  /**
   * NOT_SERVING, drainDelayMs, GOAWAY, answers in flight, listener closed. Resolves when all calls have ended (or were cut off);
   * a second call waits for the first.
   */
  drain(): Promise<{ cutOff: number }>;
}

/** From the last status to the end of its connection, for peers that do not read. */
const flushTimeoutMs = 1000;

/**
 * Serves methods: binds the ports and adds health, reflection, metrics, deadlines, admission, error statuses, logs and drain.
 * @throws StartError where a port cannot be had, or the files of TLS are not what they should be
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { settings, log } = options;
  logThrough(log);
  const credentials = serverCredentials(settings);
  const server: Server = new Server({
    ...serverOptions(settings),
    interceptors: [(method, base) => calls.interceptor(method, base)],
  });
  const countStream = settings.hotDoor === 'off' ? undefined : hotDoorOf(server, log);
  const services = [
    ...options.services,
    healthServiceName,
    ...reflectionServiceNames,
    ...(countStream === undefined ? [] : [relayServiceName]),
  ];
  const health = new HealthService(options.health, services);
  const admission = new Admission(settings.maxCallsInFlight, settings.maxBytesInFlight);
  const calls = new CallServer({
    methods: options.methods,
    builtIns: [...health.methods, ...reflectionMethods(fileDescriptorSet, services)],
    admission,
    maxMessageBytes: settings.maxMessageBytes,
    maxBytesInFlight: settings.maxBytesInFlight,
    maxDeadlineMs: settings.maxDeadlineMs,
    log,
    ...createServeMetrics(options.registry, options.name, admission),
    countStream,
  });
  calls.register(server);
  const metrics = await listenForMetrics({
    host: settings.host,
    port: settings.metricsPort,
    registry: options.registry,
    log,
  });
  const grpcPort = await bind(server, credentials, settings.host, settings.grpcPort).catch(async (error: unknown) => {
    await metrics.close();
    throw error;
  });
  standBefore(server, calls.onStream);
  const isSecure = settings.tlsCert !== undefined;
  log.info({ grpcPort, metricsPort: metrics.port, host: settings.host, ...(isSecure && { tls: true }) }, 'serving');

  let drained: Promise<{ cutOff: number }> | undefined;
  return {
    grpcPort,
    metricsPort: metrics.port,
    drain: () => (drained ??= drain({ server, calls, health, metrics, settings, log })),
  };
}

/** Undefined where the insides of grpc-js are not those that are known. */
function hotDoorOf(server: Server, log: Logger): ReturnType<typeof streamCounterOf> {
  const count = streamCounterOf(server);
  if (count === undefined) log.warn('this version of grpc-js counts streams otherwise; it answers every call itself');
  return count;
}

/** grpc-js writes to stderr by itself; what it says matters only to those who look for it. */
function logThrough(log: Logger): void {
  const write = (message: unknown): void => log.debug({ library: 'grpc-js' }, String(message));
  setLogger({ error: write, info: write, debug: write });
}

/** Limits of connections; those of calls are in CallServer. */
function serverOptions(settings: ServeSettings): ServerOptions {
  return {
    'grpc.max_receive_message_length': settings.maxMessageBytes,
    // The size of an answer is the model's; the caller refuses what it will not take.
    'grpc.max_send_message_length': -1,
    // More calls wait in the client, where they cost us nothing: open streams outlive V8's young generation, and with 2,048 of them
    // every call cost half as much again. No model here needs more company than this.
    'grpc.max_concurrent_streams': 256,
    'grpc.max_connection_idle_ms': settings.maxConnectionIdleMs ?? 300_000,
    // Moves callers to new replicas, and frees what nothing else frees.
    'grpc.max_connection_age_ms': settings.maxConnectionAgeMs ?? 600_000,
    'grpc.max_connection_age_grace_ms': Math.max(30_000, settings.maxDeadlineMs),
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
    'grpc.enable_channelz': 0,
  };
}

function bind(server: Server, credentials: ServerCredentials, host: string, port: number): Promise<number> {
  const address = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, bound) => {
      if (error === null) resolve(bound);
      else reject(bindFailure(error, 'gRPC', host, port));
    });
  });
}

interface Drainable {
  readonly server: Server;
  readonly calls: CallServer;
  readonly health: HealthService;
  readonly metrics: MetricsListener;
  readonly settings: ServeSettings;
  readonly log: Logger;
}

/** Balancers learn first, then callers; the order is what loses no call. */
async function drain({ server, calls, health, metrics, settings, log }: Drainable): Promise<{ cutOff: number }> {
  let cutOff = 0;
  let flushTimer: NodeJS.Timeout | undefined;
  const hardStop = setTimeout(() => {
    cutOff = calls.cutOff();
    log.warn({ cutOff, drainTimeoutMs: settings.drainTimeoutMs }, 'the drain takes too long; calls are cut off');
    flushTimer = setTimeout(() => server.forceShutdown(), flushTimeoutMs);
  }, settings.drainTimeoutMs);

  health.drain();
  await sleep(settings.drainDelayMs);
  const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  calls.endOpenEnded();
  await closed;
  clearTimeout(hardStop);
  clearTimeout(flushTimer);

  health.close();
  await metrics.close();
  log.info({ cutOff }, 'drained');
  return { cutOff };
}

function sleep(durationMs: number): Promise<void> {
  return durationMs === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, durationMs));
}
