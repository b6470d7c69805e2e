import { createClient, type Client } from '@tributary/client';
import type { Bench } from '../keys/key';
import { GrpcConnection } from '../load/grpc-connection';
import { startFleet } from '../servers/fleet';
import type { MeasuredServer } from '../servers/measured-server';
import { startRouter } from '../servers/router';
import { bytesAtRest } from './process-use';
import { fleetAnswer, type AddFigure, type ScalingPart } from './scaling-part';

/** Below what a server has at a time, and by so many connections that it has a stream for each. */
const maxWatches = 1_000;
const watchesOfConnection = 200;

/** Connections before those that are counted. */
const maxFirst = 500;

/** Memory of clients that a router, or a service, only holds on to. */
export const clientCosts: ScalingPart = {
  name: 'clients',
  steps: 4,
  measure: async (bench, { clients }, add) => {
    const fleet = await startFleet(bench.group, 1, fleetAnswer);
    await measureHeld(bench, 'service', fleet.servers[0]!, clients, add);
    await measureHeld(bench, 'router', await startRouter(bench.group, bench, fleet.servers), clients, add);
  },
};

async function measureHeld(
  bench: Bench,
  what: string,
  { port, pid }: MeasuredServer,
  clients: number,
  add: AddFigure,
): Promise<void> {
  const open = (): Promise<GrpcConnection> => GrpcConnection.open({ host: '127.0.0.1', port });
  const connect = (count: number): Promise<GrpcConnection[]> => Promise.all(Array.from({ length: count }, open));
  // What the first ones leave behind (code that was compiled, a heap that has grown) is no cost of the next.
  const first = await connect(Math.min(clients, maxFirst));
  const before = await bytesAtRest(bench, [pid]);
  const connections = await connect(clients);
  const connected = await bytesAtRest(bench, [pid]);
  add(`${what}, a client connection`, (connected - before) / clients / 1024, 'KiB');
  bench.progress.step(`connections to a ${what}`);
  const watches = Math.min(clients, maxWatches);
  const watching = Array.from({ length: Math.ceil(watches / watchesOfConnection) }, () =>
    createClient(`127.0.0.1:${port}`),
  );
  await Promise.all(Array.from({ length: watches }, (_, index) => firstOf(watching[index % watching.length]!)));
  add(`${what}, a health watch`, ((await bytesAtRest(bench, [pid])) - connected) / watches / 1024, 'KiB');
  bench.progress.step(`watches of a ${what}`);
  for (const client of watching) client.close();
  await Promise.all([...first, ...connections].map((connection) => connection.close()));
}

/** Begins a watch that goes on; resolves with its first message. The rest is read by nobody, until the client ends. */
async function firstOf(client: Client): Promise<void> {
  await client.stream('grpc.health.v1.Health/Watch', {}).next();
}
