import { expect, it } from '@jest/globals';
import {
  maxRelayId,
  readRelayRequest,
  readRelayResponse,
  RelayFault,
  RelayMessages,
  RelayRequestWriter,
  Status,
  type RelayedMetadata,
} from '@tributary/contract';
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { Duplex } from 'node:stream';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Admission } from '../call/admission';
import { CallServer } from '../call/call-server';
import { createServeMetrics } from '../metrics/serve-metrics';
import type { Method } from '../method';
import { answerOf, frame } from './raw-client';
import { echo, startServing } from './serving';

const relayFolder = '/tributary.relay.v1.RelayService/Relay';

/** Reproducible numbers below `bound` (mulberry32). */
function numbersFrom(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % bound;
  };
}

type Draw = ReturnType<typeof numbersFrom>;

/** Payloads name their call: what comes back under another id is somebody else's. */
const payloadOf = (id: number, filling: number): Buffer => Buffer.from(`<${id}>${'.'.repeat(filling)}`);

/** A stream as a caller sends it, in its messages. */
function validStream(draw: Draw): Buffer[] {
  const writer = new RelayRequestWriter();
  const ids: number[] = [];
  return Array.from({ length: 1 + draw(4) }, () => {
    for (let count = 1 + draw(4); count > 0; count -= 1) {
      const id = 1 + draw(maxRelayId);
      ids.push(id);
      const metadata: RelayedMetadata =
        draw(2) === 0
          ? new Map()
          : new Map<string, (string | Buffer)[]>([
              ['x-a', ['1', '2']],
              ['x-b-bin', [Buffer.of(0, 255)]],
            ]);
      const path = ['/demo.Demo/Echo', '/demo.Demo/Echo', '/demo.Demo/Later', '/demo.Demo/Nope'][draw(4)]!;
      writer.call({
        id,
        path,
        timeoutMs: draw(2) === 0 ? Infinity : 60_000,
        metadata,
        message: [payloadOf(id, draw(200))],
      });
    }
    if (draw(3) === 0) writer.cancel(ids[draw(ids.length)]!);
    return writer.take();
  });
}

function mutated(messages: readonly Buffer[], draw: Draw): Buffer {
  const parts = [...messages];
  const kind = draw(8);
  if (kind === 0) parts.push(parts[draw(parts.length)]!);
  if (kind === 1) parts.unshift(...parts.splice(draw(parts.length), 1));
  const bytes = Buffer.concat(parts);
  if (kind === 2) return bytes.subarray(0, draw(bytes.length));
  if (kind === 3) {
    const [from, length] = [draw(bytes.length), draw(40)];
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(Math.min(bytes.length, from + length))]);
  }
  if (kind === 4) {
    const [from, length] = [draw(bytes.length), draw(40)];
    return Buffer.concat([bytes.subarray(0, from + length), bytes.subarray(from)]);
  }
  if (kind >= 5) for (let flips = 1 + draw(4); flips > 0; flips -= 1) bytes[draw(bytes.length)]! ^= 1 << draw(8);
  return bytes;
}

/** Random pieces, as a socket may bring them. */
function piecesOf(bytes: Buffer, draw: Draw): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const size = draw(4) === 0 ? 1 + draw(10) : 1 + draw(400);
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

/** What a stream of HTTP/2 is to a relay, without a connection under it. */
class StandInStream extends Duplex {
  readonly session = {};
  aborted = false;
  trailers: Record<string, unknown> | undefined;
  readonly written: Buffer[] = [];
  respond(): void {
    return;
  }
  sendTrailers(trailers: Record<string, unknown>): void {
    this.trailers = trailers;
  }
  close(): void {
    this.destroy();
  }
  override _read(): void {
    return;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }
  override _final(done: () => void): void {
    this.emit('wantTrailers');
    done();
  }
}

/** Payloads by the id that they were sent with, as far as a stream can be read. */
function sentIn(bytes: Buffer): Map<number, Buffer[]> {
  const sent = new Map<number, Buffer[]>();
  try {
    new RelayMessages().take(bytes, (message) =>
      readRelayRequest(message, {
        onCall: ({ id, message: pieces }) => {
          const payload = Buffer.concat(pieces);
          sent.set(id, [...(sent.get(id) ?? []), payload]);
        },
        onCancelled: () => undefined,
      }),
    );
  } catch (error) {
    if (!(error instanceof RelayFault)) throw error;
  }
  return sent;
}

/**
 * Reads what a relay has answered.
 * @returns answers, and those among them that are not what their owner sent
 */
function answersIn(written: readonly Buffer[], sent: ReadonlyMap<number, readonly Buffer[]>) {
  let count = 0;
  const confused: number[] = [];
  const messages = new RelayMessages();
  for (const chunk of written)
    messages.take(chunk, (message) =>
      readRelayResponse(message, {
        onDraining: () => undefined,
        onAnswer: ({ code, id, message: payload }) => {
          count += 1;
          const own = sent.get(id) ?? [];
          if (own.length === 0 || (code === 0 && !own.some((each) => each.equals(payload)))) confused.push(id);
        },
      }),
    );
  return { count, confused, isCut: messages.isCut };
}

const later: Method = {
  path: '/demo.Demo/Later',
  kind: 'unaryInPieces',
  handler: (request) => new Promise((resolve) => setImmediate(() => resolve(Buffer.concat(request)))),
};

it('case 66: 100,000 mutated streams crash nothing, leak nothing, and no answer has another owner', async () => {
  const registry = new Registry();
  const admission = new Admission(1_000_000, 2 ** 30);
  const calls = new CallServer({
    methods: [echo, later],
    builtIns: [],
    admission,
    maxMessageBytes: 2 ** 20,
    maxBytesInFlight: 2 ** 30,
    maxDeadlineMs: 60_000,
    log: pino({ level: 'silent' }),
    ...createServeMetrics(registry, 'demo', admission),
    countStream: () => undefined,
    tracer: undefined,
  });
  const draw = numbersFrom(66);
  const headers = { ':method': 'POST', ':path': relayFolder, 'content-type': 'application/grpc' };
  const codes = new Map<unknown, number>();
  let answers = 0;
  for (let done = 0; done < 100_000; done += 500) {
    const batch = Array.from({ length: 500 }, () => mutated(validStream(draw), draw));
    const streams = batch.map((bytes) => {
      const stream = new StandInStream();
      calls.onStream(stream as unknown as ServerHttp2Stream, headers, () => undefined);
      for (const piece of piecesOf(bytes, draw)) stream.push(piece);
      stream.push(null);
      return stream;
    });
    await Promise.all(streams.filter(({ destroyed }) => !destroyed).map((stream) => once(stream, 'close')));
    streams.forEach(({ written, trailers }, index) => {
      const { count, confused, isCut } = answersIn(written, sentIn(batch[index]!));
      if (confused.length > 0 || isCut) throw new Error(`stream ${done + index}: ${confused.join(' ')} ${isCut}`);
      answers += count;
      const code = trailers?.['grpc-status'];
      codes.set(code, (codes.get(code) ?? 0) + 1);
    });
  }
  // Most streams could be read and most could not: both ways have been gone often.
  expect([...codes.keys()].sort()).toEqual([Status.OK, Status.INTERNAL]);
  for (const count of codes.values()) expect(count).toBeGreaterThan(10_000);
  expect(answers).toBeGreaterThan(100_000);
  expect([admission.calls, admission.bytes, calls.cutOff()]).toEqual([0, 0, 0]);
  expect(await registry.getSingleMetricAsString('tributary_relay_streams')).toMatch(/ 0$/m);
}, 120_000);

it('and neither do 2,000 over connections', async () => {
  const serving = await startServing([echo, later]);
  const draw = numbersFrom(67);
  for (let done = 0; done < 2000; done += 20) {
    const client = serving.connect();
    await Promise.all(
      Array.from({ length: 4 }, async () => {
        for (let count = 0; count < 5; count += 1) {
          const bytes = mutated(validStream(draw), draw);
          const stream = client.open(relayFolder);
          const answer = answerOf(stream);
          for (const piece of piecesOf(bytes, draw)) stream.write(piece);
          stream.end();
          const { code, messages } = await answer;
          expect([Status.OK, Status.INTERNAL]).toContain(code);
          const framed = messages.map((message) => frame(message));
          expect(answersIn(framed, sentIn(bytes)).confused).toEqual([]);
        }
      }),
    );
    await client.close();
  }
  expect(await serving.metric('tributary_relay_streams')).toBe(0);
  expect(await serving.metric('tributary_grpc_calls_in_flight')).toBe(0);
  expect(await serving.metric('tributary_grpc_request_bytes_in_flight')).toBe(0);
  await serving.close();
}, 60_000);
