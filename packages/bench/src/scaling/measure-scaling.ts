import { setTimeout as wait } from 'node:timers/promises';
import { createClient, type Client } from '@tributary/client';
import { inference } from '@tributary/contract';
import type { Bench } from '../keys/key';
import { GrpcConnection } from '../load/grpc-connection';
import type { LoadRequest } from '../load/load-plan';
import { watchMemory } from '../measure/held-memory';
import { served, type Load } from '../measure/served';
import { cpuSecondsOf } from '../process/process-cpu';
import { startFleet, type Fleet } from '../servers/fleet';
import type { MeasuredServer } from '../servers/measured-server';
import { startRouter } from '../servers/router';
import { modelInferPath } from '../workloads/tensor-workload';
import type { ScalingOptions } from './scaling-options';

/** One figure. */
export interface ScalingFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'us' | 'KiB' | 'MiB' | 'bytes' | 'ms' | '% of a core';
}

const answer = new Uint8Array(64);
/** Servers of one process. */
const perProcess = 250;
/** Kinds of calls, as the bench's keys have them. */
const smallBytes = 256;
const largeBytes = 602_112;

/** Measurements, for the progress bar. */
export const scalingSteps = 9;

/** Measures everything, one thing after the other. */
export async function measureScaling(bench: Bench, options: ScalingOptions): Promise<ScalingFigure[]> {
  const figures: ScalingFigure[] = [];
  const add = (name: string, value: number, unit: ScalingFigure['unit']): void => {
    const figure = { name, value: Number(value.toPrecision(3)), unit };
    figures.push(figure);
    bench.progress.note(`${name}: ${figure.value} ${unit}`);
  };
  await measureCalls(bench, add);
  await measureClients(bench, options, add);
  await measureFleet(bench, options, add);
  return figures;
}

type Add = (name: string, value: number, unit: ScalingFigure['unit']) => void;

function requestOf(bytes: number): LoadRequest {
  const message = inference.ModelInferRequest.encode({
    modelName: 'echo',
    rawInputContents: [new Uint8Array(bytes)],
  }).finish();
  return { message, check: { kind: 'bytes', expected: answer } };
}

function loadOf(bytes: number): Load {
  const inFlightPerConnection = bytes > 100_000 ? 4 : 32;
  const mode = { kind: 'closed', inFlightPerConnection } as const;
  return { path: modelInferPath, requests: [requestOf(bytes)], connections: 4, mode };
}

/** CPU of a call, at the router and at the upstream. */
async function measureCalls(bench: Bench, add: Add): Promise<void> {
  const fleet = await startFleet(bench.group, 1, answer);
  const direct = await cpuOfCalls(bench, fleet.servers[0]!, [fleet], smallBytes);
  add('service, small call, straight', direct.upstreamUs, 'us');
  bench.progress.step('straight');
  for (const hop of ['relay', 'plain'] as const) {
    const router = await startRouter(bench.group, bench, fleet.servers, hop === 'plain' ? ['--hop=plain'] : []);
    for (const [size, bytes] of [
      ['small', smallBytes],
      ['602 KB', largeBytes],
    ] as const) {
      const { serverUs, upstreamUs } = await cpuOfCalls(bench, router, [fleet], bytes);
      add(`router, ${size} call by ${hop}`, serverUs, 'us');
      add(`service, ${size} call by ${hop}`, upstreamUs, 'us');
      bench.progress.step(`${size} by ${hop}`);
    }
    await router.end();
  }
}

async function cpuOfCalls(
  bench: Bench,
  server: MeasuredServer,
  fleets: readonly Fleet[],
  bytes: number,
): Promise<{ readonly serverUs: number; readonly upstreamUs: number }> {
  const answeredBy = async (): Promise<number> =>
    (await Promise.all(fleets.map((fleet) => fleet.answered()))).reduce((sum, count) => sum + count, 0);
  const cpuOfFleets = (): number => fleets.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
  const contestant = served(bench.generator, server, loadOf(bytes));
  await contestant.measure({ warmUpMs: 0, windowMs: bench.quick ? 1_000 : 5_000 });
  const [before, cpuBefore] = [await answeredBy(), cpuOfFleets()];
  const measured = await contestant.measure({ warmUpMs: 0, windowMs: bench.quick ? 1_000 : 5_000 });
  if (measured.faults.length > 0) throw new Error(measured.faults.join('; '));
  const calls = (await answeredBy()) - before;
  return { serverUs: measured.cpuUsPerAnswer ?? NaN, upstreamUs: ((cpuOfFleets() - cpuBefore) * 1e6) / calls };
}

/** What clients cost a router that they only hold on to. */
async function measureClients(bench: Bench, { clients }: ScalingOptions, add: Add): Promise<void> {
  const fleet = await startFleet(bench.group, 1, answer);
  const router = await startRouter(bench.group, bench, fleet.servers);
  const before = await atRest(bench, router.pid);
  const address = { host: '127.0.0.1', port: router.port };
  const connections = await Promise.all(Array.from({ length: clients }, () => GrpcConnection.open(address)));
  const connected = await atRest(bench, router.pid);
  add('router, a client connection', (connected - before) / clients / 1024, 'KiB');
  bench.progress.step('client connections');
  const ending = new AbortController();
  const client = createClient(`127.0.0.1:${router.port}`);
  await Promise.all(Array.from({ length: Math.min(clients, 200) }, () => firstOf(client, ending.signal)));
  add('router, a health watch', ((await atRest(bench, router.pid)) - connected) / Math.min(clients, 200) / 1024, 'KiB');
  bench.progress.step('watches');
  ending.abort();
  client.close();
  await Promise.all(connections.map((connection) => connection.close()));
  await router.end();
}

/** Begins a watch that goes on; resolves with its first message. */
async function firstOf(client: Client, signal: AbortSignal): Promise<void> {
  const watch = client.stream('grpc.health.v1.Health/Watch', {}, { signal });
  await watch.next();
  // The rest of it is read by nobody, until the client ends.
}

/** A router in front of the fleet. */
async function measureFleet(bench: Bench, { upstreams }: ScalingOptions, add: Add): Promise<void> {
  const fleets: Fleet[] = [];
  for (let left = upstreams; left > 0; left -= perProcess) {
    fleets.push(await startFleet(bench.group, Math.min(left, perProcess), answer));
  }
  const servers = fleets.flatMap((fleet) => fleet.servers);
  const cpuOfFleets = (): number => fleets.reduce((sum, { pid }) => sum + cpuOf(pid), 0);
  const memoryOfFleets = async (): Promise<number> => {
    let sum = 0;
    for (const { pid } of fleets) sum += await atRest(bench, pid);
    return sum;
  };
  const few = await startRouter(bench.group, bench, servers.slice(0, 1));
  const memoryOfFew = await atRest(bench, few.pid);
  await few.end();
  const fleetsAlone = await memoryOfFleets();
  const begin = performance.now();
  const router = await startRouter(bench.group, bench, servers);
  add(`router, start until ${upstreams} upstreams are ready`, performance.now() - begin, 'ms');
  add('router, CPU of that an upstream', (cpuOf(router.pid) * 1e6) / upstreams, 'us');
  add('router, memory an upstream', ((await atRest(bench, router.pid)) - memoryOfFew) / upstreams / 1024, 'KiB');
  add('service, memory a router', ((await memoryOfFleets()) - fleetsAlone) / upstreams / 1024, 'KiB');
  bench.progress.step(`${upstreams} upstreams`);

  const idleMs = bench.quick ? 2_000 : 30_000;
  const [routerBefore, fleetsBefore] = [cpuOf(router.pid), cpuOfFleets()];
  await wait(idleMs);
  const share = (seconds: number): number => (seconds * 1000 * 100) / idleMs;
  add(`router, at rest with ${upstreams} upstreams`, share(cpuOf(router.pid) - routerBefore), '% of a core');
  add(`services, at rest, ${upstreams} with a router each`, share(cpuOfFleets() - fleetsBefore), '% of a core');

  const { serverUs, upstreamUs } = await cpuOfCalls(bench, router, fleets, smallBytes);
  add(`router, small call by relay to ${upstreams} upstreams`, serverUs, 'us');
  add(`service, the same`, upstreamUs, 'us');
  add(`router, memory under that load`, (await atRest(bench, router.pid)) / 2 ** 20, 'MiB');
  bench.progress.step(`calls to ${upstreams} upstreams`);

  const client = createClient(`127.0.0.1:${router.port}`);
  const routes = await client.callBytes('/tributary.router.v1.RouterService/ListRoutes', new Uint8Array());
  add(`WatchRoutes, a message, an upstream`, (routes.message?.length ?? NaN) / upstreams, 'bytes');
  client.close();
}

function cpuOf(pid: number): number {
  const seconds = cpuSecondsOf(pid);
  if (seconds === undefined) throw new Error('the system does not tell what CPU a process takes');
  return seconds;
}

/** What a process holds on to, in bytes. */
async function atRest(bench: Bench, pid: number): Promise<number> {
  return (await watchMemory(pid, bench.quick ? 200 : 2_000)).leastBytes;
}
