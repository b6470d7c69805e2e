import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inference } from '../gen/messages';
import { joinPieces, liftValues } from './message-pieces';
import { decodeModelInferRequest } from './model-infer-request';
import { byteLengthOf } from './tensor';
import { TributaryError } from './tributary-error';

/** Raw contents long enough to be left where they lie. */
const long = Buffer.alloc(5000, 1);

function requestWith(...raw: readonly Uint8Array[]): Buffer {
  const message = {
    modelName: 'm',
    id: 'call',
    inputs: raw.map((bytes, index) => ({ name: `x${index}`, datatype: 'UINT8', shape: [bytes.length] })),
    outputs: [{ name: 'y' }],
    rawInputContents: [...raw],
  };
  return Buffer.from(inference.ModelInferRequest.encode(message).finish());
}

/** The message cut at some places. */
function cutAt(message: Buffer, cuts: readonly number[]): Buffer[] {
  const ends = [...cuts.map((cut) => cut % (message.length + 1)), message.length].sort((a, b) => a - b);
  return ends.map((end, index) => message.subarray(ends[index - 1] ?? 0, end));
}

/** What a decoder made of a message, or the reason why not. */
function outcome(message: Uint8Array | readonly Uint8Array[]): unknown {
  try {
    const { inputs, ...rest } = decodeModelInferRequest(message);
    const plain = inputs.map((input) => ({
      ...{ name: input.name, datatype: input.datatype, shape: input.shape, parameters: input.parameters },
      bytes: Buffer.from(input.bytes),
    }));
    return { ...rest, inputs: plain };
  } catch (error) {
    return error instanceof TributaryError ? [error.reason, error.message] : error;
  }
}

const cuts = fc.array(fc.nat(), { maxLength: 12 });

describe('a message in pieces', () => {
  it('is read as the same message in one piece, wherever it is cut', () => {
    const raws = fc.array(fc.oneof(fc.constant(long), fc.uint8Array({ maxLength: 40 })), { maxLength: 4 });
    fc.assert(
      fc.property(raws, cuts, (raw, at) => {
        const message = requestWith(...raw);
        expect(outcome(cutAt(message, at))).toEqual(outcome(message));
      }),
    );
  });

  it('case 12: is malformed where the same message in one piece is', () => {
    const mutations = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 });
    fc.assert(
      fc.property(mutations, cuts, fc.nat(), (changes, at, end) => {
        const message = requestWith(Buffer.alloc(10), long, Buffer.alloc(3));
        for (const [place, value] of changes) message[place % 80] = value;
        const cut = message.subarray(0, end % 3 === 0 ? end % message.length : message.length);
        expect(outcome(cutAt(cut, at))).toEqual(outcome(cut));
      }),
      { numRuns: 500 },
    );
  });

  it('keeps long contents where they lie, and joins them only for who asks', () => {
    const message = requestWith(long);
    const pieces = cutAt(message, [100, 2000, 4000]);
    const [input] = decodeModelInferRequest(pieces).inputs;
    expect(input!.pieces!.every((piece) => piece.buffer === message.buffer)).toBe(true);
    expect(byteLengthOf(input!)).toBe(5000);
    expect(Buffer.from(input!.bytes)).toEqual(long);
    expect(input!.bytes).toBe(input!.bytes);
  });

  it('is left to the decoder where it has groups, or a tag or a length that is none', () => {
    for (const bytes of [[0x0b], [0x0f], [0xff], [0xff, 0xff, 0xff, 0xff, 0xff, 0x01], [0x0a], [0x0a, 0xff], [0x3a, 5]])
      expect(liftValues([Uint8Array.from(bytes)], (tag) => tag === 0x3a, 1)).toBeUndefined();
  });
});

describe('joinPieces', () => {
  it('copies nothing where there is one piece, and makes bytes that fill their buffer of several', () => {
    const one = Buffer.from('one');
    expect(joinPieces([one])).toBe(one);
    const joined = joinPieces([one, Buffer.from('two')]);
    expect([Buffer.from(joined).toString(), joined.buffer.byteLength]).toEqual(['onetwo', 6]);
    expect(joinPieces([])).toHaveLength(0);
  });
});
