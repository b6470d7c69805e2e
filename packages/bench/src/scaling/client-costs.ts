import { createClient, type Client } from '@tributary/client';
import type { Bench } from '../keys/key';
import { GrpcConnection } from '../load/grpc-connection';
import { startFleet } from '../servers/fleet';
import type { MeasuredServer } from '../servers/measured-server';
import { startRouter } from '../servers/router';
import { bytesAtRest } from './process-use';
import { fleetAnswer, type AddFigure, type ScalingPart } from './scaling-part';

/** Streams that a server lets one connection have: watches beyond it would wait. */
const maxWatches = 200;

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
  const connectAll = (): Promise<GrpcConnection[]> => Promise.all(Array.from({ length: clients }, open));
  // What the first ones leave behind (code that was compiled, a heap that has grown) is no cost of the next.
  const first = await connectAll();
  const connections = await connectAll();
  const before = await bytesAtRest(bench, [pid]);
  const more = await connectAll();
  const connected = await bytesAtRest(bench, [pid]);
  add(`${what}, a client connection`, (connected - before) / clients / 1024, 'KiB');
  bench.progress.step(`connections to a ${what}`);
  const ending = new AbortController();
  const client = createClient(`127.0.0.1:${port}`);
  const watches = Math.min(clients, maxWatches);
  await Promise.all(Array.from({ length: watches }, () => firstOf(client, ending.signal)));
  add(`${what}, a health watch`, ((await bytesAtRest(bench, [pid])) - connected) / watches / 1024, 'KiB');
  bench.progress.step(`watches of a ${what}`);
  ending.abort();
  client.close();
  await Promise.all([...first, ...connections, ...more].map((connection) => connection.close()));
}

/** Begins a watch that goes on; resolves with its first message. The rest is read by nobody, until the client ends. */
async function firstOf(client: Client, signal: AbortSignal): Promise<void> {
  await client.stream('grpc.health.v1.Health/Watch', {}, { signal }).next();
}
