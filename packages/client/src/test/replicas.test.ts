import { afterEach, describe, expect, it } from '@jest/globals';
import { status } from '@grpc/grpc-js';
import { Status } from '@tributary/contract';
import { createServer } from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import { createClient, type Client, type ClientOptions } from '../create-client';
import { spawnTestUpstream } from '../testing';
import { startBytesServer, type BytesServer } from './bytes-server';

const path = '/inference.GRPCInferenceService/ModelInfer';
const request = Buffer.from([0x0a, 1, 0x61]);

interface Replica extends BytesServer {
  /** Attempts that have arrived. */
  attempts: number;
  /** 0: it answers. */
  code: status;
}

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function startReplica(): Promise<Replica> {
  const started = await startBytesServer({
    [path]: {
      unary: (call, callback) => {
        replica.attempts += 1;
        if (replica.code === status.OK) callback(null, call.request);
        else callback(Object.assign(new Error('no'), { code: replica.code }));
      },
    },
  });
  const replica: Replica = { ...started, attempts: 0, code: status.OK };
  closers.push(() => started.server.forceShutdown());
  return replica;
}

function connect(replicas: readonly Pick<Replica, 'address'>[], options?: ClientOptions): Client {
  const client = createClient(`ipv4:${replicas.map(({ address }) => address).join(',')}`, options);
  closers.push(() => client.close());
  return client;
}

/** A server that is lost, with its listener, when it has sent the headers of its first answer. */
async function startVictim(): Promise<Pick<Replica, 'address'>> {
  const server = createServer();
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket));
  server.on('stream', (stream) => {
    stream.on('error', () => undefined);
    stream.respond({ ':status': 200, 'content-type': 'application/grpc', 'x-request-id': '1' });
    server.close();
    setImmediate(() => sockets.forEach((socket) => socket.resetAndDestroy()));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => server.close());
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}` };
}

/** Calls, `inFlight` at a time; how they ended, by code. */
async function callMany(client: Client, calls: number, inFlight: number): Promise<Record<number, number>> {
  const codes: Record<number, number> = {};
  let begun = 0;
  const worker = async (): Promise<void> => {
    while (begun < calls) {
      begun += 1;
      const { code } = await client.callBytes(path, request);
      codes[code] = (codes[code] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return codes;
}

describe('a client of several addresses', () => {
  it('calls all of them, and loses no call where one is killed', async () => {
    const models = [{ name: 'a' }];
    const [victim, other] = [await spawnTestUpstream({ models }), await spawnTestUpstream({ models })];
    closers.push(() => void other.kill());
    const calls = callMany(connect([victim, other]), 800, 8);
    await Promise.all([victim.called(50), other.called(50)]);
    await victim.kill();
    expect(await calls).toEqual({ [Status.OK]: 800 });
  });

  it('case 72: sends a call again whose server was lost after the headers of its answer', async () => {
    const unhelped = await connect([await startVictim()], { retry: false }).callBytes(path, request);
    expect([unhelped.code, unhelped.headers.get('x-request-id')]).toEqual([Status.UNAVAILABLE, ['1']]);
    const other = await startReplica();
    expect(await callMany(connect([await startVictim(), other]), 10, 1)).toEqual({ [Status.OK]: 10 });
    expect(other.attempts).toBe(10);
  });

  it('sends a call once where it is told so, and where the code is final', async () => {
    const replica = await startReplica();
    replica.code = status.UNAVAILABLE;
    expect(await callMany(connect([replica], { retry: false }), 10, 1)).toEqual({ [Status.UNAVAILABLE]: 10 });
    expect(replica.attempts).toBe(10);
    replica.code = status.RESOURCE_EXHAUSTED;
    expect(await callMany(connect([replica]), 10, 1)).toEqual({ [Status.RESOURCE_EXHAUSTED]: 10 });
    expect(replica.attempts).toBe(20);
  });

  it('case 65: adds at most a fifth to the load while all of them say UNAVAILABLE', async () => {
    const replicas = [await startReplica(), await startReplica()];
    for (const replica of replicas) replica.code = status.UNAVAILABLE;
    const calls = 3_000;
    expect(await callMany(connect(replicas), calls, 64)).toEqual({ [Status.UNAVAILABLE]: calls });
    const attempts = replicas.reduce((sum, replica) => sum + replica.attempts, 0);
    expect(attempts).toBeGreaterThan(calls);
    expect(attempts).toBeLessThanOrEqual(calls * 1.2);
  });
});
