import { afterEach, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { once } from 'node:events';
import {
  constants,
  createServer,
  getPackedSettings,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { createServer as createTcpServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createChannelHop, type ChannelHopOptions } from '../channel-hop';
import type { Hop, HopOpening } from '../hop';
import { createRelayHop } from '../relay/relay-hop';

// Streams of messages before servers that do what no library does.

const path = '/test.Bytes/Both';
const responseHeaders = { ':status': 200, 'content-type': 'application/grpc' };
const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A server whose every stream of `path` a function answers; the others it does not know. */
async function startServer(answer: (stream: ServerHttp2Stream, count: number) => void): Promise<string> {
  const server = createServer();
  const sessions = new Set<ServerHttp2Session>();
  let count = 0;
  server.on('session', (session) => void sessions.add(session));
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] === path) answer(stream, (count += 1));
    else stream.respond({ ...responseHeaders, 'grpc-status': Status.UNIMPLEMENTED }, { endStream: true });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => {
    server.close();
    for (const session of sessions) session.destroy();
  });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A peer that would take any number of bytes at once, and reads none. */
async function startDeafServer(): Promise<[Server, string]> {
  const settings = getPackedSettings({ initialWindowSize: 2 ** 31 - 1 });
  const hello = Buffer.concat([
    Buffer.from([0, 0, settings.length, 4, 0, 0, 0, 0, 0]),
    settings,
    // WINDOW_UPDATE of the connection.
    Buffer.from([0, 0, 4, 8, 0, 0, 0, 0, 0, 0x7f, 0, 0, 0]),
  ]);
  const sockets: Socket[] = [];
  const server = createTcpServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    socket.write(hello);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  closers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return [server, `127.0.0.1:${(server.address() as AddressInfo).port}`];
}

function frame(message: string, flag = 0): Buffer {
  const bytes = Buffer.from(message);
  const head = Buffer.alloc(5);
  head[0] = flag;
  head.writeUInt32BE(bytes.length, 1);
  return Buffer.concat([head, bytes]);
}

function finish(stream: ServerHttp2Stream, ...frames: Buffer[]): void {
  stream.respond(responseHeaders, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
  stream.end(Buffer.concat(frames));
}

const opening = (overrides: Partial<HopOpening> = {}): HopOpening => ({
  path,
  metadata: new Map(),
  timeoutMs: 20_000,
  ...overrides,
});

describe.each([
  ['createChannelHop', createChannelHop],
  ['createRelayHop', createRelayHop],
] as const)('a stream of %s', (_name, create) => {
  function hopTo(address: string, options: ChannelHopOptions = {}): Hop {
    const hop = create(address, options);
    closers.push(() => hop.close());
    return hop;
  }

  it('is opened again where it was refused unseen, and not more than once', async () => {
    let refusals = 1;
    const address = await startServer((stream, count) => {
      if (count <= refusals) stream.close(constants.NGHTTP2_REFUSED_STREAM);
      else finish(stream, frame('a'));
    });
    const hop = hopTo(address);
    const first = hop.open(opening());
    expect(await first.next()).toEqual(Buffer.from('a'));
    expect(await first.next()).toBeUndefined();
    expect((await first.ended).code).toBe(Status.OK);
    refusals = Infinity;
    const second = hop.open(opening());
    expect(await second.next()).toBeUndefined();
    expect(await second.ended).toMatchObject({ code: Status.UNAVAILABLE, answered: false });
  });

  it('gives messages one at a time, however they come', async () => {
    const bytes = Buffer.concat([frame('one'), frame(''), frame('three'), frame('x'.repeat(100_000))]);
    const address = await startServer((stream) => {
      stream.respond(responseHeaders, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
      for (const byte of bytes.subarray(0, 30)) stream.write(Buffer.of(byte));
      stream.end(bytes.subarray(30));
    });
    const stream = hopTo(address).open(opening());
    const lengths: number[] = [];
    for (let next = await stream.next(); next !== undefined; next = await stream.next()) lengths.push(next.length);
    expect([lengths, (await stream.ended).code]).toEqual([[3, 0, 5, 100_000], Status.OK]);
  });

  it.each([
    [
      'without a status',
      Status.UNAVAILABLE,
      (stream: ServerHttp2Stream) => {
        stream.respond(responseHeaders);
        stream.end(frame('a'));
      },
    ],
    [
      'within a message',
      Status.INTERNAL,
      (stream: ServerHttp2Stream) => finish(stream, frame('a'), frame('b').subarray(0, 5)),
    ],
    [
      'with a compressed message',
      Status.INTERNAL,
      (stream: ServerHttp2Stream) => finish(stream, frame('a'), frame('b', 1)),
    ],
  ])('that ends %s has a defined end', async (_case, code, answer) => {
    const stream = hopTo(await startServer(answer)).open(opening());
    expect(await stream.next()).toEqual(Buffer.from('a'));
    expect(await stream.next()).toBeUndefined();
    expect(await stream.ended).toMatchObject({ code, answered: false });
    // After the end everything is nothing.
    await stream.write(Buffer.from('late'));
    stream.end();
    stream.cancel();
    expect(await stream.next()).toBeUndefined();
  });

  it('to a peer that stops reading ends with keepalive, and the next one has a connection of its own', async () => {
    const [server, address] = await startDeafServer();
    const hop = hopTo(address, { keepaliveTimeMs: 100, keepaliveTimeoutMs: 100 });
    const stream = hop.open(opening());
    // More than the sockets take.
    void stream.write(Buffer.alloc(30 * 2 ** 20));
    expect(await stream.ended).toMatchObject({ code: Status.UNAVAILABLE, answered: false });
    const again = once(server, 'connection');
    void hop.open(opening({ waitForReady: true }));
    await again;
  });

  it('that is not gRPC, is cancelled before it begins, or finds nobody, has a defined end', async () => {
    const web = await startServer((stream) => stream.respond({ ':status': 503 }, { endStream: true }));
    expect(await hopTo(web).open(opening()).ended).toMatchObject({ code: Status.UNAVAILABLE });
    const cancelled = hopTo(web).open(opening({ signal: AbortSignal.abort() }));
    expect(await cancelled.ended).toMatchObject({ code: Status.CANCELLED });
    expect(await cancelled.headers).toBeUndefined();
    expect(await hopTo('127.0.0.1:1').open(opening()).ended).toMatchObject({ code: Status.UNAVAILABLE });
    const waiting = hopTo('127.0.0.1:1').open(opening({ waitForReady: true, timeoutMs: 100 }));
    expect(await waiting.ended).toMatchObject({ code: Status.DEADLINE_EXCEEDED });
  });
});
