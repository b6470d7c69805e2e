import { afterEach, describe, expect, it } from '@jest/globals';
import {
  decodeStatusDetails,
  RelayRequestWriter,
  Status,
  statusDetailsKey,
  type RelayedAnswer,
} from '@tributary/contract';
import { once } from 'node:events';
import { constants } from 'node:http2';
import type { CallContext, Method } from '../index';
import { frame } from './raw-client';
import { callOf, RelayClient, type WholeAnswer } from './relay-client';
import { echo, gate, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';
const relayFolder = '/tributary.relay.v1.RelayService/Relay';
const MiB = 2 ** 20;

let serving: Serving | undefined;

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

async function start(
  ...[methods, settings]: Parameters<typeof startServing>
): Promise<Serving & { relay: RelayClient }> {
  serving = await startServing(methods, settings);
  const relay = new RelayClient(serving.client);
  await relay.opened();
  return { ...serving, relay };
}

function unary(name: string, handler: (request: Uint8Array, context: CallContext) => Promise<Uint8Array>): Method {
  return { path: `/demo.Demo/${name}`, kind: 'unary', handler };
}

/** Calls that have begun are held until `open`. */
function holding(): { readonly method: Method; readonly started: Promise<void>; readonly open: () => void } {
  const started = gate();
  const finish = gate();
  const method = unary('Hold', async (request) => {
    started.open();
    await finish.passed;
    return request;
  });
  return { method, started: started.passed, open: () => finish.open() };
}

const large = unary('Large', (request) => Promise.resolve(Buffer.alloc(Number(String(request)), 'large')));
const bytesOf = (count: number): Buffer => Buffer.from(String(count));

function reasonOf({ trailers }: RelayedAnswer): string | undefined {
  const [details] = trailers.get(statusDetailsKey) ?? [];
  return details === undefined ? undefined : decodeStatusDetails(details as Buffer).reason;
}

async function expectNothingHeld(running: Serving): Promise<void> {
  expect(await running.metric('tributary_grpc_calls_in_flight')).toBe(0);
  expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
}

describe('calls of a relay', () => {
  it('that come in one message are answered in one, each with its own bytes', async () => {
    const { relay } = await start();
    const calls = Array.from({ length: 100 }, (_, index) => ({ path: echoPath, message: [Buffer.from(`${index}`)] }));
    const answers = await Promise.all(relay.callTogether(calls));
    expect(answers.map(({ message }) => String(message))).toEqual(calls.map((_, index) => `${index}`));
    expect(relay.messages).toBe(1);
  });

  it('carry metadata both ways as they are: several values of a key, and binary ones', async () => {
    const seen = gate<CallContext>();
    const { relay } = await start([
      unary('Meta', (request, context) => {
        for (const value of ['1', '2']) context.setHeader('x-more', value);
        for (const byte of [1, 2]) context.setTrailer('x-more-bin', Buffer.from([byte]));
        context.setTrailer('x-bad', 'line\nbreak');
        seen.open(context);
        return Promise.resolve(request);
      }),
    ]);
    const metadata = new Map<string, (string | Buffer)[]>([
      ['x-two', ['a', 'b']],
      ['x-two-bin', [Buffer.from([0, 255]), Buffer.alloc(0)]],
      ['x-request-id', ['mine']],
      // What no call could have brought over HTTP/2.
      ['grpc-timeout', ['1S']],
      ['Upper', ['x']],
      ['x-forged', ['line\nbreak']],
    ]);
    const answer = await relay.call('/demo.Demo/Meta', Buffer.alloc(0), { metadata });
    const context = await seen.passed;
    expect(context.requestId).toBe('mine');
    expect(context.metadata).toEqual(
      new Map<string, unknown>([
        ['x-two', ['a', 'b']],
        ['x-two-bin', [Buffer.from([0, 255]), Buffer.alloc(0)]],
        ['x-request-id', ['mine']],
      ]),
    );
    expect(answer.headers).toEqual(new Map([['x-more', ['1', '2']]]));
    expect(answer.trailers).toEqual(new Map([['x-more-bin', [Buffer.from([1]), Buffer.from([2])]]]));
    expect([answer.code, answer.details]).toEqual([Status.OK, '']);
  });

  it('learn the request id only where they did not bring it', async () => {
    const { relay } = await start();
    const own = await relay.call(echoPath, Buffer.alloc(0));
    expect(own.headers.get('x-request-id')?.[0]).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
    const failed = await relay.call('/x.Y/Z', Buffer.alloc(0), { metadata: new Map([['x-request-id', ['r1']]]) });
    expect(failed.trailers.get('x-request-id')).toEqual(['r1']);
  });

  it('of unknown methods and of streams are UNIMPLEMENTED, and others are not concerned', async () => {
    const { relay } = await start();
    const answers = await Promise.all(
      relay.callTogether([
        { path: '/demo.Demo/Nope' },
        { path: '/grpc.health.v1.Health/Watch' },
        { path: '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo' },
        { path: relayFolder },
        { path: '' },
        { path: '/grpc.health.v1.Health/Check' },
        { path: echoPath },
      ]),
    );
    expect(answers.map((answer) => [answer.code, reasonOf(answer)])).toEqual([
      [Status.UNIMPLEMENTED, 'METHOD_UNKNOWN'],
      [Status.UNIMPLEMENTED, 'METHOD_NOT_RELAYED'],
      [Status.UNIMPLEMENTED, 'METHOD_NOT_RELAYED'],
      [Status.UNIMPLEMENTED, 'METHOD_UNKNOWN'],
      [Status.UNIMPLEMENTED, 'METHOD_UNKNOWN'],
      [Status.OK, undefined],
      [Status.OK, undefined],
    ]);
  });

  it('have the limits of every call: of a message, of its metadata, of all bytes', async () => {
    const running = await start([echo], { maxMessageBytes: MiB, maxBytesInFlight: MiB + 10 });
    const { relay } = running;
    const largest = await relay.call(echoPath, Buffer.alloc(MiB, 'x'));
    expect([largest.code, largest.message.length]).toEqual([Status.OK, MiB]);
    const [tooLarge, first, second, metadata] = await Promise.all(
      relay.callTogether([
        { path: echoPath, message: [Buffer.alloc(MiB + 1)] },
        { path: echoPath, message: [Buffer.alloc(MiB)] },
        { path: echoPath, message: [Buffer.alloc(11)] },
        { path: echoPath, metadata: new Map([['x-large', ['a'.repeat(16_384)]]]) },
      ]),
    );
    expect([tooLarge, first, second, metadata].map((answer) => reasonOf(answer!))).toEqual([
      'MESSAGE_TOO_LARGE',
      undefined,
      'BYTES_IN_FLIGHT',
      'METADATA_TOO_LARGE',
    ]);
    await expectNothingHeld(running);
  });

  it('end at their deadline, bounded by that of the server', async () => {
    const never = unary('Never', () => new Promise(() => undefined));
    const left = unary('Left', (_request, context) => Promise.resolve(Buffer.from(String(context.remainingMs()))));
    const { relay } = await start([never, left], { maxDeadlineMs: 5000 });
    const answer = await relay.call('/demo.Demo/Never', Buffer.alloc(0), { timeoutMs: 1.5 });
    expect([answer.code, reasonOf(answer)]).toEqual([Status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED']);
    for (const timeoutMs of [Infinity, 2 ** 33]) {
      const answered = await relay.call('/demo.Demo/Left', Buffer.alloc(0), { timeoutMs });
      expect(Number(String(answered.message))).toBeLessThanOrEqual(5000);
      expect(Number(String(answered.message))).toBeGreaterThan(1000);
    }
  });

  it('that are cancelled abort their handlers, are counted, and are not answered', async () => {
    const started = gate();
    const aborted = gate<unknown>();
    const running = await start([
      echo,
      unary('Wait', (_request, { ending }) => {
        started.open();
        return new Promise((_resolve, reject) => {
          ending.addEventListener('abort', () => {
            aborted.open(ending.reason);
            reject(ending.reason as Error);
          });
        });
      }),
    ]);
    void running.relay.call('/demo.Demo/Wait', Buffer.alloc(0), { id: 7 });
    await started.passed;
    for (const id of [8, 7, 7]) running.relay.cancel(id);
    expect(await aborted.passed).toMatchObject({ reason: 'CANCELLED' });
    // The id is free again; an answer to the first owner would have none.
    expect((await running.relay.call(echoPath, Buffer.from('again'), { id: 7 })).message).toEqual(Buffer.from('again'));
    expect(await running.metric('tributary_grpc_requests_total{method="demo.Demo/Wait",code="CANCELLED"}')).toBe(1);
    await expectNothingHeld(running);
  });

  it('are cancelled when their connection breaks or their stream is reset', async () => {
    const ended = [gate<unknown>(), gate<unknown>()] as const;
    const started = [gate(), gate()] as const;
    let calls = 0;
    const running = await start([
      echo,
      unary('Wait', (_request, { ending }) => {
        const call = calls++;
        started[call]!.open();
        return new Promise((_resolve, reject) => {
          ending.addEventListener('abort', () => {
            reject(ending.reason as Error);
            setImmediate(() => ended[call]!.open(ending.reason));
          });
        });
      }),
    ]);
    const lost = running.relay.call('/demo.Demo/Wait', Buffer.alloc(0));
    await started[0].passed;
    running.relay.stream.close(constants.NGHTTP2_CANCEL);
    await expect(lost).rejects.toThrow('ended before its answer');
    expect(await ended[0].passed).toMatchObject({ reason: 'CANCELLED' });
    const other = running.connect();
    void new RelayClient(other).call('/demo.Demo/Wait', Buffer.alloc(0)).catch(() => undefined);
    await started[1].passed;
    await other.close();
    expect(await ended[1].passed).toMatchObject({ reason: 'CANCELLED' });
    await expectNothingHeld(running);
    expect(await running.metric('tributary_relay_streams')).toBe(0);
  });

  it('over the number that is allowed are refused, each alone', async () => {
    const { method, started, open } = holding();
    const { relay } = await start([echo, method], { maxCallsInFlight: 1 });
    const held = relay.call(method.path, Buffer.from('held'));
    await started;
    expect(reasonOf(await relay.call(echoPath, Buffer.alloc(0)))).toBe('CALLS_IN_FLIGHT');
    expect((await relay.call('/grpc.health.v1.Health/Check', Buffer.alloc(0))).code).toBe(Status.OK);
    open();
    expect((await held).message).toEqual(Buffer.from('held'));
    expect((await relay.call(echoPath, Buffer.alloc(0))).code).toBe(Status.OK);
  });

  it('are counted, and so are relays and their messages', async () => {
    const running = await start();
    await Promise.all(running.relay.callTogether([{ path: echoPath }, { path: echoPath }]));
    expect(await running.metric('tributary_relay_streams')).toBe(1);
    expect(await running.metric('tributary_relay_calls_total')).toBe(2);
    expect(await running.metric('tributary_relay_messages_total{direction="received"}')).toBe(1);
    expect(await running.metric('tributary_relay_messages_total{direction="sent"}')).toBe(1);
    expect(await running.metric('tributary_grpc_requests_total{method="demo.Demo/Echo",code="OK"}')).toBe(2);
  });
});

describe('long answers of a relay', () => {
  it('come in parts, in order, between those of others', async () => {
    const { relay } = await start([echo, large]);
    const ends: string[] = [];
    const note = (name: string) => (answer: WholeAnswer) => {
      ends.push(name);
      return answer;
    };
    const [long, longer] = relay.callTogether([
      { path: large.path, message: [bytesOf(3 * MiB + 1)] },
      { path: large.path, message: [bytesOf(5 * MiB)] },
    ]);
    const short = relay.call(echoPath, Buffer.from('short')).then(note('short'));
    const answers = await Promise.all([long!.then(note('long')), longer!.then(note('longer')), short]);
    expect(answers.map(({ message }) => message.length)).toEqual([3 * MiB + 1, 5 * MiB, 5]);
    expect(answers.map(({ parts }) => parts)).toEqual([49, 80, 1]);
    expect(answers[0].message.equals(Buffer.alloc(3 * MiB + 1, 'large'))).toBe(true);
    expect(ends).toEqual(['short', 'long', 'longer']);
  });

  it('that are cancelled on their way come no further, and give their memory back', async () => {
    const running = await start([echo, large]);
    const { relay } = running;
    relay.stream.pause();
    void relay.call(large.path, bytesOf(8 * MiB), { id: 5 });
    // Its parts stand before this answer.
    await running.connect().call(echoPath, Buffer.alloc(0));
    relay.cancel(5);
    const parts = gate();
    relay.onCancelled = () => parts.open();
    relay.stream.resume();
    await parts.passed;
    expect((await relay.call(echoPath, Buffer.from('alive'))).message).toEqual(Buffer.from('alive'));
    await expectNothingHeld(running);
  });

  it('whose caller reads too slowly end at the deadline with its status', async () => {
    const running = await start([echo, large]);
    const { relay } = running;
    relay.stream.pause();
    const late = relay.call(large.path, bytesOf(8 * MiB), { timeoutMs: 100 });
    while ((await running.metric('tributary_grpc_calls_in_flight')) !== 0)
      await running.client.call(echoPath, bytesOf(1));
    relay.stream.resume();
    expect((await late).code).toBe(Status.DEADLINE_EXCEEDED);
    await expectNothingHeld(running);
  });

  it('are bounded where nobody reads them, and a relay that is not read for the longest deadline is reset', async () => {
    const running = await start([echo, large], { maxBytesInFlight: 8 * MiB, maxDeadlineMs: 500 });
    const { relay } = running;
    relay.stream.pause();
    const calls = Array.from({ length: 32 }, () => ({ path: large.path, message: [bytesOf(MiB)] }));
    for (const answer of relay.callTogether(calls)) answer.catch(() => undefined);
    while ((await running.metric('tributary_grpc_refusals_total{reason="ANSWERS_UNREAD"}')) !== 24)
      await running.client.call(echoPath, bytesOf(1));
    // Others do not notice.
    const other = new RelayClient(running.connect());
    expect((await other.call(large.path, bytesOf(MiB))).message.length).toBe(MiB);
    // The stream is paused, so its end is not seen before the rest has been read.
    while ((await running.metric('tributary_relay_streams')) !== 1) await running.client.call(echoPath, bytesOf(1));
    await expectNothingHeld(running);
  });

  it('and short ones too: a caller that asks and does not read is read no further', async () => {
    const kilobyte = unary('Kilobyte', () => Promise.resolve(Buffer.alloc(10_000)));
    const running = await start([echo, kilobyte]);
    const { relay } = running;
    relay.stream.pause();
    const count = 4096;
    const answers = Array.from({ length: count / 64 }, () =>
      relay.callTogether(Array.from({ length: 64 }, () => ({ path: kilobyte.path, message: [Buffer.alloc(2000)] }))),
    ).flat();
    let before = -1;
    for (let now = 0; now !== before;) {
      await Promise.all(Array.from({ length: 20 }, () => running.client.call(echoPath, bytesOf(1))));
      before = now;
      now = (await running.metric('tributary_relay_calls_total'))!;
    }
    // 4 MiB, what one turn brings, and nothing more.
    expect(before).toBeLessThan(1000);
    await expectNothingHeld(running);
    relay.stream.resume();
    expect(new Set((await Promise.all(answers)).map(({ code }) => code))).toEqual(new Set([Status.OK]));
  });
});

describe('a relay', () => {
  it('is there at once, before any call', async () => {
    const { client } = await start();
    const stream = client.open(relayFolder);
    const [headers] = (await once(stream, 'response')) as [Record<string, string>];
    expect(headers).toMatchObject({ ':status': 200, 'content-type': 'application/grpc+proto' });
    expect(headers['grpc-status']).toBeUndefined();
    stream.close();
  });

  it('is not there where the hot door is off, nor for compressed messages', async () => {
    serving = await startServing([echo], { hotDoor: 'off' });
    const answer = await serving.client.send(relayFolder, Buffer.alloc(0));
    expect([answer.code, answer.details?.reason]).toEqual([Status.UNIMPLEMENTED, 'METHOD_UNKNOWN']);
    await serving.close();
    serving = await startServing([echo]);
    const encoded = await serving.client.send(relayFolder, Buffer.alloc(0), { 'grpc-encoding': 'gzip' });
    expect(encoded.code).toBe(Status.UNIMPLEMENTED);
  });

  it('comes four times on a connection and no more, until one has ended', async () => {
    const running = await start();
    const { client, relay } = running;
    const others = Array.from({ length: 3 }, () => new RelayClient(client));
    for (const other of others) await other.opened();
    const refused = await new RelayClient(client).ended;
    expect([refused.code, refused.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'RELAYS_LIMIT']);
    await new RelayClient(running.connect()).opened();
    relay.stream.end();
    await relay.ended;
    expect((await new RelayClient(client).call(echoPath, Buffer.from('fifth'))).message).toEqual(Buffer.from('fifth'));
  });

  it('that its caller half-closes answers what is under way, and then ends well', async () => {
    const { method, started, open } = holding();
    const running = await start([method, large]);
    const { relay } = running;
    const held = relay.call(method.path, Buffer.from('held'));
    const long = relay.call(large.path, bytesOf(MiB));
    await started;
    relay.stream.end();
    open();
    expect((await held).message).toEqual(Buffer.from('held'));
    expect((await long).message.length).toBe(MiB);
    const end = await relay.ended;
    expect([end.code, end.message, end.resetCode]).toEqual([Status.OK, 'OK', 0]);
    expect(
      await running.metric('tributary_grpc_requests_total{method="tributary.relay.v1.RelayService/Relay",code="OK"}'),
    ).toBe(1);
  });

  it.each<[string, () => Buffer]>([
    ['no message of a relay', () => frame(Buffer.from([0xff]))],
    ['a compressed message', () => frame(Buffer.alloc(3), { flag: 1 })],
    ['a message of more than 4 MiB', () => frame(Buffer.alloc(0), { declared: 4 * MiB + 1 })],
    ['a call without an id', () => messageOf((writer) => writer.call(callOf({ id: 0 })))],
    [
      'an id that is not free',
      () =>
        messageOf((writer) => {
          for (const id of [1, 2, 1]) writer.call(callOf({ id, path: '/demo.Demo/Hold' }));
        }),
    ],
  ])('that brings %s ends with INTERNAL and cancels its calls; the connection lives', async (_name, bytes) => {
    const { method, started, open } = holding();
    const running = await start([echo, method]);
    const held = running.relay.call(method.path, Buffer.alloc(0));
    await started;
    running.relay.stream.write(bytes());
    const end = await running.relay.ended;
    await expect(held).rejects.toThrow('ended before its answer');
    expect([end.code, end.details?.reason]).toEqual([Status.INTERNAL, 'RELAY_MALFORMED']);
    open();
    const next = new RelayClient(running.client);
    expect((await next.call(echoPath, Buffer.from('alive'))).message).toEqual(Buffer.from('alive'));
    await expectNothingHeld(running);
    expect(running.lines()).toContainEqual(
      expect.objectContaining({ method: 'tributary.relay.v1.RelayService/Relay', reason: 'RELAY_MALFORMED' }),
    );
  });

  it('that ends inside a message ends with INTERNAL', async () => {
    const { relay } = await start();
    relay.stream.end(Buffer.alloc(3));
    expect((await relay.ended).code).toBe(Status.INTERNAL);
  });

  it('that leaves a message unfinished for the longest deadline ends', async () => {
    const running = await start([echo], { maxDeadlineMs: 50 });
    running.relay.stream.write(frame(Buffer.alloc(10), { declared: 100 }));
    const stalled = await running.relay.ended;
    expect([stalled.code, stalled.details?.reason]).toEqual([Status.UNAVAILABLE, 'RELAY_STALLED']);
  });

  it('whose unfinished message is one too many beside those of others ends, and they do not', async () => {
    const running = await start([echo], { maxBytesInFlight: MiB });
    const relays = Array.from({ length: 5 }, () => new RelayClient(running.connect()));
    const part = frame(Buffer.alloc(4 * MiB - 2000), { declared: 4 * MiB });
    for (const relay of relays) relay.stream.write(part);
    const ends = await Promise.race(relays.map(({ ended }) => ended));
    expect([ends.code, ends.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'BYTES_IN_FLIGHT']);
    expect(await running.metric('tributary_relay_streams')).toBe(5);
  });

  it('that has ended is reset where its caller does not end its side', async () => {
    const running = await start([echo], { maxDeadlineMs: 50 });
    const end = await running.client.sendAndStay(relayFolder, frame(Buffer.from([0xff])));
    expect([end.code, end.resetCode]).toEqual([Status.INTERNAL, constants.NGHTTP2_NO_ERROR]);
    // Some turns of the loop: Node 20 never comes back from destroying a session in the turn in which a stream of it was reset.
    expect(await running.metric('tributary_relay_streams')).toBe(1);
  });

  it('keeps its connection from being idle', async () => {
    const running = await start([echo], { maxConnectionIdleMs: 50 });
    const idle = running.connect();
    await once(idle.session, 'close');
    expect((await running.relay.call(echoPath, Buffer.from('here'))).message).toEqual(Buffer.from('here'));
  });
});

describe('a drain', () => {
  it('asks callers to begin no more calls, answers what comes until they do, and then ends', async () => {
    const { method, started, open } = holding();
    const { relay, server } = await start([echo, method, large]);
    const held = relay.call(method.path, Buffer.from('held'));
    await started;
    const asked = gate();
    relay.onDraining = () => asked.open();
    const drained = server.drain();
    await asked.passed;
    const late = relay.call(echoPath, Buffer.from('late'));
    const long = relay.call(large.path, bytesOf(2 * MiB));
    relay.stream.end();
    expect((await late).message).toEqual(Buffer.from('late'));
    open();
    expect((await held).message).toEqual(Buffer.from('held'));
    expect((await long).message.length).toBe(2 * MiB);
    expect((await relay.ended).code).toBe(Status.OK);
    expect(await drained).toEqual({ cutOff: 0 });
    expect(relay.draining).toBe(1);
  });

  it('does not wait for a relay without calls whose caller goes when asked', async () => {
    const { relay, server } = await start([echo], { drainTimeoutMs: 60_000 });
    relay.onDraining = () => relay.stream.end();
    expect(await server.drain()).toEqual({ cutOff: 0 });
  });

  it('that takes too long cuts calls off with SHUTTING_DOWN, and relays with them', async () => {
    const { method, started } = holding();
    const { relay, server } = await start([method], { drainTimeoutMs: 20 });
    const held = relay.call(method.path, Buffer.alloc(0));
    await started;
    expect(await server.drain()).toEqual({ cutOff: 1 });
    const answer = await held;
    expect([answer.code, reasonOf(answer)]).toEqual([Status.UNAVAILABLE, 'SHUTTING_DOWN']);
    const end = await relay.ended;
    expect([end.code, end.details?.reason]).toEqual([Status.UNAVAILABLE, 'SHUTTING_DOWN']);
  });

  it('of a connection that is too old loses no call of a caller that moves on', async () => {
    const running = await start([echo], { maxConnectionAgeMs: 60 });
    let calls = 0;
    let moves = 0;
    const answered: number[] = [];
    while (moves < 3) {
      const client = running.connect();
      const relay = new RelayClient(client);
      client.session.on('goaway', () => relay.stream.end());
      while (!relay.stream.writableEnded) {
        const batch = Array.from({ length: 8 }, () => ({ path: echoPath, message: [Buffer.from(String(calls++))] }));
        for (const { message } of await Promise.all(relay.callTogether(batch))) answered.push(Number(String(message)));
      }
      expect((await relay.ended).code).toBe(Status.OK);
      if (!client.session.destroyed) await once(client.session, 'close');
      moves += 1;
    }
    expect(answered).toEqual(Array.from({ length: calls }, (_, index) => index));
  });
});

function messageOf(write: (writer: RelayRequestWriter) => void): Buffer {
  const writer = new RelayRequestWriter();
  write(writer);
  return writer.take();
}
