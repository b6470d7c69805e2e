import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { Metadata, status } from '@grpc/grpc-js';
import { statusName } from '@tributary/contract';
import { createChannelHop } from '../channel-hop';
import type { Hop, HopCall } from '../hop';
import { startBytesServer, type BytesServer } from './bytes-server';

const path = '/test.Bytes/Call';
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function start(methods: Parameters<typeof startBytesServer>[0], port = 0): Promise<BytesServer> {
  const started = await startBytesServer(methods, port);
  closers.push(() => {
    started.server.forceShutdown();
  });
  return started;
}

function hopTo(address: string, options: Parameters<typeof createChannelHop>[1] = {}): Hop {
  const hop = createChannelHop(address, options);
  closers.push(() => {
    hop.close();
  });
  return hop;
}

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

async function startChild(): Promise<{ child: ChildProcess; address: string }> {
  const child = fork(join(__dirname, 'silent-server.js'));
  closers.push(() => child.kill('SIGKILL'));
  const [address] = (await once(child, 'message')) as [string];
  return { child, address };
}

describe('createChannelHop', () => {
  it('carries bytes and metadata both ways', async () => {
    const { address } = await start({
      [path]: {
        unary: (call, callback) => {
          const headers = new Metadata();
          headers.set('x-header', 'from upstream');
          call.sendMetadata(headers);
          const trailers = new Metadata();
          trailers.add('seen', call.metadata.get('x-list').join('|'));
          trailers.set('raw-bin', call.metadata.get('in-bin')[0] ?? '');
          callback(null, Buffer.concat([call.request, Buffer.from('!')]), trailers);
        },
      },
    });
    const metadata = new Map<string, (string | Buffer)[]>([
      ['x-list', ['a', 'b']],
      ['in-bin', [Buffer.from([0, 255])]],
    ]);
    const answer = await hopTo(address).call(aCall({ metadata }));
    expect(answer).toMatchObject({ code: 0, answered: true });
    expect(Buffer.from(answer.message ?? []).toString()).toBe('ping!');
    expect([...answer.headers]).toEqual([['x-header', ['from upstream']]]);
    expect(Object.fromEntries(answer.trailers)).toEqual({ seen: ['a, b'], 'raw-bin': [Buffer.from([0, 255])] });
  });

  it('carries an empty request and an empty answer', async () => {
    const { address } = await start({
      [path]: {
        unary: (call, callback) => {
          callback(null, call.request);
        },
      },
    });
    const answer = await hopTo(address).call(aCall({ request: [] }));
    expect(answer.code).toBe(0);
    expect(answer.message?.length).toBe(0);
  });

  it.each([
    ['at once', false],
    ['after headers', true],
  ])('passes every code, its details and trailers, sent %s', async (_when, headersFirst) => {
    const { address } = await start({
      [path]: {
        unary: (call, callback) => {
          if (headersFirst) call.sendMetadata(new Metadata());
          const metadata = new Metadata();
          if (!headersFirst) metadata.set('why-bin', Buffer.from([1, 2, 3]));
          callback({
            code: status[statusName(Number(call.request.toString()))],
            details: 'words of the upstream, ünïcode',
            metadata,
          });
        },
      },
    });
    const hop = hopTo(address);
    for (let code = 1; code <= 16; code++) {
      const answer = await hop.call(aCall({ request: [Buffer.from(String(code))] }));
      expect(answer).toMatchObject({
        code,
        details: 'words of the upstream, ünïcode',
        answered: true,
        message: undefined,
      });
      expect([...answer.trailers]).toEqual(headersFirst ? [] : [['why-bin', [Buffer.from([1, 2, 3])]]]);
    }
  });

  it('gives the upstream the time that is left', async () => {
    let deadline: unknown;
    const { address } = await start({
      [path]: {
        unary: (call) => {
          deadline = call.getDeadline();
        },
      },
    });
    const before = Date.now();
    const answer = await hopTo(address).call(aCall({ timeoutMs: 150 }));
    // Whichever end is first: both keep the deadline.
    expect(answer).toMatchObject({ code: 4 });
    expect(Number(deadline)).toBeGreaterThanOrEqual(before);
    expect(Number(deadline)).toBeLessThanOrEqual(Date.now() + 150);
  });

  it('answers at the deadline itself where the upstream does not', async () => {
    const { child, address } = await startChild();
    const hop = hopTo(address);
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
        unary: (call) => {
          call.on('cancelled', cancelled);
          arrived();
        },
      },
    });
    const controller = new AbortController();
    const answer = hopTo(address).call(aCall({ signal: controller.signal }));
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
    const { server, address } = await start({});
    server.forceShutdown();
    const hop = hopTo(address);
    expect(await hop.call(aCall())).toMatchObject({ code: 14, answered: false });
    hop.close();
    expect(await hop.call(aCall())).toMatchObject({ code: 14, answered: false });
  });

  it('says UNAVAILABLE and not answered where the upstream is killed during the call', async () => {
    const { child, address } = await startChild();
    const hop = hopTo(address);
    const answer = hop.call(aCall());
    await once(child, 'message'); // The call has arrived.
    expect(hop.connected()).toBe(true);
    child.kill('SIGKILL');
    expect(await answer).toMatchObject({ code: 14, answered: false });
    expect(hop.connected()).toBe(false);
  });

  it('says UNAVAILABLE and not answered where a large request is cut off', async () => {
    const { child, address } = await startChild();
    const hop = hopTo(address);
    const answers = Array.from({ length: 8 }, () => hop.call(aCall({ request: [Buffer.alloc(4_000_000, 1)] })));
    await once(child, 'message');
    child.kill('SIGKILL');
    for (const answer of await Promise.all(answers)) expect(answer).toMatchObject({ code: 14, answered: false });
  });

  it('gives up a frozen upstream after keepalive time and timeout', async () => {
    const { child, address } = await startChild();
    const hop = hopTo(address, { keepaliveTimeMs: 100, keepaliveTimeoutMs: 100 });
    const answer = hop.call(aCall());
    await once(child, 'message');
    child.kill('SIGSTOP');
    expect(await answer).toMatchObject({ code: 14, answered: false });
  });

  it('refuses an answer over the limit without calling the connection lost', async () => {
    const { address } = await start({
      [path]: {
        unary: (_call, callback) => {
          callback(null, Buffer.alloc(2_000));
        },
      },
    });
    const hop = hopTo(address, { maxAnswerBytes: 1_000 });
    expect(await hop.call(aCall())).toMatchObject({ code: 8, answered: false });
    expect(hop.connected()).toBe(true);
  });

  it('waits for a connection where it is told to', async () => {
    const { server, address } = await start({});
    server.forceShutdown();
    const hop = hopTo(address);
    expect((await hop.call(aCall())).code).toBe(14);
    const answer = hop.call(aCall({ waitForReady: true }));
    await start({ [path]: { unary: (call, callback) => callback(null, call.request) } }, Number(address.split(':')[1]));
    expect((await answer).code).toBe(0);
  });

  it('hands over each message of a stream, then its status', async () => {
    const { address } = await start({
      [path]: {
        stream: (call) => {
          for (const text of ['one', 'two', 'three']) call.write(Buffer.from(text));
          call.end();
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
      const { address } = await start({
        [path]: {
          unary: (call, callback) => {
            callback(null, call.request);
          },
        },
      });
      expect((await hopTo(address).call(aCall())).code).toBe(0);
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
