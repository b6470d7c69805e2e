import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { tributary } from '../../gen/messages';
import { RelayMessages } from './relay-messages';
import { readRelayRequest, readRelayResponse } from './relay-reader';
import { RelayRequestWriter, RelayResponseWriter } from './relay-writer';
import {
  maxRelayId,
  maxRelayMessageBytes,
  RelayFault,
  type RelayedAnswer,
  type RelayedCall,
  type RelayedMetadata,
} from './relayed-call';

const { RelayRequest, RelayResponse } = tributary.relay.v1;

const call: RelayedCall = {
  id: 0x01020304,
  path: '/inference.GRPCInferenceService/ModelInfer',
  timeoutMs: 2.5,
  metadata: new Map<string, readonly (string | Buffer)[]>([
    ['x-request-id', ['a-1']],
    ['trace-bin', [Buffer.of(0, 255)]],
  ]),
  message: [Buffer.from('ab'), Buffer.from('c')],
};

const answer: RelayedAnswer = {
  id: 7,
  more: false,
  code: 8,
  details: 'zu groß',
  headers: new Map([['a', ['1', '2']]]),
  trailers: new Map([['b-bin', [Buffer.of(1)]]]),
  message: Buffer.alloc(0),
};

/** What is read, with messages in one piece. */
function requestOf(bytes: Buffer | readonly Buffer[]): { calls: RelayedCall[]; cancelled: number[] } {
  const calls: RelayedCall[] = [];
  const cancelled: number[] = [];
  readRelayRequest([bytes].flat(), {
    onCall: (read) => calls.push({ ...read, message: [Buffer.concat(read.message)] }),
    onCancelled: (id) => cancelled.push(id),
  });
  return { calls, cancelled };
}

function responseOf(bytes: Buffer): { answers: RelayedAnswer[]; draining: number } {
  const answers: RelayedAnswer[] = [];
  let draining = 0;
  readRelayResponse([bytes], { onAnswer: (read) => answers.push(read), onDraining: () => (draining += 1) });
  return { answers, draining };
}

const text = fc.string({
  unit: fc.integer({ min: 0x20, max: 0x7e }).map((code) => String.fromCharCode(code)),
  maxLength: 80,
});
const bytes = fc.uint8Array({ maxLength: 300 }).map((array) => Buffer.from(array));
const metadata: fc.Arbitrary<RelayedMetadata> = fc
  .array(
    fc.oneof(
      fc.tuple(fc.stringMatching(/^[a-z]{1,60}$/), fc.array(text, { minLength: 1, maxLength: 2 })),
      fc.tuple(fc.stringMatching(/^[a-z]{1,9}-bin$/), fc.array(bytes, { minLength: 1, maxLength: 2 })),
    ),
    { maxLength: 3 },
  )
  .map((entries) => new Map<string, (string | Buffer)[]>(entries));
const id = fc.integer({ min: 1, max: maxRelayId });

describe('the messages of the relay', () => {
  it('have these bytes for a call and a cancellation', () => {
    const writer = new RelayRequestWriter();
    writer.call(call);
    writer.cancel(9);
    expect(writer.take().toString('hex')).toBe(
      '0000000067' + // head: not compressed, 103 bytes
        '0a5f' + // calls, 95 bytes
        '0d04030201' + // id
        '122a' + // path
        Buffer.from('/inference.GRPCInferenceService/ModelInfer').toString('hex') +
        '18c413' + // timeout_us 2500
        '2213' + // metadata
        '0a0c' + // key
        Buffer.from('x-request-id').toString('hex') +
        '1203' + // value
        Buffer.from('a-1').toString('hex') +
        '220f' +
        '0a09' +
        Buffer.from('trace-bin').toString('hex') +
        '120200ff' +
        '2a03616263' + // message
        '120409000000', // cancelled
    );
  });

  it('have these bytes for an answer, a part of one and the wish for no more calls', () => {
    const writer = new RelayResponseWriter();
    writer.answer(answer);
    writer.answer({
      ...answer,
      id: 1,
      more: true,
      code: 0,
      details: '',
      headers: new Map(),
      trailers: new Map(),
      message: Buffer.of(5),
    });
    writer.draining();
    expect(writer.take().toString('hex')).toBe(
      '000000003d' +
        '0a2d' + // answers, 45 bytes
        '0d07000000' + // id
        '1808' + // code
        '22087a752067726fc39f' + // details
        '2a060a0161120131' + // headers a: 1
        '2a060a0161120132' + // headers a: 2
        '320a0a05622d62696e120101' + // trailers b-bin: 01
        '0a0a0d0100000010013a0105' + // a part
        '1001', // draining
    );
  });

  it('are those of the proto, both ways, whatever they hold', () => {
    const calls = fc.array(
      fc.record({
        id,
        path: text,
        timeoutUs: fc.integer({ min: 1, max: 2 ** 45 }),
        metadata,
        message: fc.array(bytes, { maxLength: 3 }),
      }),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(calls, fc.array(id, { maxLength: 3 }), (drawn, cancelled) => {
        const writer = new RelayRequestWriter();
        for (const { timeoutUs, ...rest } of drawn) writer.call({ ...rest, timeoutMs: timeoutUs / 1000 });
        for (const one of cancelled) writer.cancel(one);
        const written = writer.take().subarray(5);
        const expected = RelayRequest.encode({
          calls: drawn.map((each) => ({
            id: each.id,
            path: each.path,
            timeoutUs: Math.floor((each.timeoutUs / 1000) * 1000),
            metadata: [...each.metadata].flatMap(([key, values]) =>
              values.map((value) => ({ key, value: Buffer.from(value as string, 'latin1') })),
            ),
            message: Buffer.concat(each.message),
          })),
          cancelled,
        }).finish();
        expect(RelayRequest.decode(written)).toEqual(RelayRequest.decode(expected));
        expect(requestOf(Buffer.from(expected))).toEqual(requestOf(written));
        expect(requestOf(written).calls.map((each) => each.metadata)).toEqual(drawn.map((each) => each.metadata));
      }),
    );
  });

  it('give back every answer that was written', () => {
    const answers = fc.array(
      fc.record({
        id,
        more: fc.boolean(),
        code: fc.integer({ min: 0, max: 16 }),
        details: fc.string({ unit: 'grapheme', maxLength: 50 }),
        headers: metadata,
        trailers: metadata,
        message: bytes,
      }),
      { minLength: 1, maxLength: 5 },
    );
    fc.assert(
      fc.property(answers, (drawn) => {
        const writer = new RelayResponseWriter();
        for (const each of drawn) writer.answer(each);
        const written = writer.take().subarray(5);
        expect(responseOf(written)).toEqual({ answers: drawn, draining: 0 });
        expect(RelayResponse.decode(written).answers).toHaveLength(drawn.length);
      }),
    );
  });

  it('say the same of a long call written apart and read in pieces', () => {
    const calls = fc.record({
      size: fc.integer({ min: 60_000, max: 200_000 }),
      before: fc.boolean(),
      after: fc.boolean(),
    });
    fc.assert(
      fc.property(
        calls,
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1 }),
        ({ size, before, after }, cuts) => {
          const long = { ...call, id: 5, message: [Buffer.alloc(size / 2, 1), Buffer.alloc(size / 2, 2)] };
          const writer = new RelayRequestWriter();
          const apart = Buffer.concat([writer.takeLong(long), ...long.message]);
          writer.call(long);
          expect(apart.equals(writer.take())).toBe(true);

          if (before) writer.call(call);
          writer.call(long);
          if (after) writer.call({ ...call, id: 6 });
          const message = writer.take().subarray(5);
          const pieces: Buffer[] = [];
          for (let at = 0, turn = 0; at < message.length; turn += 1) {
            const end = Math.min(message.length, at + cuts[turn % cuts.length]!);
            pieces.push(message.subarray(at, end));
            at = end;
          }
          expect(requestOf(pieces)).toEqual(requestOf(message));
          expect(requestOf(message).calls.map(({ id: read }) => read)).toEqual([
            ...(before ? [call.id] : []),
            5,
            ...(after ? [6] : []),
          ]);
        },
      ),
      // Long ones: comparing them is what takes the time.
      { numRuns: 20 },
    );
  });

  it.each([
    ['of a long message are copies that keep nothing else alive', 400, 0],
    ['of a message as one turn brings it are views', 40, 40],
  ])('%s', (_what, count, views) => {
    const small = Buffer.alloc(4_096, 'small');
    const requests = new RelayRequestWriter();
    const answers = new RelayResponseWriter();
    for (let each = 1; each <= count; each += 1) {
      requests.call({ ...call, id: each, message: [small] });
      answers.answer({ ...answer, id: each, code: 0, message: small });
    }
    const read: Uint8Array[] = [];
    const inPieces = (message: Buffer): readonly Buffer[] =>
      Array.from({ length: Math.ceil(message.length / 65_536) }, (_, at) =>
        Buffer.from(message.subarray(at * 65_536, (at + 1) * 65_536)),
      );
    const onAnswer = ({ message }: RelayedAnswer): unknown => read.push(message);
    const onCall = ({ message, metadata: sent }: RelayedCall): unknown =>
      read.push(message[0]!, sent.get('trace-bin')![0] as Buffer);
    readRelayRequest(inPieces(requests.take().subarray(5)), { onCall, onCancelled: () => undefined });
    readRelayResponse(inPieces(answers.take().subarray(5)), { onAnswer, onDraining: () => undefined });
    expect(read).toHaveLength(3 * count);
    expect(read.filter(({ length }) => length === small.length).every((bytes) => small.equals(bytes))).toBe(true);
    const shared = new Map<ArrayBufferLike, number>();
    for (const { buffer, length } of read) {
      if (buffer.byteLength - length > 8_192) shared.set(buffer, (shared.get(buffer) ?? 0) + 1);
    }
    // One of the requests and their metadata, one of the answers; nothing at all where they are copies.
    expect([...shared.values()]).toEqual(views === 0 ? [] : [2 * views, views]);
  });

  it('step over fields of later versions', () => {
    const later = Buffer.from('7a0161' + '780a' + '7d01020304' + '79' + '00'.repeat(8), 'hex');
    expect(requestOf(later)).toEqual({ calls: [], cancelled: [] });
    expect(responseOf(later)).toEqual({ answers: [], draining: 0 });
  });

  it('are read or refused with a RelayFault, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (random) => {
        for (const read of [requestOf, responseOf]) {
          try {
            read(Buffer.from(random));
          } catch (error) {
            expect(error).toBeInstanceOf(RelayFault);
          }
        }
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the stream of the relay', () => {
  it('gives its messages back, however it is cut into pieces', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 6 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (drawn, cuts) => {
        const stream = Buffer.concat(
          drawn.map((message) => {
            const head = Buffer.alloc(5);
            head.writeUInt32BE(message.length, 1);
            return Buffer.concat([head, message]);
          }),
        );
        const assembler = new RelayMessages();
        const read: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < stream.length; turn += 1) {
          const size = cuts[turn % cuts.length]!;
          assembler.take(stream.subarray(at, at + size), (message) =>
            read.push(new Uint8Array(Buffer.concat(message))),
          );
          at += size;
        }
        expect(read).toEqual(drawn);
        expect(assembler.isCut).toBe(false);
      }),
    );
  });

  it('is refused at the head of a message that is compressed or too long', () => {
    const compressed = Buffer.from('0100000001', 'hex');
    const long = Buffer.alloc(5);
    long.writeUInt32BE(maxRelayMessageBytes + 1, 1);
    for (const head of [compressed, long]) {
      expect(() => new RelayMessages().take(head, () => undefined)).toThrow(RelayFault);
      const byByte = new RelayMessages();
      expect(() => {
        for (const byte of head) byByte.take(Buffer.of(byte), () => undefined);
      }).toThrow(RelayFault);
    }
  });
});
