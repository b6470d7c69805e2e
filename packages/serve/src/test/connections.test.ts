import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Status } from '@tributary/contract';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:http2';
import { createConnection, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectSecure } from 'node:tls';
import { closeTimeoutMs, maxControlFramesPerSecond, prefaceTimeoutMs } from '../connection-guard';
import type { Method, ServeSettings } from '../index';
import { makeCertificate } from '../testing';
import {
  emptySettings,
  FrameSocket,
  frameType,
  http2Frame,
  lastMessage,
  openCall,
  openWindows,
  ping,
} from './raw-frames';
import { echo, gate, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';

/**
 * Of this file alone: connections are counted here, and a client of another test that lost its server comes back to the port, whoever has
 * it by then.
 */
const host = '127.0.0.54';

let folder: string;
let tls: Pick<ServeSettings, 'tlsCert' | 'tlsKey'>;
let serving: Serving | undefined;
const sockets: Socket[] = [];

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tributary-connections-'));
  tls = makeCertificate(folder, 'server', host);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

afterEach(async () => {
  jest.useRealTimers();
  jest.restoreAllMocks();
  for (const socket of sockets.splice(0)) socket.destroy();
  await serving?.close();
  serving = undefined;
});

async function start(settings: Partial<ServeSettings> = {}, methods: readonly Method[] = [echo]): Promise<Serving> {
  serving = await startServing(methods, { host, ...settings });
  return serving;
}

/** A connection that says nothing. `from`: address of the loopback network that it comes from. */
function connect({ server }: Serving, from = '127.0.0.1'): Socket {
  const socket = createConnection({ port: server.grpcPort, host, localAddress: from });
  sockets.push(socket.on('error', () => undefined).resume());
  return socket;
}

async function connectTls({ server }: Serving): Promise<Socket> {
  const { grpcPort: port } = server;
  const socket = connectSecure({ port, host, ca: readFileSync(tls.tlsCert!), ALPNProtocols: ['h2'] });
  await once(socket, 'secureConnect');
  return socket;
}

/** Timers of our code and of grpc-js stand still; those inside of Node go on. */
function useFakeTimers(): void {
  jest.useFakeTimers({ doNotFake: ['nextTick', 'queueMicrotask', 'setImmediate', 'performance'] });
}

const closed = (socket: Socket): Promise<unknown> => once(socket, 'close');
const openConnections = (running: Serving): Promise<number | undefined> => running.metric('tributary_grpc_connections');
const dropped = (running: Serving, reason: string): Promise<number | undefined> =>
  running.metric(`tributary_grpc_connections_dropped_total{reason="${reason}"}`);

/** The server hears of a connection and of its end a little later than whoever made it. */
async function untilOpen(running: Serving, count: number): Promise<void> {
  while ((await openConnections(running)) !== count);
}

async function expectAnswered(client: Serving['client']): Promise<void> {
  expect((await client.call(echoPath, Buffer.from('alive'))).code).toBe(Status.OK);
}

function droppedLines(running: Serving): Record<string, unknown>[] {
  return running.lines().filter(({ msg }) => msg === 'connection dropped');
}

describe('case 54: connections', () => {
  it('over maxConnections are refused with a line and a count, while those that are there go on', async () => {
    const running = await start({ maxConnections: 3 });
    await expectAnswered(running.client);
    const held = [connect(running), connect(running)];
    await untilOpen(running, 3);
    for (let count = 0; count < 5; count += 1) await closed(connect(running));
    await expectAnswered(running.client);
    expect(await dropped(running, 'limit')).toBe(5);
    expect(droppedLines(running)).toHaveLength(5);
    expect(droppedLines(running)[0]).toMatchObject({ level: 40, reason: 'limit', peer: '127.0.0.1' });
    held[0]!.destroy();
    await untilOpen(running, 2);
    await expectAnswered(running.connect());
  });

  it('of one address over maxConnectionsPerPeer are refused, those of others are not', async () => {
    const running = await start({ maxConnectionsPerPeer: 2 });
    await expectAnswered(running.client);
    const held = connect(running);
    await untilOpen(running, 2);
    await closed(connect(running));
    const other = connect(running, '127.0.0.2');
    await untilOpen(running, 3);
    await expectAnswered(running.client);
    expect(await dropped(running, 'peer_limit')).toBe(1);
    expect(droppedLines(running)).toMatchObject([{ reason: 'peer_limit', peer: '127.0.0.1' }]);
    held.destroy();
    await untilOpen(running, 2);
    await expectAnswered(running.connect());
    expect(other.destroyed).toBe(false);
  });

  it('that are refused in a flood do not become a flood of lines', async () => {
    const running = await start({ maxConnections: 1 });
    await expectAnswered(running.client);
    for (let round = 0; round < 10; round += 1)
      await Promise.all(Array.from({ length: 50 }, () => closed(connect(running))));
    expect(await dropped(running, 'limit')).toBe(500);
    expect(droppedLines(running).length).toBeLessThan(400);
  });

  it.each(['in the clear', 'before a handshake'])(
    'that stay silent %s are cut after 10 s, and not before',
    async (where) => {
      const running = await start(where === 'in the clear' ? {} : tls);
      useFakeTimers();
      const silent = connect(running);
      const garbled = connect(running);
      if (where !== 'in the clear') garbled.write(Buffer.from([22, 3, 1, 2, 0, 1]));
      await expectAnswered(running.client);
      await untilOpen(running, 3);
      jest.advanceTimersByTime(prefaceTimeoutMs - 1);
      await expectAnswered(running.client);
      expect([await openConnections(running), silent.destroyed]).toEqual([3, false]);
      jest.advanceTimersByTime(1);
      await Promise.all([closed(silent), closed(garbled)]);
      expect(await dropped(running, 'silent')).toBe(2);
      await expectAnswered(running.client);
      await untilOpen(running, 1);
    },
  );

  it('whose headers never end are closed once they are idle and answer no sign of life', async () => {
    const running = await start({ maxConnectionIdleMs: 1000 });
    await expectAnswered(running.client);
    useFakeTimers();
    const headers = new FrameSocket(connect(running));
    headers.socket.write(openCall(1, echoPath, { endHeaders: false }));
    await headers.until(frameType.settings, 2);
    jest.advanceTimersByTime(1000);
    // The keepalive of serve(): it begins with the connection.
    jest.advanceTimersByTime(40_000);
    await headers.closed;
    jest.useRealTimers();
    await untilOpen(running, 0);
    await expectAnswered(running.connect());
  });
});

it('a client of grpc-go that leaves is not taken for one that breaks the rules', async () => {
  const running = await start();
  await expectAnswered(running.client);
  const caller = new FrameSocket(connect(running));
  caller.socket.write(Buffer.concat([openCall(1, echoPath), lastMessage(1, Buffer.from('hello'))]));
  await caller.until(frameType.headers, 2);
  // As grpcurl and the probes of Kubernetes say goodbye: the last stream they name is not the server's.
  const goaway = Buffer.concat([Buffer.from([0, 0, 0, 1, 0, 0, 0, 0]), Buffer.from('client transport shutdown')]);
  caller.socket.end(http2Frame(frameType.goaway, 0, 0, goaway));
  await caller.closed;
  await untilOpen(running, 1);
  expect(await dropped(running, 'protocol')).toBe(0);
  expect(droppedLines(running)).toEqual([]);
});

describe('a caller that stops reading', () => {
  /** More than the sockets take. */
  const largeBytes = 30 * 2 ** 20;

  /** One that has been sent more than it reads, and that keepalive has just given up. */
  async function startStuck(where: string): Promise<[Serving, Socket]> {
    useFakeTimers();
    const called = gate();
    const large: Method = {
      path: '/demo.Demo/Large',
      kind: 'unary',
      handler: () => {
        called.open();
        return Promise.resolve(Buffer.alloc(largeBytes));
      },
    };
    const running = await start(where === 'over TLS' ? tls : {}, [echo, large]);
    await expectAnswered(running.client);
    const { socket } = new FrameSocket(where === 'over TLS' ? await connectTls(running) : connect(running));
    sockets.push(socket);
    socket.write(openWindows(2 * largeBytes));
    socket.pause();
    socket.write(Buffer.concat([openCall(1, large.path), lastMessage(1, Buffer.alloc(0))]));
    await called.passed;
    await expectAnswered(running.client);
    // The keepalive of serve(): it asks, the other connection answers, and this one's time is over.
    jest.advanceTimersByTime(30_000);
    await expectAnswered(running.client);
    jest.advanceTimersByTime(10_000);
    await expectAnswered(running.client);
    expect(await openConnections(running)).toBe(2);
    return [running, socket];
  }

  it.each(['in the clear', 'over TLS'])('%s is gone soon after keepalive has given it up', async (where) => {
    const [running] = await startStuck(where);
    jest.advanceTimersByTime(closeTimeoutMs);
    await untilOpen(running, 1);
    expect(await dropped(running, 'unread')).toBe(1);
    expect(droppedLines(running)).toMatchObject([{ level: 40, reason: 'unread', peer: '127.0.0.1' }]);
    await expectAnswered(running.client);
  });

  it.each(['in the clear', 'over TLS'])('%s and goes on, slowly, gets what was on its way', async (where) => {
    const [running, socket] = await startStuck(where);
    let read = 0;
    socket.on('data', ({ length }: Buffer) => (read += length));
    const over = closed(socket);
    for (let goal = 0; !socket.destroyed;) {
      // More than lies in the system.
      goal += 12 * 2 ** 20;
      socket.resume();
      while (read < goal && !socket.closed) await Promise.race([once(socket, 'data'), over]);
      socket.pause();
      await expectAnswered(running.client);
      jest.advanceTimersByTime(closeTimeoutMs / 2);
    }
    expect(read).toBeGreaterThan(largeBytes);
    await untilOpen(running, 1);
    expect(await dropped(running, 'unread')).toBe(0);
  });
});

describe('case 55: a flood', () => {
  /** Floods from one connection, until that ends, while another one calls. */
  async function expectEnded(flood: (attacker: FrameSocket) => Promise<void>): Promise<[Serving, FrameSocket]> {
    const running = await start();
    await expectAnswered(running.client);
    const bytesBefore = process.memoryUsage().rss;
    const attacker = new FrameSocket(connect(running));
    const flooded = flood(attacker);
    while (!attacker.socket.destroyed) await expectAnswered(running.client);
    await flooded;
    await expectAnswered(running.client);
    await untilOpen(running, 1);
    expect(await running.metric('tributary_grpc_calls_in_flight')).toBe(0);
    expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
    expect(process.memoryUsage().rss - bytesBefore).toBeLessThan(256 * 2 ** 20);
    return [running, attacker];
  }

  /** Writes as fast as the other side takes it, until the connection ends. Each round is another frame. */
  async function writeOn(attacker: FrameSocket, frameOf: (round: number) => Buffer): Promise<void> {
    const { socket } = attacker;
    for (let round = 0; !socket.destroyed; round += 1) {
      if (socket.write(frameOf(round))) continue;
      await Promise.race([new Promise((resolve) => socket.once('drain', resolve)), attacker.closed]);
    }
  }

  it.each([
    ['pings', ping, frameType.ping],
    ['settings', emptySettings, frameType.settings],
  ])('of %s whose answers are read ends its connection with ENHANCE_YOUR_CALM', async (_name, frame, answer) => {
    // A second that does not pass: the bound is a rate.
    const nowMs = performance.now();
    jest.spyOn(performance, 'now').mockReturnValue(nowMs);
    const burst = Buffer.concat(Array.from({ length: 100 }, () => frame));
    let sent = 0;
    const [running, attacker] = await expectEnded(async (each) => {
      for (; !each.socket.destroyed; sent += 100) {
        each.socket.write(burst);
        await each.until(answer, sent + 100);
      }
    });
    expect(sent).toBeGreaterThanOrEqual(maxControlFramesPerSecond);
    expect(attacker.goawayCodes).toEqual([constants.NGHTTP2_ENHANCE_YOUR_CALM]);
    expect(await dropped(running, 'flood')).toBe(1);
    expect(droppedLines(running)).toMatchObject([{ level: 40, reason: 'flood', peer: '127.0.0.1' }]);
  });

  const call = openCall(1, echoPath);
  const endless = openCall(1, echoPath, { endHeaders: false });
  const more = http2Frame(frameType.continuation, 0, 1, Buffer.alloc(16_000, 0x40));
  const empty = http2Frame(frameType.data, 0, 1, Buffer.alloc(0));

  it.each<[string, (round: number) => Buffer]>([
    ['pings whose answers nobody waits for', () => ping],
    ['settings whose answers nobody waits for', () => emptySettings],
    ['CONTINUATION frames', (round) => (round === 0 ? endless : more)],
    ['calls that are begun and never go on', (round) => openCall(2 * round + 1, echoPath)],
    ['empty frames', (round) => (round === 0 ? call : empty)],
  ])('of %s ends its connection', async (_name, frameOf) => {
    // It writes until it is cut off: the system may throw away what it has not read by then, and a GOAWAY with it.
    const [running] = await expectEnded((each) => writeOn(each, frameOf));
    expect(await dropped(running, 'protocol')).toBe(1);
  });
});
