import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from '@tributary/client';
import { Status, tributary } from '@tributary/contract';
import { inferRequest, modelInfer, startLoad } from './load';
import { attemptsOf, endAll, startRouter, startServedUpstream, startUpstream } from './router-process';

const clients: Client[] = [];

afterEach(async () => {
  for (const client of clients.splice(0)) client.close();
  await endAll();
});

function directClient(address: string): Client {
  const client = createClient(address, { direct: true });
  clients.push(client);
  return client;
}

type Metrics = () => Promise<string>;

/** Calls a model until a call of the client is none of the router's any more. */
async function untilDirect(client: Client, model: string, metrics: Metrics): Promise<void> {
  for (;;) {
    const before = await attemptsOf(metrics);
    expect((await client.callBytes(modelInfer, inferRequest(model))).code).toBe(Status.OK);
    if ((await attemptsOf(metrics)) === before) return;
  }
}

/** A way to a port for the first that connects: the router. Everybody else finds somebody who says nothing. */
async function startGate(onwardsTo: number) {
  const sockets: Socket[] = [];
  let connections = 0;
  const server = createServer((socket) => {
    connections += 1;
    sockets.push(socket);
    socket.on('error', () => undefined);
    if (connections > 1) return;
    const onwards = createConnection(onwardsTo, '127.0.0.1');
    onwards.on('error', () => undefined);
    sockets.push(onwards);
    socket.pipe(onwards).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves once that many have connected. */
    tried: async (count: number) => {
      while (connections < count) await pause(5);
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const embed = 'tributary.nlp.v1.NlpService/Embed';

describe('a client in direct mode', () => {
  it('sends a call that a service died of to one other, by whatever way, and no further', async () => {
    const models = [{ name: 'die' }, { name: 'echo' }];
    const upstreams = await Promise.all([1, 2, 3].map(() => startUpstream({ models })));
    const { address, untilReady, metrics } = await startRouter(upstreams.map((upstream) => upstream.address));
    await untilReady(3);
    const client = directClient(address);
    await untilDirect(client, 'echo', metrics);
    expect((await client.callBytes(modelInfer, inferRequest('die'))).code).toBe(Status.UNAVAILABLE);
    await untilReady(1);
    expect(upstreams.filter((upstream) => upstream.isUp())).toHaveLength(1);
  });

  it('calls services itself, with and without the relay, and leaves the rest to the router', async () => {
    const served = await startServedUpstream();
    const models = [{ name: 'm', methods: [embed], defaultOf: [embed] }];
    const plain = await startUpstream({ service: 'nlp', models });
    const { address, untilReady, metrics } = await startRouter([served.address, plain.address]);
    await untilReady(2);
    const client = directClient(address);
    await untilDirect(client, 'echo', metrics);
    await untilDirect(client, 'm', metrics);
    const before = await attemptsOf(metrics);
    const request = inferRequest('echo', 'an id', Buffer.alloc(1000));
    expect(await client.callBytes(modelInfer, request)).toMatchObject({
      code: Status.OK,
      message: Buffer.from(request),
    });
    const { EmbedRequest } = tributary.nlp.v1;
    for (const body of [{ modelName: 'm' }, { texts: ['a default model'] }]) {
      expect((await client.callBytes(`/${embed}`, EmbedRequest.encode(body).finish())).code).toBe(Status.OK);
    }
    expect(await attemptsOf(metrics)).toBe(before);
    // In the router's words.
    await expect(client.call(embed, { modelName: 'echo' })).rejects.toMatchObject({ reason: 'TASK_UNSUPPORTED' });
    const infer = 'inference.GRPCInferenceService/ModelInfer';
    await expect(client.call(infer, { modelName: 'no' })).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    expect(await client.call('inference.GRPCInferenceService/ServerMetadata', {})).toMatchObject({
      name: 'tributary-router',
    });
  });

  it('loses no call when a replica is killed', async () => {
    const a = await startUpstream({ models: [{ name: 'm' }] });
    const b = await startUpstream({ models: [{ name: 'm' }] });
    const { address, untilReady, metrics } = await startRouter([a.address, b.address]);
    await untilReady(2);
    const client = directClient(address);
    await untilDirect(client, 'm', metrics);
    const load = startLoad(client, 'm', 8);
    await load.reached(500);
    a.signal('SIGKILL');
    await load.reached(2_000);
    expect((await load.stop()).failures).toEqual([]);
  });

  it('loses no call when the only replica that it could reach is killed, for the router has another', async () => {
    const far = await startUpstream({ models: [{ name: 'm' }] });
    const near = await startUpstream({ models: [{ name: 'm' }] });
    const gate = await startGate(far.port);
    const { address, untilReady, metrics } = await startRouter([gate.address, near.address], ['--hop', 'plain']);
    await untilReady(2);
    const client = directClient(address);
    await untilDirect(client, 'm', metrics);
    const load = startLoad(client, 'm', 8);
    await load.reached(200);
    near.signal('SIGKILL');
    await load.reached(1_000);
    expect((await load.stop()).failures).toEqual([]);
    gate.close();
  });

  it('goes on without the router', async () => {
    const upstream = await startUpstream({ models: [{ name: 'm' }] });
    const { address, untilReady, metrics, child } = await startRouter([upstream.address]);
    await untilReady(1);
    const client = directClient(address);
    await untilDirect(client, 'm', metrics);
    const load = startLoad(client, 'm', 4);
    await load.reached(100);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await load.reached(1_000);
    expect((await load.stop()).failures).toEqual([]);
    const answer = await client.callBytes(modelInfer, inferRequest('unknown here'));
    expect(answer.code).toBe(Status.UNAVAILABLE);
  });

  it('follows what upstreams serve and whether they do', async () => {
    const a = await startUpstream({ models: [{ name: 'm' }] });
    const b = await startUpstream({ models: [{ name: 'n' }] });
    const { address, untilReady, metrics } = await startRouter([a.address, b.address]);
    await untilReady(2);
    const client = directClient(address);
    await untilDirect(client, 'm', metrics);
    await untilDirect(client, 'n', metrics);
    b.setModels([{ name: 'n' }, { name: 'new' }]);
    while ((await client.callBytes(modelInfer, inferRequest('new'))).code !== Status.OK) await pause(5);
    await untilDirect(client, 'new', metrics);
    a.setServing(false);
    for (;;) {
      const { code } = await client.callBytes(modelInfer, inferRequest('m'));
      // Nobody can answer, and it is the router that says so.
      if (code !== Status.OK) break;
    }
    expect((await client.callBytes(modelInfer, inferRequest('n'))).code).toBe(Status.OK);
  });

  it('goes by the router where the addresses of upstreams lead nowhere from here', async () => {
    const upstream = await startUpstream({ models: [{ name: 'm' }] });
    const gate = await startGate(upstream.port);
    const { address, untilReady, metrics } = await startRouter([gate.address], ['--hop', 'plain']);
    await untilReady(1);
    const client = directClient(address);
    const load = startLoad(client, 'm', 4);
    await gate.tried(2);
    await load.reached(200);
    const { calls, failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(await attemptsOf(metrics)).toBe(calls);
    gate.close();
  });
});
