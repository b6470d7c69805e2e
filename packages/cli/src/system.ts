import { join } from 'node:path';
import { createDeferred } from './deferred';
import { type ServingMessage, type SupervisedProcess, supervise } from './supervisor';

/** The processes of the system, the router last: it needs the addresses of the others. */
export const processNames = ['image', 'nlp', 'recommendation', 'router'] as const;
export type ProcessName = (typeof processNames)[number];

/** Ports that each process takes unless told otherwise. */
export const defaultPorts: Readonly<Record<ProcessName, { grpc: number; metrics: number }>> = {
  router: { grpc: 8001, metrics: 8002 },
  image: { grpc: 8011, metrics: 8012 },
  nlp: { grpc: 8021, metrics: 8022 },
  recommendation: { grpc: 8031, metrics: 8032 },
};

export interface SystemOptions {
  /** Root of the workspace. */
  readonly root: string;
  /** True: any free ports, for several systems on one machine. */
  readonly freePorts: boolean;
  /** Folder that holds `image/`, `nlp/` and `recommendation/`, each a model repository. */
  readonly models: string;
  readonly env: NodeJS.ProcessEnv;
  /** Further arguments of a process. */
  readonly args?: Partial<Record<ProcessName, readonly string[]>>;
  readonly onLine?: (process: ProcessName, line: string) => void;
  /** A process that had ended takes calls again. */
  readonly onReturn?: (process: ProcessName) => void;
  readonly onRestart?: (process: ProcessName, how: string, delayMs: number) => void;
}

/** The four processes, serving. */
export interface System {
  readonly processes: ReadonlyMap<ProcessName, SupervisedProcess>;
  /** host:port of a process's gRPC listener. */
  address(process: ProcessName): string;
  ports(process: ProcessName): ServingMessage;
  /** Router first, so that nothing arrives for services that are gone. True where every process ended with code 0. */
  stop(): Promise<boolean>;
}

/** Longer than any process's own drain. */
const stopTimeoutMs = 40_000;

/** Which process could not start, and its last words. */
export class SystemStartFailure extends Error {
  constructor(
    readonly process: ProcessName,
    lastWords: string,
  ) {
    super(lastWords);
  }
}

/**
 * Starts the three services, then the router in front of them. Rejects with SystemStartFailure where one of them cannot start; then
 * nothing is left running. A process that ends later is started again.
 */
export async function startSystem(options: SystemOptions, signal?: AbortSignal): Promise<System> {
  const processes = new Map<ProcessName, SupervisedProcess>();
  const ports = new Map<ProcessName, ServingMessage>();
  const aborted = createDeferred<never>();
  const onAbort = (): void => aborted.reject(new Error('stopped while starting'));
  if (signal?.aborted === true) onAbort();
  signal?.addEventListener('abort', onAbort);

  const start = async (name: ProcessName, args: readonly string[]): Promise<void> => {
    const asked = options.freePorts ? { grpc: 0, metrics: 0 } : defaultPorts[name];
    const portArgs = (): string[] => {
      // One that starts again is found where it was.
      const { grpcPort = asked.grpc, metricsPort = asked.metrics } = ports.get(name) ?? {};
      return [`--grpc-port=${grpcPort}`, `--metrics-port=${metricsPort}`];
    };
    const supervised = supervise({
      name,
      script: join(options.root, 'services', name, 'dist/main.js'),
      args: () => [...portArgs(), ...args, ...(options.args?.[name] ?? [])],
      env: options.env,
      onLine: (line) => options.onLine?.(name, line),
      onServing: () => {
        if (ports.has(name)) options.onReturn?.(name);
      },
      onRestart: (how, delayMs) => options.onRestart?.(name, how, delayMs),
    });
    processes.set(name, supervised);
    await Promise.race([
      aborted.promise,
      supervised.serving.then(
        (message) => ports.set(name, message),
        (error: unknown) => {
          throw new SystemStartFailure(name, (error as Error).message);
        },
      ),
    ]);
  };
  const stop = async (): Promise<boolean> => {
    const router = processes.get('router');
    const codes = [await router?.stop(stopTimeoutMs)];
    const services = [...processes.values()].filter((process) => process !== router);
    codes.push(...(await Promise.all(services.map((process) => process.stop(stopTimeoutMs)))));
    return codes.every((code) => code === 0);
  };
  const address = (name: ProcessName): string => `127.0.0.1:${ports.get(name)?.grpcPort ?? 0}`;

  try {
    const services = processNames.filter((name) => name !== 'router');
    await Promise.all(services.map((name) => start(name, [`--repository=${join(options.models, name)}`])));
    await start('router', [`--upstreams=${services.map(address).join(',')}`]);
  } catch (error) {
    await stop();
    throw error;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
  return { processes, address, ports: (name) => ports.get(name)!, stop };
}
