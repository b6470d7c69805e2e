import { ServerCredentials, setLogger } from '@grpc/grpc-js';
import { fileDescriptorSet } from '@tributary/contract';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { Access } from './access/access';
import { Admission } from './call/admission';
import { CallServer, type CallServerOptions } from './call/call-server';
import { GrpcListener } from './grpc-listener';
import { HealthService, healthServiceName } from './health/health-service';
import type { HealthSource } from './health/health-source';
import type { Method } from './method';
import { listenForMetrics } from './metrics/metrics-listener';
import type { ConnectionCounts } from './metrics/connection-counts';
import { createServeMetrics } from './metrics/serve-metrics';
import { relayServiceName } from './relay/relay-door';
import { reflectionMethods, reflectionServiceNames } from './reflection/reflection-service';
import type { ServeSettings } from './serve-settings';
import { watchListenerTls } from './tls/listener-tls';
import { serverCredentials } from './tls/server-credentials';
import type { TlsMaterial } from './tls/watch-tls';
import type { Tracer } from './tracing/tracer';

/** What one gRPC process is made of. */
export interface ServeOptions {
  /** Name in logs and metrics, e.g. `nlp`. */
  readonly name: string;
  readonly settings: ServeSettings;
  readonly log: Logger;
  readonly registry: Registry;
  /** Of the process; without it no call is traced. */
  readonly tracer?: Tracer | undefined;
  /** Every RPC beside health and reflection, which serve() adds itself. */
  readonly methods: readonly Method[];
  /** Asked by Check and pushed by Watch; `""`, `liveness` and `readiness` are answered by serve() from `isServing` and `ready`. */
  readonly health: HealthSource;
  /** Fully qualified names for reflection, e.g. `tributary.nlp.v1.NlpService`. */
  readonly services: readonly string[];
  /**
   * Whether all of a unary answer leaves in one turn of the event loop, so that who is killed takes no part of one along. That is a second
   * write to each connection and turn (docs/decisions/0010-transport.md). Default: false.
   */
  readonly trailersAtOnce?: boolean;
}

/** A process that serves. */
export interface RunningServer {
  readonly grpcPort: number;
  readonly metricsPort: number;
  /** Undefined where the settings ask for none. */
  readonly probePort?: number;
  /**
   * NOT_SERVING, drainDelayMs, GOAWAY, answers in flight, listener closed. Resolves when all calls have ended (or were cut off);
   * a second call waits for the first.
   */
  drain(): Promise<{ cutOff: number }>;
}

/** From the last status to the end of its connection, for peers that do not read. */
const flushTimeoutMs = 1000;

/** A kubelet, and whoever looks at its side. */
const maxProbeConnections = 64;

/**
 * Serves methods: binds the ports and adds health, reflection, metrics, deadlines, admission, error statuses, logs and drain.
 * @throws StartError where a port cannot be had, or the files of TLS are not what they should be
 */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { settings, log } = options;
  logThrough(log);
  const tls = watchListenerTls(settings, log);
  const access = Access.of(settings, log);
  const admission = new Admission(settings.maxCallsInFlight, settings.maxBytesInFlight);
  const metrics = createServeMetrics(options.registry, options.name, admission);
  const listener = new GrpcListener(settings, log, metrics.connectionCounts);
  const { countStream } = listener;
  const services = [
    ...options.services,
    healthServiceName,
    ...reflectionServiceNames,
    ...(countStream === undefined ? [] : [relayServiceName]),
  ];
  const health = new HealthService(options.health, services);
  const shared = {
    admission,
    maxMessageBytes: settings.maxMessageBytes,
    maxBytesInFlight: settings.maxBytesInFlight,
    maxDeadlineMs: settings.maxDeadlineMs,
    log,
    tracer: options.tracer,
    ...metrics,
  };
  const calls = new CallServer({
    ...shared,
    methods: options.methods,
    builtIns: [...health.methods, ...reflectionMethods(fileDescriptorSet, services)],
    countStream,
    access,
    trailersAtOnce: options.trailersAtOnce,
  });

  const open: { close(): unknown }[] = access === undefined ? [tls] : [tls, access];
  const closeAll = async (): Promise<void> => {
    for (const each of open.reverse()) await each.close();
  };
  try {
    const { host, metricsPort } = settings;
    const metricsListener = await listenForMetrics({
      host,
      port: metricsPort,
      registry: options.registry,
      log,
      tls: tls.metrics,
    });
    open.push(metricsListener);
    const probes =
      settings.probePort === undefined
        ? undefined
        : await listenForProbes(settings.probePort, shared, health, settings, metrics.connectionCounts);
    if (probes !== undefined) open.push(probes);
    const grpcPort = await listener.listen(calls, serverCredentials(tls.grpc), 'gRPC', settings.grpcPort);
    const ports = { grpcPort, metricsPort: metricsListener.port, ...(probes && { probePort: probes.port }) };
    const secured = {
      ...(tls.grpc && { tls: kindOf(tls.grpc.value) }),
      ...(tls.metrics && { metricsTls: kindOf(tls.metrics.value) }),
      ...(access && { access: true }),
    };
    log.info({ ...ports, host, ...secured }, 'serving');
    let drained: Promise<{ cutOff: number }> | undefined;
    return {
      ...ports,
      drain: () => (drained ??= drain({ listener, calls, health, settings, log, closeAll })),
    };
  } catch (error) {
    await closeAll();
    throw error;
  }
}

/** Who shows a certificate. */
function kindOf({ ca }: TlsMaterial): 'server' | 'mutual' {
  return ca === undefined ? 'server' : 'mutual';
}

/** Health alone, in the clear, on a port of its own. */
async function listenForProbes(
  port: number,
  shared: Omit<CallServerOptions, 'methods' | 'builtIns' | 'countStream'>,
  health: HealthService,
  settings: ServeSettings,
  counts: ConnectionCounts,
): Promise<{ readonly port: number; close(): void }> {
  const limits = { maxConnections: maxProbeConnections, maxConnectionsPerPeer: 0 };
  const listener = new GrpcListener({ ...settings, ...limits }, shared.log, counts);
  // No relay: there is nothing to send over it.
  const calls = new CallServer({ ...shared, methods: [], builtIns: health.methods, countStream: undefined });
  const bound = await listener.listen(calls, ServerCredentials.createInsecure(), 'probes', port);
  return {
    port: bound,
    close: () => {
      calls.cutOff();
      // Connections end with their last call, which has just been cut off; nobody has to wait for that.
      void listener.shutdown();
    },
  };
}

/** grpc-js writes to stderr by itself; what it says matters only to those who look for it. */
function logThrough(log: Logger): void {
  const write = (message: unknown): void => log.debug({ library: 'grpc-js' }, String(message));
  setLogger({ error: write, info: write, debug: write });
}

interface Drainable {
  readonly listener: GrpcListener;
  readonly calls: CallServer;
  readonly health: HealthService;
  readonly settings: ServeSettings;
  readonly log: Logger;
  readonly closeAll: () => Promise<void>;
}

/** Balancers learn first, then callers; the order is what loses no call. */
async function drain({ listener, calls, health, settings, log, closeAll }: Drainable): Promise<{ cutOff: number }> {
  let cutOff = 0;
  let flushTimer: NodeJS.Timeout | undefined;
  const hardStop = setTimeout(() => {
    cutOff = calls.cutOff();
    log.warn({ cutOff, drainTimeoutMs: settings.drainTimeoutMs }, 'the drain takes too long; calls are cut off');
    flushTimer = setTimeout(() => listener.forceShutdown(), flushTimeoutMs);
  }, settings.drainTimeoutMs);

  health.drain();
  await sleep(settings.drainDelayMs);
  const closed = listener.shutdown();
  calls.endOpenEnded();
  await closed;
  clearTimeout(hardStop);
  clearTimeout(flushTimer);

  health.close();
  // Probes and metrics are answered until the end.
  await closeAll();
  log.info({ cutOff }, 'drained');
  return { cutOff };
}

function sleep(durationMs: number): Promise<void> {
  return durationMs === 0 ? Promise.resolve() : new Promise((resolve) => setTimeout(resolve, durationMs));
}
