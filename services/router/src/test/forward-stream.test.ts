import { afterEach, expect, it } from '@jest/globals';
import {
  createBalancer,
  createChannelHop,
  createRetryBudget,
  UpstreamCounts,
  type HopStream,
  type Upstream,
} from '@tributary/client';
import { demoKind } from '@tributary/client/testing';
import { Status, type RpcMethod } from '@tributary/contract';
import { createLog, defineSettings, loadSettings, Registry, serve, serveSettingsShape } from '@tributary/serve';
import { InitialSync } from '../initial-sync';
import { forwardStream } from '../forward-stream';
import { RoutingTable } from '../routing-table';
import { endAll, startDemo } from './router-process';

// No RPC of protos/ has both a model and a stream yet: a door of its own with one that has.

afterEach(endAll);

const method: RpcMethod = {
  path: '/demo.Demo/Both',
  service: 'demo.Demo',
  requestType: 'demo.Request',
  responseType: 'demo.Request',
  requestStream: true,
  responseStream: true,
  modelNameField: 1,
};

/** A message whose first field names a model. */
function naming(model: string): Buffer {
  return Buffer.concat([Buffer.of(0x0a, model.length), Buffer.from(model)]);
}

it('a stream goes to the model that its first message names, and is refused where nobody has it', async () => {
  const demo = await startDemo('served');
  const onwards = createChannelHop(demo.address);
  const methods = new Set([method.path]);
  const none = new Set<string>();
  const model = {
    name: 'm',
    version: '1',
    task: '',
    state: 'READY',
    reason: '',
    batching: '',
    defaultOf: none,
  } as const;
  const upstream: Upstream = {
    address: demo.address,
    state: 'READY',
    service: demoKind,
    models: [{ ...model, methods, servedByDefault: true }],
    outstanding: 0,
    hop: 'plain',
    counts: new UpstreamCounts(),
    relayed: undefined,
    call: (call) => onwards.call(call),
    open: (call) => onwards.open(call),
  };
  const table = new RoutingTable();
  table.update(upstream);
  const shape = serveSettingsShape({ grpc: 0, metrics: 0 });
  const definition = defineSettings({ name: 'door', summary: 'A door.', shape });
  const sight = new InitialSync(
    () => true,
    () => undefined,
  );
  sight.changed();
  const observed: unknown[] = [];
  const handler = forwardStream(method, {
    table,
    sight,
    balancer: createBalancer({ budget: createRetryBudget(1) }),
    settings: { forwardMetadata: [], maxAnswerBytes: 1024 },
    tracer: undefined,
    observe: (name, code) => observed.push([name, code]),
  });
  const server = await serve({
    name: 'door',
    settings: loadSettings(definition, { argv: ['--log-level', 'fatal'], env: {} }),
    log: createLog({ name: 'door', logLevel: 'fatal', logFormat: 'json' }).log,
    registry: new Registry(),
    methods: [{ path: method.path, kind: 'bidi', handler }],
    services: [],
    health: { ready: () => true, status: () => undefined, onChange: () => () => undefined },
  });
  const caller = createChannelHop(`127.0.0.1:${server.grpcPort}`);
  const open = (): HopStream => caller.open({ path: method.path, metadata: new Map(), timeoutMs: 20_000 });

  const stream = open();
  for (const message of [naming('m'), naming('another'), Buffer.alloc(0)]) {
    await stream.write(message);
    expect(await stream.next()).toEqual(message);
  }
  stream.end();
  expect(await stream.next()).toBeUndefined();
  expect((await stream.ended).code).toBe(Status.OK);
  expect(observed).toEqual([['m', Status.OK]]);

  const unknown = open();
  await unknown.write(naming('no'));
  expect((await unknown.ended).code).toBe(Status.NOT_FOUND);
  const empty = open();
  empty.end();
  // As a call that names no model, where none is the default.
  expect((await empty.ended).code).toBe(Status.NOT_FOUND);

  caller.close();
  onwards.close();
  await server.drain();
});
