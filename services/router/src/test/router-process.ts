import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient, type Client, type HopSecurity, type RpcResponse } from '@tributary/client';
import { tributary } from '@tributary/contract';
import { spawnTestUpstream, type SpawnedTestUpstream, type TestUpstreamOptions } from '@tributary/client/testing';

export type Routes = RpcResponse<'tributary.router.v1.RouterService/ListRoutes'>;

/** The router as it ships, in its own process, on free ports. */
export interface RouterProcess {
  readonly address: string;
  readonly child: ChildProcess;
  readonly client: Client;
  /** What Prometheus would read. */
  readonly metrics: () => Promise<string>;
  readonly routes: () => Promise<Routes>;
  /** Resolves once the routes are as wanted. */
  readonly untilRoutes: (wanted: (routes: Routes) => boolean) => Promise<void>;
  /** Resolves once `count` upstreams get calls. */
  readonly untilReady: (count: number) => Promise<void>;
  /** SIGTERM; resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** How a test's router and its upstreams are to speak to each other. */
export interface HopUnderTest {
  readonly startRouter: typeof startRouter;
  readonly startUpstream: typeof startUpstream;
  /** Whether upstreams have the relay. */
  readonly relay: boolean;
}

/** The hops that a router has, for describe.each. */
export const hopsUnderTest: readonly (readonly [string, HopUnderTest])[] = (
  [
    ['by the plain hop', false, 'plain'],
    ['over the relay', true, 'auto'],
  ] as const
).map(([name, relay, hop]) => [
  name,
  {
    relay,
    startRouter: (upstreams, flags = [], env = {}) => startRouter(upstreams, ['--hop', hop, ...flags], env),
    startUpstream: (options) => startUpstream({ relay, ...options }),
  },
]);

const closers: (() => Promise<unknown>)[] = [];

/** Ends everything that a test has started; for afterEach. */
export async function endAll(): Promise<void> {
  await Promise.all(closers.splice(0).map((close) => close()));
}

/**
 * Starts the router in front of some addresses.
 * @param env its whole environment; by default that of the tests
 * @param security of the client that comes with it
 */
export async function startRouter(
  upstreams: readonly string[],
  flags: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
  security: HopSecurity = {},
): Promise<RouterProcess> {
  const child = fork(
    join(__dirname, '..', 'main.js'),
    [
      ...['--grpc-port', '0', '--metrics-port', '0', '--log-level', 'fatal'],
      ...['--upstreams', upstreams.join(',')],
      ...flags,
    ],
    Object.keys(env).length > 0 ? { env: { ...env } } : {},
  );
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const [{ grpcPort, metricsPort }] = (await once(child, 'message')) as [{ grpcPort: number; metricsPort: number }];
  const address = `127.0.0.1:${grpcPort}`;
  // The router alone is under test: what it fails, nobody tries again.
  const client = createClient(address, { retry: false, ...security });
  const routes = (): Promise<Routes> => client.call('tributary.router.v1.RouterService/ListRoutes', {});
  const untilRoutes = async (wanted: (routes: Routes) => boolean): Promise<void> => {
    while (!wanted(await routes())) await pause(5);
  };
  closers.push(async () => {
    client.close();
    child.kill('SIGKILL');
    await exited;
  });
  return {
    address,
    child,
    client,
    metrics: async () => (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text(),
    routes,
    untilRoutes,
    untilReady: (count) =>
      untilRoutes(({ upstreams: list }) => list.filter(({ state }) => state === upstreamReady).length === count),
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

const upstreamReady = tributary.router.v1.UpstreamState.UPSTREAM_STATE_READY;

/** Starts an upstream in its own process. */
export async function startUpstream(options: TestUpstreamOptions = {}): Promise<SpawnedTestUpstream> {
  const upstream = await spawnTestUpstream(options);
  closers.push(() => upstream.kill());
  return upstream;
}

/** An upstream behind the door of the services. */
export interface ServedUpstream {
  readonly address: string;
  readonly port: number;
  /** Lines that it has logged. */
  readonly logged: readonly Readonly<Record<string, unknown>>[];
  /** SIGTERM; resolves to the exit code. */
  readonly stop: () => Promise<number | null>;
}

/** Starts an upstream that answers the model `echo`, and fails for `defect`, behind the door of the services. */
export async function startServedUpstream(port = 0, moreFlags: readonly string[] = []): Promise<ServedUpstream> {
  const flags = ['--grpc-port', String(port), '--metrics-port', '0', '--log-level', 'error', ...moreFlags];
  const child = fork(join(__dirname, 'served-upstream.js'), flags, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const logged: Record<string, unknown>[] = [];
  createInterface(child.stdout!).on('line', (line) => logged.push(JSON.parse(line) as Record<string, unknown>));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  closers.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [{ grpcPort }] = (await once(child, 'message')) as [{ grpcPort: number }];
  return {
    address: `127.0.0.1:${grpcPort}`,
    port: grpcPort,
    logged,
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

/** An upstream with demo.Demo. */
export interface DemoUpstream extends Omit<ServedUpstream, 'logged'> {
  readonly signal: (name: 'SIGKILL' | 'SIGTERM') => void;
}

/** Starts one: `served` behind the door of the services, `foreign` as a server of grpc-js. */
export async function startDemo(
  variant: 'served' | 'foreign',
  moreFlags: readonly string[] = [],
): Promise<DemoUpstream> {
  const flags = ['--grpc-port', '0', '--metrics-port', '0', '--log-level', 'fatal', ...moreFlags];
  const child = fork(join(__dirname, variant === 'served' ? 'demo-upstream.js' : 'foreign-demo.js'), flags);
  const exited = once(child, 'exit') as Promise<[number | null]>;
  closers.push(async () => {
    child.kill('SIGKILL');
    await exited;
  });
  const [{ grpcPort }] = (await once(child, 'message')) as [{ grpcPort: number }];
  return {
    address: `127.0.0.1:${grpcPort}`,
    port: grpcPort,
    signal: (name) => void child.kill(name),
    stop: async () => {
      child.kill('SIGTERM');
      return (await exited)[0];
    },
  };
}

/** Attempts at upstreams that have ended, by the router's count. */
export async function attemptsOf(metrics: () => Promise<string>): Promise<number> {
  const lines = (await metrics()).matchAll(/^tributary_router_upstream_calls_total\{[^}]*\} (\d+)$/gm);
  return [...lines].reduce((sum, [, count]) => sum + Number(count), 0);
}
