import { getEventListeners, once } from 'node:events';
import { createServer, type ClientHttp2Session, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { expect, it } from '@jest/globals';
import {
  readRelayRequest,
  readRelayResponse,
  RelayFault,
  RelayMessages,
  RelayResponseWriter,
  Status,
  type RelayedAnswer,
} from '@tributary/contract';
import type { HopAnswer, HopCall } from '../hop';
import { RelayLink } from '../relay/relay-link';
import { createRelayHop } from '../relay/relay-hop';

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

const maxAnswerBytes = 64 * 1024;

/** Payloads name their call, so that an answer shows whose it is. */
const payloadOf = (id: number, repeats: number): Buffer => Buffer.from(`<${id}>`.repeat(repeats));

/** What a server says to these calls: answers whole, in parts or with a status, in any order, in its messages. */
function validStream(ids: readonly number[], draw: Draw): Buffer[] {
  const writer = new RelayResponseWriter();
  const messages: Buffer[] = [];
  const rest = [...ids];
  while (rest.length > 0) {
    const [id] = rest.splice(draw(rest.length), 1) as [number];
    const answer: RelayedAnswer = {
      id,
      more: false,
      code: draw(8) === 0 ? Status.NOT_FOUND : Status.OK,
      details: '',
      headers: draw(2) === 0 ? new Map() : new Map([['x-of', [String(id)]]]),
      trailers: draw(2) === 0 ? new Map() : new Map([['x-of-bin', [Buffer.from(String(id))]]]),
      message: payloadOf(id, 1 + draw(12)),
    };
    if (draw(4) === 0) writer.answer({ ...answer, more: true });
    writer.answer(answer.code === Status.OK ? answer : { ...answer, details: `no ${id}`, message: Buffer.alloc(0) });
    if (draw(20) === 0) writer.draining();
    if (draw(3) === 0 || rest.length === 0) messages.push(writer.take());
  }
  return messages;
}

/** One way of spoiling a stream, and whether what it still says of a call must be that call's own. */
function mutated(messages: readonly Buffer[], draw: Draw): { readonly bytes: Buffer; readonly isStrict: boolean } {
  const parts = [...messages];
  const kind = draw(9);
  if (kind === 0) parts.push(parts[draw(parts.length)]!);
  if (kind === 1) parts.unshift(...parts.splice(draw(parts.length), 1));
  const bytes = Buffer.concat(parts);
  const at = draw(bytes.length);
  const length = 1 + draw(60);
  if (kind === 2) return { bytes: bytes.subarray(0, at), isStrict: true };
  const head = bytes.subarray(0, at);
  if (kind === 3) return { bytes: Buffer.concat([head, bytes.subarray(at + length)]), isStrict: false };
  if (kind === 4)
    return { bytes: Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)]), isStrict: false };
  if (kind === 5) {
    const [one, other] = [bytes.subarray(at, at + length), bytes.subarray(at + length, at + 2 * length)];
    return { bytes: Buffer.concat([head, other, one, bytes.subarray(at + 2 * length)]), isStrict: false };
  }
  if (kind >= 6) for (let flips = 1 + draw(4); flips > 0; flips -= 1) bytes[draw(bytes.length)]! ^= 1 << draw(8);
  return { bytes, isStrict: true };
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

/** Ids of calls, as far as they were sent, in order. */
function idsIn(written: readonly Buffer[]): number[] {
  const ids: number[] = [];
  const messages = new RelayMessages();
  for (const chunk of written) {
    messages.take(chunk, (message) =>
      readRelayRequest(message, { onCall: ({ id }) => ids.push(id), onCancelled: () => undefined }),
    );
  }
  return ids;
}

/** What a stream says to each id, as far as it can be read: the payloads of its answers, with the parts before them. */
function saidIn(bytes: Buffer): Map<number, Buffer[]> {
  const parts = new Map<number, Buffer[]>();
  const whole = new Map<number, Buffer[]>();
  try {
    new RelayMessages().take(bytes, (message) =>
      readRelayResponse(message, {
        onDraining: () => undefined,
        onAnswer: ({ id, more, message: payload }) => {
          const gathered = [...(parts.get(id) ?? []), Buffer.from(payload)];
          parts.set(id, more ? gathered : []);
          if (!more) whole.set(id, [...(whole.get(id) ?? []), Buffer.concat(gathered)]);
        },
      }),
    );
  } catch (error) {
    if (!(error instanceof RelayFault)) throw error;
  }
  return whole;
}

const lostOrCancelled: readonly number[] = [Status.UNAVAILABLE, Status.CANCELLED];

/** A stream that was sent to the calls with these ids. */
interface Spoiled {
  readonly ids: readonly number[];
  readonly said: ReadonlyMap<number, readonly Buffer[]>;
  readonly isStrict: boolean;
}

/** Why an answer is not that of the call with this id; undefined where it is. */
function faultOf(answer: HopAnswer, id: number, { ids, said, isStrict }: Spoiled): string | undefined {
  if (!answer.answered) return lostOrCancelled.includes(answer.code) ? undefined : answer.details;
  if (answer.code !== Status.OK) return undefined;
  const payload = Buffer.from(answer.message ?? []);
  if (said.get(id)?.some((each) => each.equals(payload)) !== true)
    return `not what was said to ${id}: ${payload.toString()}`;
  if (!isStrict) return undefined;
  const text = payload.toString('latin1');
  const other = ids.find((one) => one !== id && text.includes(`<${one}>`));
  return other === undefined ? undefined : `the answer of ${other} came to ${id}`;
}

/** What a stream of HTTP/2 is to a link, without a connection under it. */
class StandInStream extends Duplex {
  readonly written: Buffer[] = [];
  closedWith: number | undefined;
  close(code = 0): void {
    this.closedWith ??= code;
    this.destroy();
  }
  override _read(): void {
    return;
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.written.push(chunk);
    done();
  }
}

const aCall = (signal: AbortSignal): HopCall => ({
  path: '/test.Bytes/Call',
  request: [Buffer.from('x')],
  metadata: new Map(),
  timeoutMs: 600_000,
  signal,
});

it('case 66: 100,000 mutated streams of answers crash nothing, leak nothing, and no answer has another owner', async () => {
  const draw = numbersFrom(66);
  const timersBefore = timers();
  const seen = { answered: 0, lost: 0, cancelled: 0, protocolErrors: 0 };
  for (let done = 0; done < 100_000; done += 100) {
    await Promise.all(
      Array.from({ length: 100 }, async (_, index) => {
        const stream = new StandInStream();
        const session = { request: () => stream } as unknown as ClientHttp2Session;
        const traffic = { calls: 0, messagesSent: 0 };
        let ends = 0;
        const opening = RelayLink.open(session, maxAnswerBytes, traffic, () => (ends += 1));
        stream.emit('response', { ':status': 200 });
        const link = await opening;
        if (typeof link === 'string') throw new Error(link);
        const controllers = Array.from({ length: 1 + draw(6) }, () => new AbortController());
        const answers = controllers.map(({ signal }) => link.call(aCall(signal)));
        await new Promise((resolve) => setImmediate(resolve));
        const ids = idsIn(stream.written);
        const { bytes, isStrict } = mutated(validStream(ids, draw), draw);
        for (const piece of piecesOf(bytes, draw)) {
          stream.push(piece);
          if (draw(10) === 0) controllers[draw(controllers.length)]!.abort();
          if (draw(8) === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        stream.push(null);
        if (!stream.destroyed) {
          stream.end();
          await once(stream, 'close');
        }
        const spoiled = { ids, said: saidIn(bytes), isStrict };
        // Every call has its end, whatever came.
        const settled = await Promise.all(answers);
        settled.forEach((answer, at) => {
          const fault = faultOf(answer, ids[at]!, spoiled);
          if (fault !== undefined) throw new Error(`stream ${done + index}: ${fault}`);
          if (answer.answered) seen.answered += 1;
          else if (answer.code === Status.CANCELLED) seen.cancelled += 1;
          else seen.lost += 1;
        });
        if (stream.closedWith !== undefined && stream.closedWith !== 0) seen.protocolErrors += 1;
        const listeners = controllers.flatMap(({ signal }) => getEventListeners(signal, 'abort'));
        if (ends !== 1 || link.isOpen || listeners.length > 0)
          throw new Error(`stream ${done + index} leaves something`);
      }),
    );
  }
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(5_000);
  // No deadline is still waited for.
  expect(timers()).toBeLessThanOrEqual(timersBefore);
}, 240_000);

const timers = (): number => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;

it('and neither do 500 over connections', async () => {
  const draw = numbersFrom(67);
  let spoiled: Spoiled = { ids: [], said: new Map(), isStrict: true };
  const server = createServer();
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => undefined);
    if (headers[':path'] !== '/tributary.relay.v1.RelayService/Relay') return;
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
    const written: Buffer[] = [];
    stream.on('data', (chunk: Buffer) => {
      written.push(chunk);
      const ids = idsIn(written);
      if (ids.length < 4) return;
      const { bytes, isStrict } = mutated(validStream(ids, draw), draw);
      spoiled = { ids, said: saidIn(bytes), isStrict };
      for (const piece of piecesOf(bytes, draw)) stream.write(piece);
      stream.end();
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  for (let done = 0; done < 500; done += 1) {
    const hop = createRelayHop(address);
    // Connects, and is cancelled once the link stands.
    const opening = new AbortController();
    const first = hop.stream(aCall(opening.signal), () => undefined);
    while (!hop.connected()) await new Promise((resolve) => setImmediate(resolve));
    opening.abort();
    await first;
    const { signal } = new AbortController();
    const answers = await Promise.all(Array.from({ length: 4 }, () => hop.call(aCall(signal))));
    answers.forEach((answer, at) => expect(faultOf(answer, spoiled.ids[at]!, spoiled)).toBeUndefined());
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
    hop.close();
  }
  server.close();
}, 60_000);
