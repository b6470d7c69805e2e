import { afterEach, describe, expect, it } from '@jest/globals';
import { Server } from '@grpc/grpc-js';
import { Status } from '@tributary/contract';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { RelayedStatus, type CallContext, type Method, type ServeSettings } from '../index';
import { sessionWindowBytes, standBefore, streamCounterOf, streamWindowBytes } from '../http2-door';
import { answerOf, frame, type RawAnswer } from './raw-client';
import { echo, gate, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';
const MiB = 2 ** 20;

let serving: Serving | undefined;

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

function unary(name: string, handler: (request: Uint8Array, context: CallContext) => Promise<Uint8Array>): Method {
  return { path: `/demo.Demo/${name}`, kind: 'unary', handler };
}

it('finds in grpc-js what the hot door needs of it, and nothing where grpc-js has changed', () => {
  expect(streamCounterOf(new Server())).toBeInstanceOf(Function);
  expect(streamCounterOf({} as unknown as Server)).toBeUndefined();
  expect(streamCounterOf({ onStreamOpened: (a: unknown, b: unknown) => [a, b] } as unknown as Server)).toBeUndefined();
});

it('leaves every call to grpc-js, and says so, where grpc-js counts streams otherwise', async () => {
  const internals = Server.prototype as unknown as { onStreamOpened: unknown };
  const { onStreamOpened } = internals;
  // What another version might do: the same under other terms.
  internals.onStreamOpened = function (this: Server, ...both: [stream: unknown, more: unknown]): void {
    Reflect.apply(onStreamOpened as (stream: unknown) => void, this, [both[0]]);
  };
  Object.defineProperty(internals.onStreamOpened, 'length', { value: 2 });
  try {
    serving = await startServing([echo], { hotDoor: 'on' });
    expect(serving.lines().map(({ msg }) => msg)).toContain(
      'this version of grpc-js counts streams otherwise; it answers every call itself',
    );
    expect((await serving.client.call(echoPath, Buffer.from('alive'))).messages).toEqual([Buffer.from('alive')]);
  } finally {
    internals.onStreamOpened = onStreamOpened;
  }
});

it('does not start where grpc-js keeps its HTTP/2 servers elsewhere, instead of serving without limits', () => {
  const changed = [{}, { http2Servers: {} }, { http2Servers: new Map() }] as unknown as Server[];
  for (const server of changed) expect(() => standBefore(server, () => undefined)).toThrow(/http2-door/);
});

describe.each(['on', 'off'] as const)('with hotDoor %s:', (hotDoor) => {
  async function start(methods: readonly Method[] = [echo], settings: Partial<ServeSettings> = {}): Promise<Serving> {
    serving = await startServing(methods, { hotDoor, ...settings });
    return serving;
  }

  it('callers may send 4 MiB of a stream and 16 MiB of a connection ahead', async () => {
    const { client } = await start();
    while (client.session.remoteSettings.initialWindowSize !== streamWindowBytes)
      await once(client.session, 'remoteSettings');
    await client.call(echoPath, Buffer.alloc(0));
    expect(client.session.state.remoteWindowSize).toBe(sessionWindowBytes - frame(Buffer.alloc(0)).length);
  });

  it('a request may be cut anywhere', async () => {
    const { client } = await start();
    const message = Buffer.from('cut');
    const bytes = frame(message);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const stream = client.open(echoPath);
      const answer = answerOf(stream);
      await new Promise((resolve) => stream.write(bytes.subarray(0, cut), resolve));
      stream.end(bytes.subarray(cut));
      expect((await answer).messages).toEqual([message]);
    }
    const stream = client.open(echoPath);
    const answer = answerOf(stream);
    for (const byte of bytes) await new Promise((resolve) => stream.write(Buffer.from([byte]), resolve));
    stream.end();
    expect((await answer).messages).toEqual([message]);
  });

  it('messages may be empty, and as large as the limit', async () => {
    const { client } = await start([echo], { maxMessageBytes: 5 * MiB });
    expect((await client.call(echoPath, Buffer.alloc(0))).messages).toEqual([Buffer.alloc(0)]);
    const large = Buffer.alloc(5 * MiB, 'large');
    const [answer] = (await client.call(echoPath, large)).messages;
    expect(answer?.equals(large)).toBe(true);
  });

  it.each<[string, Buffer, number]>([
    ['no message', Buffer.alloc(0), Status.UNIMPLEMENTED],
    ['a part of a head', Buffer.alloc(3), Status.UNIMPLEMENTED],
    ['a part of a message', frame(Buffer.alloc(3), { declared: 4 }), Status.UNIMPLEMENTED],
    ['two messages', Buffer.concat([frame(Buffer.alloc(3)), frame(Buffer.alloc(3))]), Status.UNIMPLEMENTED],
    ['two empty messages', Buffer.concat([frame(Buffer.alloc(0)), frame(Buffer.alloc(0))]), Status.UNIMPLEMENTED],
    ['a message and a part of one', Buffer.concat([frame(Buffer.alloc(3)), Buffer.alloc(2)]), Status.UNIMPLEMENTED],
    ['a flag of compression without an encoding', frame(Buffer.alloc(3), { flag: 1 }), Status.INTERNAL],
    ['a flag that is none', frame(Buffer.alloc(3), { flag: 7 }), Status.INTERNAL],
  ])('%s ends the call, and the connection lives', async (_name, body, code) => {
    const { client } = await start();
    expect((await client.send(echoPath, body)).code).toBe(code);
    expect((await client.send(echoPath, body, { 'grpc-encoding': 'identity' })).code).toBe(code);
    expect((await client.call(echoPath, Buffer.from('alive'))).code).toBe(Status.OK);
  });

  it.each<[string, string, Record<string, string>, Buffer, string | undefined]>([
    [
      'an unknown compression',
      echoPath,
      { 'grpc-encoding': 'zstd' },
      frame(Buffer.from('x'), { flag: 1 }),
      'COMPRESSION_UNSUPPORTED',
    ],
    [
      'an unknown compression that no message uses',
      echoPath,
      { 'grpc-encoding': 'br' },
      frame(Buffer.alloc(1)),
      'COMPRESSION_UNSUPPORTED',
    ],
    [
      'two compressions',
      echoPath,
      { 'grpc-encoding': 'gzip, zstd' },
      frame(Buffer.alloc(1)),
      'COMPRESSION_UNSUPPORTED',
    ],
    ['a broken gzip', echoPath, { 'grpc-encoding': 'gzip' }, frame(Buffer.from('x'), { flag: 1 }), undefined],
    ['an unknown method', '/demo.Demo/No', {}, frame(Buffer.alloc(1)), 'METHOD_UNKNOWN'],
    [
      'an unknown method in an unknown compression',
      '/demo.Demo/No',
      { 'grpc-encoding': 'zstd' },
      frame(Buffer.alloc(1)),
      'METHOD_UNKNOWN',
    ],
    [
      'metadata over the limit',
      echoPath,
      { 'x-much': 'x'.repeat(17_000) },
      frame(Buffer.alloc(1)),
      'METADATA_TOO_LARGE',
    ],
    ['a malformed deadline', echoPath, { 'grpc-timeout': 'soon' }, frame(Buffer.alloc(1)), undefined],
    ['no message', echoPath, {}, Buffer.alloc(0), undefined],
    ['a message over the limit', echoPath, {}, frame(Buffer.alloc(0), { declared: 2 ** 31 }), 'MESSAGE_TOO_LARGE'],
    [
      'a compressed message over the limit',
      echoPath,
      { 'grpc-encoding': 'gzip' },
      frame(Buffer.alloc(0), { declared: 2 ** 31, flag: 1 }),
      'MESSAGE_TOO_LARGE',
    ],
  ])('the refusal of %s says which compressions are accepted', async (_name, path, headers, body, reason) => {
    const { client } = await start();
    const answer = await client.send(path, body, headers);
    expect([answer.code === Status.OK, answer.details?.reason]).toEqual([false, reason]);
    expect(answer.headers).toMatchObject({ ':status': 200, 'grpc-accept-encoding': 'identity,deflate,gzip' });
    expect((await client.call(echoPath, Buffer.from('alive'))).code).toBe(Status.OK);
  });

  it('a message over the limit is refused by its head, before its body has come', async () => {
    const { client } = await start([echo], { maxMessageBytes: MiB });
    const stream = client.open(echoPath);
    stream.write(frame(Buffer.alloc(0), { declared: MiB + 1 }));
    const answer = await answerOf(stream);
    expect([answer.code, answer.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'MESSAGE_TOO_LARGE']);
  });

  it('metadata carry several values of a key both ways, binary ones too', async () => {
    const seen = gate<CallContext>();
    const { client } = await start([
      unary('Meta', (request, context) => {
        for (const value of ['1', '2']) context.setHeader('x-more', value);
        for (const byte of [1, 2]) context.setTrailer('x-more-bin', Buffer.from([byte]));
        context.setTrailer('__proto__', 'x');
        context.setTrailer('constructor', 'x');
        context.setTrailer('not-binary', Buffer.from('x'));
        context.setTrailer('text-bin', 'x');
        seen.open(context);
        return Promise.resolve(request);
      }),
    ]);
    const stream = client.session.request({
      ':method': 'POST',
      ':path': '/demo.Demo/Meta',
      'content-type': 'application/grpc',
      te: 'trailers',
      'x-two': ['a', 'b'],
      'x-two-bin': 'AQ==,Ag==',
      'grpc-accept-encoding': 'gzip',
    });
    stream.end(frame(Buffer.alloc(0)));
    const answer = await answerOf(stream);
    const { metadata } = await seen.passed;
    expect(metadata.get('x-two')).toEqual(['a, b']);
    expect(metadata.get('x-two-bin')).toEqual([Buffer.from([1]), Buffer.from([2])]);
    expect([...metadata.keys()]).not.toEqual(expect.arrayContaining(['te']));
    expect([answer.headers['x-more'], answer.trailers['x-more-bin']]).toEqual(['1, 2', 'AQ==, Ag==']);
    expect(answer.trailers['constructor']).toBe('x');
    expect(Object.keys(answer.trailers)).not.toEqual(expect.arrayContaining(['not-binary', 'text-bin', '__proto__']));
    expect(answer.headers).toMatchObject({
      'content-type': 'application/grpc+proto',
      'grpc-accept-encoding': 'identity,deflate,gzip',
    });
  });

  it('the text of a status comes as it was', async () => {
    const text = '\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈 100 %41\t\n';
    const { client } = await start([unary('Fail', () => Promise.reject(new RelayedStatus(Status.UNKNOWN, text)))]);
    const answer = await client.call('/demo.Demo/Fail', Buffer.alloc(0));
    expect([answer.code, answer.message]).toEqual([Status.UNKNOWN, text]);
    expect(String(answer.trailers['grpc-message'])).toMatch(/^[ -~]*$/);
  });

  it('a caller that resets its call, and one whose connection breaks, abort signal and ending', async () => {
    const started = [gate(), gate()] as const;
    const ended = [gate<unknown[]>(), gate<unknown[]>()] as const;
    let calls = 0;
    const running = await start([
      unary('Wait', (_request, { signal, ending }) => {
        const call = calls++;
        started[call]!.open();
        return new Promise((_resolve, reject) => {
          ending.addEventListener('abort', () => {
            setImmediate(() => ended[call]!.open([signal.reason, ending.reason]));
            reject(ending.reason as Error);
          });
        });
      }),
    ]);
    const stream = running.client.open('/demo.Demo/Wait');
    stream.end(frame(Buffer.alloc(0)));
    await started[0].passed;
    stream.close(constants.NGHTTP2_CANCEL);
    const other = running.connect();
    other.open('/demo.Demo/Wait').end(frame(Buffer.alloc(0)));
    await started[1].passed;
    await other.close();
    for (const { passed } of ended) {
      expect(await passed).toMatchObject([{ reason: 'CANCELLED' }, { reason: 'CANCELLED' }]);
    }
    expect(await running.metric('tributary_grpc_calls_in_flight')).toBe(0);
    expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
  });

  it('a caller that does not read its answer loses the stream soon after the deadline', async () => {
    const running = await start([unary('Large', () => Promise.resolve(Buffer.alloc(8 * MiB)))]);
    const stream = running.client.open('/demo.Demo/Large', { 'grpc-timeout': '200m' });
    stream.end(frame(Buffer.alloc(1)));
    await once(stream, 'response');
    await once(stream, 'close');
    expect(stream.rstCode).toBe(constants.NGHTTP2_CANCEL);
    expect(await running.metric('tributary_grpc_calls_in_flight')).toBe(0);
    expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
  });

  it('a connection with a call is not idle, one whose calls have ended is', async () => {
    const started = gate();
    const finish = gate();
    const running = await start(
      [
        unary('Hold', async (request) => {
          started.open();
          await finish.passed;
          return request;
        }),
      ],
      { maxConnectionIdleMs: 50 },
    );
    const busy = running.connect();
    const held = busy.call('/demo.Demo/Hold', Buffer.alloc(0));
    await started.passed;
    // Of the same age and without a call: once it is gone, the other's idle time is over as well.
    const idle = running.connect();
    await once(idle.session, 'close');
    const closed = once(busy.session, 'close');
    finish.open();
    expect((await held).code).toBe(Status.OK);
    await closed;
  });

  it('a drain says goodbye and lets calls finish', async () => {
    const started = gate();
    const finish = gate();
    const running = await start([
      unary('Hold', async (request) => {
        started.open();
        await finish.passed;
        return request;
      }),
    ]);
    const held = running.client.call('/demo.Demo/Hold', Buffer.from('held'));
    await started.passed;
    const goodbye = once(running.client.session, 'goaway');
    const drained = running.server.drain();
    await goodbye;
    finish.open();
    expect((await held).messages).toEqual([Buffer.from('held')]);
    expect(await drained).toEqual({ cutOff: 0 });
  });

  it('a drain that takes too long cuts calls off with SHUTTING_DOWN', async () => {
    const started = gate();
    const running = await start(
      [
        unary('Never', () => {
          started.open();
          return new Promise(() => undefined);
        }),
      ],
      { drainTimeoutMs: 20 },
    );
    const held: Promise<RawAnswer> = running.client.call('/demo.Demo/Never', Buffer.alloc(0));
    await started.passed;
    expect(await running.server.drain()).toEqual({ cutOff: 1 });
    const answer = await held;
    expect([answer.code, answer.details?.reason]).toEqual([Status.UNAVAILABLE, 'SHUTTING_DOWN']);
  });
});
