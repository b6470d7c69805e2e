import { afterEach, describe, expect, it } from '@jest/globals';
import { setTimeout as pause } from 'node:timers/promises';
import { Status } from '@tributary/contract';
import { createChannelHop } from '../channel-hop';
import { spawnTestUpstream, startTestUpstream, type SpawnedTestUpstream, type TestUpstreamOptions } from '../testing';
import type { Upstream } from '../upstream';
import { createUpstreams, type Upstreams, type UpstreamsOptions } from '../upstreams';

const closers: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

/** Upstreams whose changes can be waited for. */
interface Followed {
  readonly upstreams: Upstreams;
  readonly removed: string[];
  readonly until: (condition: () => boolean) => Promise<void>;
  readonly get: (address: string) => Upstream;
}

function follow(targets: readonly string[], options: Partial<UpstreamsOptions> = {}): Followed {
  const checks = new Set<() => void>();
  const removed: string[] = [];
  const check = (): void => {
    for (const each of checks) each();
  };
  const upstreams = createUpstreams({
    targets,
    createHop: (address) => createChannelHop(address),
    onChange: check,
    onRemoved: ({ address }) => {
      removed.push(address);
      check();
    },
    pollIntervalMs: 20,
    resolveIntervalMs: 20,
    ...options,
  });
  closers.push(() => {
    upstreams.close();
  });
  return {
    upstreams,
    removed,
    until: (condition) =>
      new Promise((resolve) => {
        const each = (): void => {
          if (!condition()) return;
          checks.delete(each);
          resolve();
        };
        checks.add(each);
        each();
      }),
    get: (address) => {
      const found = upstreams.list().find((upstream) => upstream.address === address);
      if (found === undefined) throw new Error(`no upstream ${address}`);
      return found;
    },
  };
}

async function start(options: TestUpstreamOptions = {}) {
  const upstream = await startTestUpstream(options);
  closers.push(() => {
    upstream.stop();
  });
  return upstream;
}

async function spawn(options: TestUpstreamOptions = {}): Promise<SpawnedTestUpstream> {
  const upstream = await spawnTestUpstream(options);
  closers.push(() => upstream.kill());
  return upstream;
}

/** For what comes with a resolution, which nobody tells of. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await pause(5);
}

describe('createUpstreams', () => {
  it('learns service, models and state, and follows their changes', async () => {
    const server = await start({
      service: 'nlp',
      serving: false,
      models: [{ name: 'm', version: '2', methods: ['tributary.nlp.v1.NlpService/Embed'], servedByDefault: true }],
    });
    const { until, get } = follow([server.address]);
    expect(get(server.address)).toMatchObject({ state: 'CONNECTING', service: '', models: [] });
    await until(() => get(server.address).state === 'NOT_SERVING');
    expect(get(server.address).service).toBe('nlp');
    expect(get(server.address).models).toEqual([
      expect.objectContaining({
        name: 'm',
        version: '2',
        state: 'READY',
        methods: new Set(['/tributary.nlp.v1.NlpService/Embed']),
        defaultOf: new Set(),
        servedByDefault: true,
      }),
    ]);
    server.setServing(true);
    await until(() => get(server.address).state === 'READY');
    server.setModels([{ name: 'n', state: 'LOADING' }]);
    await until(() => get(server.address).models[0]?.name === 'n');
    expect(get(server.address).models[0]?.state).toBe('LOADING');
  });

  it('asks servers of other makers again and again', async () => {
    const server = await start({
      service: 'triton',
      foreign: true,
      models: [
        { name: 'm', version: '9' },
        { name: 'm', version: '10' },
        { name: 'm', version: '11', state: 'UNAVAILABLE' },
      ],
    });
    const { until, get } = follow([server.address]);
    await until(() => get(server.address).state === 'READY');
    expect(get(server.address).service).toBe('triton');
    expect(get(server.address).models.map(({ version, servedByDefault }) => [version, servedByDefault])).toEqual([
      ['9', false],
      ['10', true],
      ['11', false],
    ]);
    server.setServing(false);
    await until(() => get(server.address).state === 'NOT_SERVING');
    server.setModels([]);
    await until(() => get(server.address).models.length === 0);
  });

  it('finds an upstream that starts after it', async () => {
    const gone = await startTestUpstream();
    gone.stop();
    const { until, get } = follow([gone.address]);
    await start({ port: gone.port });
    await until(() => get(gone.address).state === 'READY');
  });

  it('drops a killed upstream before the failed call settles, keeps its models, and takes it back', async () => {
    const models = [{ name: 'hang' }];
    const server = await spawn({ models });
    const { until, get } = follow([server.address]);
    await until(() => get(server.address).state === 'READY');
    const upstream = get(server.address);
    const call = upstream.call({
      path: '/inference.GRPCInferenceService/ModelInfer',
      request: [Buffer.from([10, 4, ...Buffer.from('hang')])],
      metadata: new Map(),
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    });
    await server.called(1);
    expect(upstream.outstanding).toBe(1);
    await server.kill();
    expect(await call).toMatchObject({ code: Status.UNAVAILABLE, answered: false });
    expect(upstream).toMatchObject({ state: 'CONNECTING', outstanding: 0 });
    expect(upstream.models.map(({ name }) => name)).toEqual(['hang']);
    await spawn({ models, port: server.port });
    await until(() => upstream.state === 'READY');
  });

  it('drops a frozen upstream by keepalive and takes it back when it thaws', async () => {
    const server = await spawn();
    const { until, get } = follow([server.address], {
      createHop: (address) => createChannelHop(address, { keepaliveTimeMs: 200, keepaliveTimeoutMs: 1_000 }),
    });
    await until(() => get(server.address).state === 'READY');
    server.signal('SIGSTOP');
    await until(() => get(server.address).state === 'CONNECTING');
    server.signal('SIGCONT');
    await until(() => get(server.address).state === 'READY');
  });

  it('makes an upstream of every address behind a name, and keeps them where the name stops resolving', async () => {
    const first = await start();
    let addresses: string[] | undefined = ['127.0.0.1', '127.0.0.2'];
    let errors = 0;
    let onError = (): void => undefined;
    const { until, get, upstreams, removed } = follow([`dns:///nlp.test:${first.port}`], {
      resolve: (host) => {
        expect(host).toBe('nlp.test');
        return addresses === undefined ? Promise.reject(new Error('no answer')) : Promise.resolve(addresses);
      },
      onResolveError: () => {
        errors += 1;
        onError();
      },
    });
    await until(() => upstreams.list().length === 2 && get(first.address).state === 'READY');
    addresses = undefined;
    await new Promise<void>((resolve) => {
      onError = () => {
        if (errors === 2) resolve();
      };
    });
    expect(upstreams.list()).toHaveLength(2);
    addresses = ['127.0.0.1'];
    await until(() => upstreams.list().length === 1);
    expect(removed).toEqual([`127.0.0.2:${first.port}`]);
    expect(get(first.address).state).toBe('READY');
  });

  it('finishes the calls of an upstream that is removed', async () => {
    let answer = (): void => undefined;
    const gate = new Promise<void>((resolve) => (answer = resolve));
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    const server = await start({
      models: [{ name: 'm' }],
      onCall: () => {
        arrived();
        return gate;
      },
    });
    let addresses = ['127.0.0.1'];
    const { until, get, upstreams } = follow([`nlp.test:${server.port}`], {
      resolve: () => Promise.resolve(addresses),
    });
    await until(() => upstreams.list()[0]?.state === 'READY');
    const upstream = get(server.address);
    const call = upstream.call({
      path: '/inference.GRPCInferenceService/ModelInfer',
      request: [Buffer.from([10, 1, ...Buffer.from('m')])],
      metadata: new Map(),
      timeoutMs: 20_000,
      signal: new AbortController().signal,
    });
    await arrival;
    addresses = [];
    await until(() => upstreams.list().length === 0);
    answer();
    expect((await call).code).toBe(Status.OK);
  });

  it('follows of the upstreams behind a name those that are its own among the routers, and hands them over to one that joins', async () => {
    const upstreams = Array.from({ length: 20 }, (_, i) => `127.0.0.${i + 1}`);
    let routers = ['10.0.0.1', '10.0.0.2', '10.0.0.3', '10.0.0.4'];
    const follows = (self: string): Followed =>
      follow(['service:1', '127.1.0.1:1'], {
        resolve: (host) => Promise.resolve(host === 'routers' ? routers : upstreams),
        subset: { size: 2, routers: ['routers:8001'], self: () => `${self}:8001` },
      });
    const addressesOf = ({ upstreams: followed }: Followed): string[] => followed.list().map(({ address }) => address);
    const each = routers.map((self) => follows(self));
    await until(() => each.every((followed) => addressesOf(followed).length > 1));
    const fewestFollowers = (): number =>
      Math.min(...upstreams.map((host) => each.filter((one) => addressesOf(one).includes(`${host}:1`)).length));
    const before = each.map(addressesOf);
    expect(fewestFollowers()).toBe(2);
    expect(before.every((list) => list.length < 20 && list.includes('127.1.0.1:1'))).toBe(true);

    routers = [...routers, '10.0.0.5'];
    const joining = follows('10.0.0.5');
    await until(() => addressesOf(joining).length > 1 && each.some(({ removed }) => removed.length > 0));
    each.push(joining);
    expect(fewestFollowers()).toBe(2);
    before.forEach((list, router) => expect(list).toEqual(expect.arrayContaining(addressesOf(each[router]!))));
  });

  it('follows everybody behind a name where the routers cannot be found', async () => {
    const followed = follow(['service:1'], {
      resolve: (host) =>
        host === 'routers' ? Promise.reject(new Error('not found')) : Promise.resolve(['127.0.0.1', '127.0.0.2']),
      subset: { size: 1, routers: ['routers:8001'], self: () => '10.0.0.1:8001' },
    });
    await until(() => followed.upstreams.list().length === 2);
  });
});
