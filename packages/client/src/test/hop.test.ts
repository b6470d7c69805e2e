import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { RelayedStatus } from '@tributary/serve';
import { createChannelHop, type ChannelHopOptions } from '../channel-hop';
import type { Hop, HopCall, HopMetadata } from '../hop';
import { createRelayHop } from '../relay/relay-hop';
import { startMethodServer, type MethodServer, type TestMethod } from '../testing/method-server';

const path = '/test.Bytes/Call';
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

function aCall(overrides: Partial<HopCall> = {}): HopCall {
  return {
    path,
    request: [Buffer.from('ping')],
    metadata: new Map(),
    timeoutMs: 20_000,
    signal: new AbortController().signal,
    ...overrides,
  };
}

const echo: TestMethod = { unary: (request) => Promise.resolve(request) };
const never = new Promise<never>(() => undefined);

/** Metadata without the request id, which our services add. */
const ownOf = (metadata: HopMetadata) => [...metadata].filter(([key]) => key !== 'x-request-id');

/** A way of calls to a server, and what the server must have for it. */
interface Way {
  readonly relay: boolean;
  readonly kind: Hop['kind'];
  /** Whether a call of a few bytes goes over the relay. */
  readonly isRelayed: boolean;
  create(address: string, options: ChannelHopOptions): Hop;
}

const ways: readonly (readonly [string, Way])[] = [
  ['the plain hop', { relay: false, kind: 'plain', isRelayed: false, create: createChannelHop }],
  ['the hop to a server without relay', { relay: false, kind: 'plain', isRelayed: false, create: createRelayHop }],
  ['the hop over the relay', { relay: true, kind: 'relay', isRelayed: true, create: createRelayHop }],
  [
    'the hop over streams of their own',
    {
      relay: true,
      kind: 'relay',
      isRelayed: false,
      create: (address, options) => createRelayHop(address, { ...options, maxRelayedBytes: -1 }),
    },
  ],
  [
    'the plain hop to a server that has the relay',
    { relay: true, kind: 'plain', isRelayed: false, create: createChannelHop },
  ],
];

describe.each(ways)('%s', (_name, way) => {
  async function start(methods: Record<string, TestMethod>, port = 0): Promise<MethodServer> {
    const started = await startMethodServer(methods, { relay: way.relay, port });
    closers.push(() => void started.stop());
    return started;
  }

  function hopTo(address: string, options: ChannelHopOptions = {}): Hop {
    const hop = way.create(address, options);
    closers.push(() => {
      hop.close();
    });
    return hop;
  }

  /** A hop that knows its server: calls before it does have streams of their own, whatever comes after. */
  async function connectedHop(address: string, options: ChannelHopOptions = {}): Promise<Hop> {
    const hop = hopTo(address, options);
    expect(await hop.call(aCall({ path: '/test.Bytes/Unknown' }))).toMatchObject({ code: 12, answered: true });
    expect([hop.connected(), hop.kind]).toEqual([true, way.kind]);
    return hop;
  }

  async function startChild(): Promise<{ child: ChildProcess; address: string }> {
    const child = fork(join(__dirname, 'silent-server.js'), way.relay ? ['relay'] : []);
    closers.push(() => child.kill('SIGKILL'));
    const [address] = (await once(child, 'message')) as [string];
    return { child, address };
  }

  it('carries bytes and metadata both ways', async () => {
    const { address } = await start({
      [path]: {
        unary: (request, call) => {
          call.setHeader('x-header', 'from upstream');
          call.setTrailer('seen', call.metadata.get('x-list')?.join(', ') ?? '');
          call.setTrailer('raw-bin', call.metadata.get('in-bin')?.[0] ?? '');
          return Promise.resolve(Buffer.concat([request, Buffer.from('!')]));
        },
      },
    });
    const metadata = new Map<string, (string | Buffer)[]>([
      ['x-list', ['a', 'b']],
      ['in-bin', [Buffer.from([0, 255])]],
    ]);
    const hop = await connectedHop(address);
    const answer = await hop.call(aCall({ metadata }));
    expect(answer).toMatchObject({ code: 0, answered: true });
    expect(Buffer.from(answer.message ?? []).toString()).toBe('ping!');
    expect(ownOf(answer.headers)).toEqual([['x-header', ['from upstream']]]);
    expect(Object.fromEntries(answer.trailers)).toEqual({ seen: ['a, b'], 'raw-bin': [Buffer.from([0, 255])] });
    if (way.kind === 'relay') expect(hop.traffic?.().calls).toBe(way.isRelayed ? 1 : 0);
  });

  it('carries an empty request and an empty answer', async () => {
    const { address } = await start({ [path]: echo });
    const answer = await (await connectedHop(address)).call(aCall({ request: [] }));
    expect(answer.code).toBe(0);
    expect(answer.message?.length).toBe(0);
  });

  it.each([
    ['at once', false],
    ['after headers', true],
  ])('passes every code, its details and trailers, sent %s', async (_when, headersFirst) => {
    const { address } = await start({
      [path]: {
        unary: (request, call) => {
          if (headersFirst) call.setHeader('x-header', 'early');
          else call.setTrailer('why-bin', Buffer.from([1, 2, 3]));
          const fail = () =>
            new RelayedStatus(Number(Buffer.from(request).toString()), 'words of the upstream, ünïcode');
          return Promise.reject(fail());
        },
      },
    });
    const hop = await connectedHop(address);
    for (let code = 1; code <= 16; code++) {
      const answer = await hop.call(aCall({ request: [Buffer.from(String(code))] }));
      expect(answer).toMatchObject({
        code,
        details: 'words of the upstream, ünïcode',
        answered: true,
        message: undefined,
      });
      expect(ownOf(answer.trailers)).toEqual(headersFirst ? [] : [['why-bin', [Buffer.from([1, 2, 3])]]]);
    }
  });

  it('gives the upstream the time that is left', async () => {
    let remainingMs = Infinity;
    const { address } = await start({
      [path]: {
        unary: (_request, call) => {
          remainingMs = call.remainingMs();
          return never;
        },
      },
    });
    const hop = await connectedHop(address);
    // Whichever end is first: both keep the deadline.
    expect(await hop.call(aCall({ timeoutMs: 150 }))).toMatchObject({ code: 4 });
    expect(remainingMs).toBeGreaterThan(0);
    expect(remainingMs).toBeLessThanOrEqual(150);
  });

  it('answers at the deadline itself where the upstream does not', async () => {
    const { child, address } = await startChild();
    const hop = await connectedHop(address);
    const controller = new AbortController();
    const earlier = hop.call(aCall({ signal: controller.signal }));
    await once(child, 'message');
    child.kill('SIGSTOP');
    expect(await hop.call(aCall({ timeoutMs: 50 }))).toMatchObject({ code: 4, answered: false });
    controller.abort();
    await earlier;
  });

  it('cancels at the upstream too', async () => {
    let arrived = (): void => undefined;
    const arrival = new Promise<void>((resolve) => (arrived = resolve));
    let cancelled = (): void => undefined;
    const cancellation = new Promise<void>((resolve) => (cancelled = resolve));
    const { address } = await start({
      [path]: {
        unary: (_request, { signal }) => {
          signal.addEventListener('abort', cancelled);
          arrived();
          return never;
        },
      },
    });
    const controller = new AbortController();
    const hop = await connectedHop(address);
    const answer = hop.call(aCall({ signal: controller.signal }));
    await arrival;
    controller.abort();
    expect(await answer).toMatchObject({ code: 1, answered: false });
    await cancellation;
  });

  it('sends nothing for a call that is cancelled already', async () => {
    const hop = hopTo('127.0.0.1:1');
    expect(await hop.call(aCall({ signal: AbortSignal.abort() }))).toMatchObject({ code: 1, answered: false });
    expect(hop.connected()).toBe(false);
  });

  it('says UNAVAILABLE and not answered where nobody listens, and after close', async () => {
    const server = await start({});
    await server.stop();
    const hop = hopTo(server.address);
    expect(await hop.call(aCall())).toMatchObject({ code: 14, answered: false });
    hop.close();
    expect(await hop.call(aCall())).toMatchObject({ code: 14, answered: false });
  });

  it('does not come back once it is closed', async () => {
    const server = await start({});
    let connections = 0;
    const open = new Set<Socket>();
    const door = createServer((socket) => {
      connections += 1;
      open.add(socket.once('close', () => open.delete(socket)).on('error', () => undefined));
      const onwards = connect(server.port, '127.0.0.1').on('error', () => undefined);
      socket.pipe(onwards).pipe(socket);
    });
    closers.push(() => void door.close());
    await once(door.listen(0, '127.0.0.1'), 'listening');
    const address = `127.0.0.1:${(door.address() as AddressInfo).port}`;

    const hop = await connectedHop(address);
    const ofOne = connections;
    hop.close();
    // Whatever that hop had still begun has arrived before what this one begins.
    const later = await connectedHop(address);
    expect(connections).toBe(2 * ofOne);
    later.close();
    for (const socket of open) await once(socket, 'close');
  });

  it('says UNAVAILABLE and not answered where the upstream is killed during the call', async () => {
    const { child, address } = await startChild();
    const hop = await connectedHop(address);
    const answer = hop.call(aCall());
    await once(child, 'message'); // The call has arrived.
    expect(hop.connected()).toBe(true);
    child.kill('SIGKILL');
    expect(await answer).toMatchObject({ code: 14, answered: false });
    expect(hop.connected()).toBe(false);
  });

  it('says UNAVAILABLE and not answered where a large request is cut off', async () => {
    const { child, address } = await startChild();
    const hop = await connectedHop(address);
    const answers = Array.from({ length: 8 }, () => hop.call(aCall({ request: [Buffer.alloc(4_000_000, 1)] })));
    await once(child, 'message');
    child.kill('SIGKILL');
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ code: 14, answered: false });
  });

  it('gives up a frozen upstream after keepalive time and timeout', async () => {
    const { child, address } = await startChild();
    // The timeout is one that a busy machine keeps while it connects.
    const hop = await connectedHop(address, { keepaliveTimeMs: 100, keepaliveTimeoutMs: 2_000 });
    const answer = hop.call(aCall());
    await once(child, 'message');
    child.kill('SIGSTOP');
    expect(await answer).toMatchObject({ code: 14, answered: false });
  });

  it('refuses an answer over the limit without calling the connection lost', async () => {
    const { address } = await start({ [path]: { unary: () => Promise.resolve(Buffer.alloc(2_000)) } });
    const hop = await connectedHop(address, { maxAnswerBytes: 1_000 });
    expect(await hop.call(aCall())).toMatchObject({ code: 8, answered: false });
    expect(hop.connected()).toBe(true);
  });

  it('waits for a connection where it is told to', async () => {
    const server = await start({});
    await server.stop();
    const hop = hopTo(server.address);
    expect((await hop.call(aCall())).code).toBe(14);
    const answer = hop.call(aCall({ waitForReady: true }));
    await start({ [path]: echo }, server.port);
    expect((await answer).code).toBe(0);
  });

  it('hands over each message of a stream, then its status', async () => {
    const { address } = await start({
      [path]: {
        stream: async (_request, _call, write) => {
          for (const text of ['one', 'two', 'three']) await write(Buffer.from(text));
        },
      },
    });
    const messages: string[] = [];
    const answer = await hopTo(address).stream(aCall(), (message) => messages.push(Buffer.from(message).toString()));
    expect(messages).toEqual(['one', 'two', 'three']);
    expect(answer).toMatchObject({ code: 0, message: undefined, answered: true });
  });

  it('case 71: goes straight to the address whatever proxy the environment names', async () => {
    let proxied = 0;
    const proxy = createServer((socket) => {
      proxied += 1;
      socket.destroy();
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const names = ['grpc_proxy', 'http_proxy', 'https_proxy', 'no_proxy', 'no_grpc_proxy'];
    const before = names.map((name) => process.env[name]);
    for (const name of names) process.env[name] = name.startsWith('no_') ? '' : proxyUrl;
    try {
      const { address } = await start({ [path]: echo });
      expect((await (await connectedHop(address)).call(aCall())).code).toBe(0);
      expect(proxied).toBe(0);
    } finally {
      names.forEach((name, i) => {
        if (before[i] === undefined) Reflect.deleteProperty(process.env, name);
        else process.env[name] = before[i];
      });
      proxy.close();
    }
  });
});
