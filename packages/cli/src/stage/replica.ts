import { join } from 'node:path';
import { supervise, type SupervisedProcess } from '../supervisor';
import type { ProcessName } from '../system';
import type { NetworkHost } from './network';

export interface ReplicaOptions {
  readonly service: ProcessName;
  readonly host: NetworkHost;
  /** Root of the workspace whose build runs. */
  readonly root: string;
  /** Settings, as flags. */
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** It ended unasked and starts again after `delayMs`. */
  readonly onRestart?: (how: string, delayMs: number) => void;
}

/** One process of ours on a host, that is found at the same address whenever it runs. */
export interface Replica {
  readonly name: string;
  readonly host: NetworkHost;
  /** `ip:port` of gRPC. */
  readonly address: string;
  /** Where Prometheus would read. */
  readonly metricsUrl: string;
  /** Process id; undefined while it is down. */
  pid(): number | undefined;
  /** SIGTERM, and waits for the end. Resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Starts it, of the workspace at `root` (default: the one it had); resolves once it says that it serves. */
  start(root?: string): Promise<void>;
  /** To the process as it is. One that this ends is started again by its supervisor, as a container would be. */
  signal(name: NodeJS.Signals): void;
  /** Resolves once it serves as another process than `pid`. */
  untilReplaced(pid: number): Promise<void>;
}

/** Ports in a namespace, where all are free. */
const ports = { grpc: 8001, metrics: 8002 };
/** Longer than any drain. */
const stopTimeoutMs = 40_000;

/** Starts a process; resolves once it serves. @throws StartFailure with its last words */
export async function startReplica(options: ReplicaOptions): Promise<Replica> {
  const { host, service } = options;
  const own = host.prefix.length > 0;
  let { root } = options;
  let grpcPort = own ? ports.grpc : 0;
  let metricsPort = own ? ports.metrics : 0;
  let supervised: SupervisedProcess | undefined;
  const waiting = new Set<() => void>();

  const start = async (): Promise<void> => {
    supervised = supervise({
      name: host.name,
      script: join(root, 'services', service, 'dist/main.js'),
      prefix: host.prefix,
      args: () => [
        `--host=${host.ip}`,
        `--grpc-port=${grpcPort}`,
        `--metrics-port=${metricsPort}`,
        '--log-format=json',
        '--log-level=error',
        ...options.args,
      ],
      env: { ...options.env, ORT_DISABLE_TELEMETRY: '1' },
      onLine: () => undefined,
      onServing: (message) => {
        ({ grpcPort, metricsPort } = message);
        for (const check of waiting) check();
      },
      onRestart: (how, delayMs) => options.onRestart?.(how, delayMs),
    });
    await supervised.serving;
  };
  const stop = async (): Promise<number | null> => {
    const code = await (supervised?.stop(stopTimeoutMs) ?? null);
    supervised = undefined;
    return code;
  };
  const pid = (): number | undefined => supervised?.pid();
  await start();

  return {
    name: host.name,
    host,
    address: `${host.ip}:${grpcPort}`,
    metricsUrl: `http://${host.ip}:${metricsPort}/metrics`,
    pid,
    stop,
    start: (newRoot = root) => {
      root = newRoot;
      return start();
    },
    signal: (name) => {
      const current = pid();
      if (current !== undefined) process.kill(current, name);
    },
    untilReplaced: (old) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (pid() === old) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
      }),
  };
}
