import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { decodeMessage, grpc, refusal, Status, TributaryError } from '@tributary/contract';
import { once } from 'node:events';
import { constants } from 'node:http2';
import { createConnection } from 'node:net';
import { gzipSync } from 'node:zlib';
import { RelayedStatus, type CallContext, type Method } from '../index';
import { answerOf, frame, RawClient } from './raw-client';
import { emptySettings, FrameSocket, frameType, ping, resetCall } from './raw-frames';
import { RelayedClient } from './relay-client';
import { echo, gate, startServing, type Serving } from './serving';

const echoPath = '/demo.Demo/Echo';
const echoLabel = 'demo.Demo/Echo';
const MiB = 2 ** 20;

let serving: Serving | undefined;
/** Ways of a unary call into the server: its own stream, past grpc-js or through it, or a relay. */
const doors = ['its own stream', 'grpc-js', 'a relay'] as const;
let door: (typeof doors)[number];

async function start(...[methods, settings, logLevel]: Parameters<typeof startServing>): Promise<Serving> {
  const hotDoor = door === 'grpc-js' ? 'off' : 'on';
  const Client = door === 'a relay' ? RelayedClient : RawClient;
  serving = await startServing(methods, { hotDoor, ...settings }, logLevel, Client);
  return serving;
}

function unary(name: string, handler: (request: Uint8Array, context: CallContext) => Promise<Uint8Array>): Method {
  return { path: `/demo.Demo/${name}`, kind: 'unary', handler };
}

async function expectAlive({ client }: Serving): Promise<void> {
  const answer = await client.call(echoPath, Buffer.from('alive'));
  expect([answer.code, String(answer.messages[0])]).toEqual([Status.OK, 'alive']);
}

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

describe.each(doors)('over %s:', (each) => {
  beforeEach(() => {
    door = each;
  });
  /** What only a call with a stream of its own can do. */
  const ofStreams = each === 'a relay' ? it.skip : it;

  describe('a call', () => {
    it('gets its bytes answered, with the request id in the initial metadata', async () => {
      const { client } = await start();
      const answer = await client.call(echoPath, Buffer.from([1, 2, 3]), { 'x-request-id': 'abc-1' });
      expect(answer.code).toBe(Status.OK);
      expect(answer.messages).toEqual([Buffer.from([1, 2, 3])]);
      expect(answer.headers['x-request-id']).toBe('abc-1');
    });

    it('gets a request id of ours in place of one that could forge a log line', async () => {
      const { client } = await start();
      const answer = await client.call(echoPath, Buffer.alloc(0), { 'x-request-id': 'a b' });
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f]{12}-[0-9a-z]+$/);
    });

    ofStreams('hands metadata to its handler and takes headers and trailers from it', async () => {
      const seen = gate<CallContext>();
      const { client } = await start([
        unary('Meta', (request, context) => {
          context.setHeader('x-first', '1');
          context.setTrailer('server-timing', 'queue;dur=1');
          context.setTrailer('x-raw-bin', Buffer.from([0, 255]));
          context.setTrailer('x-bad', 'line\nbreak');
          seen.open(context);
          return Promise.resolve(request);
        }),
      ]);
      const answer = await client.call('/demo.Demo/Meta', Buffer.alloc(0), { 'x-user': 'u', 'x-key-bin': 'AP8=' });
      const { metadata } = await seen.passed;
      expect(metadata.get('x-user')).toEqual(['u']);
      expect(metadata.get('x-key-bin')).toEqual([Buffer.from([0, 255])]);
      expect(metadata.has('grpc-timeout')).toBe(false);
      expect(answer.headers['x-first']).toBe('1');
      expect(answer.trailers['server-timing']).toBe('queue;dur=1');
      expect(answer.trailers['x-raw-bin']).toBe('AP8=');
      expect(answer.trailers['x-bad']).toBeUndefined();
    });

    it('leaves out headers and trailers that belong to HTTP or gRPC, whatever a handler relays', async () => {
      const names = [
        ':status',
        'connection',
        'date',
        'te',
        'host',
        'content-length',
        'etag',
        'grpc-status',
        'Grpc-Message',
      ];
      const running = await start([
        echo,
        unary('Relay', (request, context) => {
          for (const name of [...names, ...names, 'bad name', '']) {
            context.setHeader(name, '7');
            context.setTrailer(name, '7');
          }
          return Promise.resolve(request);
        }),
      ]);
      const answer = await running.client.call('/demo.Demo/Relay', Buffer.from('x'));
      expect([answer.code, answer.headers[':status'], answer.message]).toEqual([Status.OK, 200, 'OK']);
      await expectAlive(running);
    });

    it('fails with the status, the reason, the field and the pushback of a TributaryError', async () => {
      const { client } = await start([
        unary('Fail', () => {
          throw refusal('CALLS_IN_FLIGHT', { expected: 7 }, { field: 'inputs[0]', got: '8', retryDelayMs: 12.5 });
        }),
      ]);
      const answer = await client.call('/demo.Demo/Fail', Buffer.alloc(0), { 'x-request-id': 'r1' });
      expect(answer.code).toBe(Status.RESOURCE_EXHAUSTED);
      expect(answer.details).toMatchObject({
        reason: 'CALLS_IN_FLIGHT',
        details: { field: 'inputs[0]', expected: '7', got: '8', retryDelayMs: 12.5 },
      });
      expect(answer.trailers['grpc-retry-pushback-ms']).toBe('13');
      expect(answer.trailers['x-request-id']).toBe('r1');
    });

    it('passes on a relayed status with its trailers', async () => {
      const { client } = await start([
        unary('Relay', (_request, context) => {
          context.setTrailer('grpc-status-details-bin', Buffer.from([8, 5]));
          throw new RelayedStatus(Status.ABORTED, 'as it was: 100 % ü');
        }),
      ]);
      const answer = await client.call('/demo.Demo/Relay', Buffer.alloc(0));
      expect([answer.code, answer.message]).toEqual([Status.ABORTED, 'as it was: 100 % ü']);
      expect(answer.trailers['grpc-status-details-bin']).toBe('CAU=');
    });

    it('of an unknown method is UNIMPLEMENTED', async () => {
      const { client } = await start();
      const answer = await client.call('/demo.Demo/Nope', Buffer.alloc(0));
      expect([answer.code, answer.details?.reason]).toEqual([Status.UNIMPLEMENTED, 'METHOD_UNKNOWN']);
    });

    ofStreams('with no message or two is UNIMPLEMENTED, as gRPC says', async () => {
      const running = await start();
      const none = await running.client.send(echoPath, Buffer.alloc(0));
      const two = await running.client.send(
        echoPath,
        Buffer.concat([frame(Buffer.from('a')), frame(Buffer.from('b'))]),
      );
      expect([none.code, two.code]).toEqual([Status.UNIMPLEMENTED, Status.UNIMPLEMENTED]);
      await expectAlive(running);
    });

    ofStreams('with many answers waits for a slow reader, and ends when the reader goes', async () => {
      const ended = gate<unknown>();
      let written = 0;
      const { client } = await start([
        {
          path: '/demo.Demo/Flood',
          kind: 'serverStream',
          handler: async (_request, _context, write) => {
            try {
              for (;;) {
                await write(Buffer.alloc(64 * 1024));
                written += 1;
              }
            } catch (error) {
              ended.open(error);
              throw error;
            }
          },
        },
      ]);
      const stream = client.open('/demo.Demo/Flood');
      stream.end(frame(Buffer.alloc(0)));
      // The client reads nothing beyond the headers, so flow control stops the writer within a few messages.
      await new Promise((resolve) => stream.once('response', resolve));
      stream.close(constants.NGHTTP2_CANCEL);
      expect(await ended.passed).toMatchObject({ reason: 'CANCELLED' });
      expect(written).toBeLessThan(16);
    });
  });

  describe('a deadline', () => {
    const never = unary('Never', (_request, context) => {
      return new Promise((_resolve, reject) => {
        context.signal.addEventListener('abort', () => reject(context.signal.reason as Error), { once: true });
      });
    });
    const remaining = unary('Remaining', (_request, context) =>
      Promise.resolve(Buffer.from(String(Math.ceil(context.remainingMs())))),
    );

    ofStreams(
      'that passes ends the call with DEADLINE_EXCEEDED and aborts its signal with the same reason',
      async () => {
        const reason = gate<unknown>();
        const { client } = await start([
          unary('Never', (_request, { signal }) => {
            signal.addEventListener('abort', () => reason.open(signal.reason), { once: true });
            return new Promise(() => undefined);
          }),
        ]);
        const answer = await client.call('/demo.Demo/Never', Buffer.alloc(0), { 'grpc-timeout': '20m' });
        expect([answer.code, answer.details?.reason]).toEqual([Status.DEADLINE_EXCEEDED, 'DEADLINE_EXCEEDED']);
        expect(await reason.passed).toMatchObject({ reason: 'DEADLINE_EXCEEDED' });
      },
    );

    it('is the longest allowed one for calls without', async () => {
      const { client } = await start([never], { maxDeadlineMs: 20 });
      expect((await client.call('/demo.Demo/Never', Buffer.alloc(0))).code).toBe(Status.DEADLINE_EXCEEDED);
    });

    it.each(['2147484S', '720H', '1000H', '8760H', '99999999H', '4294968S'])(
      'of %s becomes the longest allowed one',
      async (timeout) => {
        const { client } = await start([remaining], { maxDeadlineMs: 60_000 });
        const answer = await client.call('/demo.Demo/Remaining', Buffer.alloc(0), { 'grpc-timeout': timeout });
        expect(answer.code).toBe(Status.OK);
        const left = Number(String(answer.messages[0]));
        expect(left).toBeGreaterThan(30_000);
        expect(left).toBeLessThanOrEqual(60_000);
      },
    );

    ofStreams.each(['abc', '', '5', '-5S', '1S1S', '123456789m'])('written as "%s" is INTERNAL', async (timeout) => {
      const running = await start([echo, remaining]);
      const answer = await running.client.call('/demo.Demo/Remaining', Buffer.alloc(0), { 'grpc-timeout': timeout });
      expect(answer.code).toBe(Status.INTERNAL);
      await expectAlive(running);
    });

    ofStreams('that passes while a status is on its way out does not overtake it', async () => {
      const late: Method = {
        path: '/demo.Demo/Late',
        kind: 'bidi',
        handler: async (next, context, write) => {
          await write((await next())!);
          const failed = gate();
          setTimeout(failed.open, context.remainingMs() - 50);
          // Both are over when the event loop comes to its timers.
          const untilMs = performance.now() + context.remainingMs() + 10;
          while (performance.now() < untilMs) continue;
          await failed.passed;
          throw refusal('UPSTREAM_LOST', {});
        },
      };
      const { client } = await start([late], { maxDeadlineMs: 200 });
      const answer = await client.call(late.path, Buffer.from('late'));
      expect([answer.messages, answer.code, answer.details?.reason]).toEqual([
        [Buffer.from('late')],
        Status.UNAVAILABLE,
        'UPSTREAM_LOST',
      ]);
    });

    ofStreams('frees the stream of a caller that never ends its request', async () => {
      const { client } = await start([echo], { maxDeadlineMs: 20 });
      const stream = client.open(echoPath);
      stream.write(frame(Buffer.from('half'), { declared: 100 }));
      const answer = await answerOf(stream);
      expect([answer.code, answer.resetCode]).toEqual([Status.DEADLINE_EXCEEDED, constants.NGHTTP2_NO_ERROR]);
    });
  });

  describe('a caller that cancels', () => {
    ofStreams('aborts the signal with CANCELLED, and is counted', async () => {
      const started = gate();
      const reason = gate<unknown>();
      const running = await start([
        unary('Wait', (_request, { signal }) => {
          started.open();
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reason.open(signal.reason);
              reject(signal.reason as Error);
            });
          });
        }),
      ]);
      const stream = running.client.open('/demo.Demo/Wait');
      stream.end(frame(Buffer.alloc(0)));
      await started.passed;
      stream.close(constants.NGHTTP2_CANCEL);
      expect(await reason.passed).toMatchObject({ reason: 'CANCELLED' });
      expect(await running.metric('tributary_grpc_requests_total{method="demo.Demo/Wait",code="CANCELLED"}')).toBe(1);
      expect(await running.metric('tributary_grpc_calls_in_flight')).toBe(0);
    });
  });

  describe('bad frames', () => {
    ofStreams(
      'case 12: garbage reaches the handler, whose decoder answers INVALID_ARGUMENT; the server lives',
      async () => {
        const running = await start([
          echo,
          unary('Decode', (request) => {
            const { service } = decodeMessage(grpc.health.v1.HealthCheckRequest, request);
            return Promise.resolve(Buffer.from(service));
          }),
        ]);
        for (const garbage of [Buffer.from([0x0a, 0x7f, 0x41]), Buffer.from([0xff, 0xff]), Buffer.alloc(5000, 0x0b)]) {
          const answer = await running.client.call('/demo.Demo/Decode', garbage);
          expect([answer.code, answer.details?.reason]).toEqual([Status.INVALID_ARGUMENT, 'MESSAGE_MALFORMED']);
        }
        const cutFrame = await running.client.send(echoPath, frame(Buffer.from('abc'), { declared: 100 }));
        expect(cutFrame.code).toBe(Status.UNIMPLEMENTED);
        await expectAlive(running);
      },
    );

    ofStreams('case 13: a frame of 4 GB, a message over the limit and a gzip bomb are RESOURCE_EXHAUSTED', async () => {
      const running = await start([echo], { maxMessageBytes: MiB });
      const { client } = running;
      const declared = await client.send(echoPath, frame(Buffer.alloc(10), { declared: 0xffff_ffff }));
      const large = await client.call(echoPath, Buffer.alloc(MiB + 1));
      const bomb = gzipSync(Buffer.alloc(64 * MiB));
      const inflated = await client.send(echoPath, frame(bomb, { flag: 1 }), { 'grpc-encoding': 'gzip' });
      for (const answer of [declared, large, inflated]) {
        expect([answer.code, answer.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'MESSAGE_TOO_LARGE']);
      }
      expect(large.details?.details).toMatchObject({ expected: String(MiB), got: String(MiB + 1) });
      await expectAlive(running);
      expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
    });

    ofStreams('case 13: bad gzip is INTERNAL, an unknown encoding UNIMPLEMENTED, good gzip passes', async () => {
      const running = await start();
      const { client } = running;
      const compressed = { flag: 1 };
      const bad = await client.send(echoPath, frame(Buffer.from('no gzip'), compressed), { 'grpc-encoding': 'gzip' });
      const unknown = await client.send(echoPath, frame(Buffer.from('x'), compressed), { 'grpc-encoding': 'zebra' });
      const good = await client.send(echoPath, frame(gzipSync(Buffer.from('packed')), compressed), {
        'grpc-encoding': 'gzip',
      });
      expect([bad.code, unknown.code, good.code]).toEqual([Status.INTERNAL, Status.UNIMPLEMENTED, Status.OK]);
      expect(String(good.messages[0])).toBe('packed');
      await expectAlive(running);
      expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
    });
  });

  describe('a handler with a defect', () => {
    const thrown: readonly (readonly [string, () => unknown])[] = [
      ['an Error with a path', () => new Error('ENOENT: /etc/secret/model.onnx')],
      ['a text', () => 'just text'],
      ['undefined', () => undefined],
      ['null', () => null],
      ['an object whose toString throws', () => ({ toString: () => { throw new Error('again'); } })], // prettier-ignore
      ['an Error with half a surrogate pair', () => new Error('cut \ud83d')],
    ];

    it.each(thrown)('case 37: that throws %s is INTERNAL, with clean text and the request id', async (_name, make) => {
      const running = await start([
        echo,
        unary('Sync', () => {
          throw make();
        }),
        unary('Async', async () => {
          await Promise.resolve();
          throw make();
        }),
      ]);
      for (const method of ['Sync', 'Async']) {
        const answer = await running.client.call(`/demo.Demo/${method}`, Buffer.alloc(0), { 'x-request-id': 'r7' });
        expect([answer.code, answer.message]).toEqual([Status.INTERNAL, 'internal error (request id r7)']);
        expect(answer.details?.reason).toBe('INTERNAL');
      }
      await expectAlive(running);
      expect(running.lines().filter(({ msg, level }) => msg === 'call failed' && level === 50)).toHaveLength(2);
    });

    it('case 37: a refusal with half a surrogate pair in its text is sent well-formed', async () => {
      const running = await start([
        echo,
        unary('Cut', () => {
          throw new TributaryError('MODEL_NOT_FOUND', `model ${'😀'.slice(0, 1)}`, { got: '\udc00' });
        }),
        unary('Relay', () => {
          throw new RelayedStatus(Status.ABORTED, '\ud83d');
        }),
      ]);
      const cut = await running.client.call('/demo.Demo/Cut', Buffer.alloc(0));
      const relayed = await running.client.call('/demo.Demo/Relay', Buffer.alloc(0));
      expect([cut.code, cut.message, relayed.code]).toEqual([Status.NOT_FOUND, 'model ?', Status.ABORTED]);
      await expectAlive(running);
    });

    ofStreams('that is found after the call was cancelled is logged, once', async () => {
      const started = gate();
      const finish = gate();
      const settled = gate();
      const running = await start([
        unary('Late', async () => {
          started.open();
          await finish.passed;
          setImmediate(settled.open);
          throw new Error('late defect');
        }),
      ]);
      const stream = running.client.open('/demo.Demo/Late');
      stream.end(frame(Buffer.alloc(0)));
      await started.passed;
      stream.close(constants.NGHTTP2_CANCEL);
      await answerOf(stream);
      finish.open();
      await settled.passed;
      expect(running.lines().filter(({ msg }) => msg === 'call failed')).toHaveLength(1);
    });
  });

  describe('admission', () => {
    ofStreams('refuses calls over the limit with RESOURCE_EXHAUSTED, and takes calls again afterwards', async () => {
      const started = gate();
      const finish = gate();
      const running = await start(
        [
          echo,
          unary('Hold', async (request) => {
            started.open();
            await finish.passed;
            return request;
          }),
        ],
        { maxCallsInFlight: 1 },
      );
      const held = running.client.call('/demo.Demo/Hold', Buffer.alloc(0));
      await started.passed;
      const refused = await running.client.call(echoPath, Buffer.alloc(0));
      expect([refused.code, refused.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'CALLS_IN_FLIGHT']);
      const probe = await running.client.call('/grpc.health.v1.Health/Check', Buffer.alloc(0));
      expect(probe.code).toBe(Status.OK);
      finish.open();
      expect((await held).code).toBe(Status.OK);
      await expectAlive(running);
      expect(await running.metric('tributary_grpc_refusals_total{reason="CALLS_IN_FLIGHT"}')).toBe(1);
    });

    ofStreams(
      'case 63: uploads over the byte budget are refused while they arrive, and the bytes are given back',
      async () => {
        const budget = 4 * MiB;
        const running = await start([echo], { maxMessageBytes: MiB, maxBytesInFlight: budget });
        const body = frame(Buffer.alloc(MiB));
        // Each stream sends all but its last byte: nothing is complete, so nothing but the count of bytes can refuse.
        const streams = Array.from({ length: 8 }, () => running.client.open(echoPath));
        const answers = streams.map((stream) => answerOf(stream));
        const refused = new Set<number>();
        answers.forEach((answer, index) => void answer.then(({ code }) => code === 8 && refused.add(index)));
        for (const stream of streams) stream.write(body.subarray(0, -1));
        await Promise.race(answers);
        expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBeLessThanOrEqual(budget);
        streams.forEach((stream, index) => !refused.has(index) && stream.end(body.subarray(-1)));
        const codes = (await Promise.all(answers)).map(({ code }) => code);
        expect(codes.filter((code) => code === Status.RESOURCE_EXHAUSTED).length).toBeGreaterThanOrEqual(4);
        expect(codes.every((code) => code === Status.OK || code === Status.RESOURCE_EXHAUSTED)).toBe(true);
        await expectAlive(running);
        expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
      },
    );

    ofStreams('case 63: compressed messages count with what they may become while they are inflated', async () => {
      const packed = frame(gzipSync(Buffer.alloc(MiB)), { flag: 1 });
      const running = await start([echo], { maxMessageBytes: MiB, maxBytesInFlight: 2 * MiB });
      const answers = await Promise.all(
        Array.from({ length: 16 }, () => running.client.send(echoPath, packed, { 'grpc-encoding': 'gzip' })),
      );
      const codes = answers.map(({ code }) => code);
      expect(codes).toContain(Status.OK);
      expect(codes.every((code) => code === Status.OK || code === Status.RESOURCE_EXHAUSTED)).toBe(true);
      expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
    });
  });

  describe('hostile connections', () => {
    ofStreams(
      'case 55: metadata of 60 KB is refused, 128 headers and more end the stream, the server lives',
      async () => {
        const running = await start();
        const large = await running.client.call(echoPath, Buffer.alloc(0), { 'x-large': 'a'.repeat(60_000) });
        expect([large.code, large.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'METADATA_TOO_LARGE']);
        const many = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${index}`, '1']));
        const reset = await running.connect().call(echoPath, Buffer.alloc(0), many);
        expect(reset.resetCode).toBe(constants.NGHTTP2_ENHANCE_YOUR_CALM);
        await expectAlive(running);
      },
    );

    ofStreams(
      'case 54: connections that say nothing, or nothing more after their preface, are closed when idle',
      async () => {
        const running = await start([echo], { maxConnectionIdleMs: 100 });
        const silent = createConnection(running.server.grpcPort, '127.0.0.1').on('error', () => undefined);
        const other = createConnection(running.server.grpcPort, '127.0.0.1').on('error', () => undefined);
        other.write('GET / HTTP/1.1\r\n\r\n');
        const preface = new FrameSocket(running.server.grpcPort);
        for (const socket of [silent, other]) socket.resume();
        await Promise.all([...[silent, other].map((socket) => once(socket, 'close')), preface.closed]);
        const alive = await running.connect().call(echoPath, Buffer.from('alive'));
        expect(alive.code).toBe(Status.OK);
      },
    );

    ofStreams('case 54: an upload that stalls is freed at its deadline, and its connection by age', async () => {
      const running = await start([echo], { maxDeadlineMs: 50, maxConnectionAgeMs: 200 });
      const client = running.connect();
      const closed = once(client.session, 'close');
      const stream = client.open(echoPath);
      stream.write(frame(Buffer.alloc(10), { declared: 1000 }));
      expect((await answerOf(stream)).code).toBe(Status.DEADLINE_EXCEEDED);
      expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
      await closed;
    });

    ofStreams('case 55: rapid resets end the connection that sends them, not the server', async () => {
      const running = await start();
      const attacker = new FrameSocket(running.server.grpcPort);
      for (let count = 0; count < 5000; count += 1) attacker.socket.write(resetCall(2 * count + 1, echoPath));
      await attacker.until(frameType.goaway, 1);
      await expectAlive(running);
      // What follows the GOAWAY is not read any more.
      const cancelled = await running.metric(`tributary_grpc_requests_total{method="${echoLabel}",code="CANCELLED"}`);
      expect(cancelled).toBeLessThan(5000);
      expect(await running.metric('tributary_grpc_calls_in_flight')).toBe(0);
      expect(await running.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
      attacker.socket.destroy();
    });

    ofStreams(
      'case 55: floods of pings and of settings are answered or end their connection, the server lives',
      async () => {
        const running = await start();
        const pings = new FrameSocket(running.server.grpcPort);
        for (let count = 0; count < 2000; count += 1) pings.socket.write(ping);
        await pings.until(frameType.ping, 2000);
        const settings = new FrameSocket(running.server.grpcPort);
        for (let count = 0; count < 2000; count += 1) settings.socket.write(emptySettings);
        await settings.until(frameType.settings, 2000);
        await expectAlive(running);
        pings.socket.destroy();
        settings.socket.destroy();
      },
    );
  });

  describe('logs and metrics', () => {
    it('case 59: newlines, ANSI codes and JSON in what callers send make one well-formed line and printable details', async () => {
      const hostile = 'evil\n{"level":50,"msg":"forged"}\u001b[31m\u2028';
      const running = await start([
        unary('Refuse', () => {
          throw new TributaryError('MODEL_NOT_FOUND', `no ${hostile}`, { field: hostile, got: hostile });
        }),
      ]);
      const answer = await running.client.call('/demo.Demo/Refuse', Buffer.alloc(0), { 'x-request-id': 'ok%0aforged' });
      expect(answer.message).not.toMatch(/\p{C}|\p{Zl}/u);
      const refusals = running.lines().filter(({ msg }) => msg === 'call refused');
      expect(refusals).toHaveLength(1);
      expect(running.lines().some(({ msg }) => msg === 'forged')).toBe(false);
      expect(running.logText()).not.toContain('\u001b');
    });

    it('has no line for a call that went well, one at debug', async () => {
      const quiet = await start([echo]);
      await quiet.client.call(echoPath, Buffer.alloc(0));
      expect(quiet.lines().some(({ msg }) => msg === 'call answered')).toBe(false);
      await quiet.close();
      const talkative = await start([echo], {}, 'debug');
      await talkative.client.call(echoPath, Buffer.from('payload'));
      expect(talkative.lines().find(({ msg }) => msg === 'call answered')).toMatchObject({
        method: echoLabel,
        code: 'OK',
      });
      expect(talkative.logText()).not.toContain('payload');
    });

    it('has a bounded number of lines for a flood of refusals', async () => {
      const running = await start([
        unary('Refuse', () => {
          throw refusal('MODEL_NAME_MISSING', {});
        }),
      ]);
      await Promise.all(Array.from({ length: 500 }, () => running.client.call('/demo.Demo/Refuse', Buffer.alloc(0))));
      expect(running.lines().filter(({ msg }) => msg === 'call refused').length).toBeLessThan(300);
      expect(await running.metric('tributary_grpc_refusals_total{reason="MODEL_NAME_MISSING"}')).toBe(500);
    });

    it('case 67: unknown methods and hostile names never become labels', async () => {
      const running = await start();
      for (let count = 0; count < 50; count += 1) {
        await running.client.call(`/demo.Demo/Random${count}`, Buffer.alloc(0), { 'x-model': `model-${count}` });
      }
      const text = await running.metricsText();
      expect(text).not.toMatch(/Random|model-/);
      expect(await running.metric('tributary_grpc_requests_total{method="unknown",code="UNIMPLEMENTED"}')).toBe(50);
    });
  });
});
