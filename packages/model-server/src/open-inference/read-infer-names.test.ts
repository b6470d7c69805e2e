import { describe, expect, it } from '@jest/globals';
import { decodeModelInferRequest, inference } from '@tributary/contract';
import { readInferNames } from './read-infer-names';

type Request = Parameters<typeof inference.ModelInferRequest.encode>[0];

function encode(request: Request): Uint8Array {
  return inference.ModelInferRequest.encode(request).finish();
}

const tensor = { inputs: [{ name: 'x', datatype: 'UINT8', shape: [300] }], rawInputContents: [new Uint8Array(300)] };
const names = { model: 'm', version: '12', id: 'a request\u00df' };
const whole = encode({ modelName: 'm', modelVersion: '12', id: names.id, ...tensor, outputs: [{ name: 'y' }] });

describe('readInferNames', () => {
  it('reads the names of a request, wherever they stand', () => {
    expect(readInferNames([whole])).toEqual(names);
    const behind = Buffer.concat([encode(tensor), encode({ modelName: 'm', modelVersion: '12', id: names.id })]);
    expect(readInferNames([behind])).toEqual(names);
    expect(readInferNames([encode(tensor)])).toEqual({ model: '', version: '', id: '' });
    const inside = Buffer.concat([Buffer.alloc(7), whole]).subarray(7);
    expect(readInferNames([inside])).toEqual(names);
  });

  it('steps over tensors of any length', () => {
    for (const bytes of [0, 127, 128, 16_383, 16_384, 2 ** 21]) {
      const request = encode({ ...tensor, rawInputContents: [new Uint8Array(bytes)], modelName: 'm' });
      expect(readInferNames([request])?.model).toBe('m');
    }
  });

  it.each([
    ['in pieces', [whole.subarray(0, 9), whole.subarray(9)]],
    ['with parameters', [encode({ modelName: 'm', parameters: { priority: { uint64Param: 1 } } })]],
    ['that names a model twice', [Buffer.concat([whole, encode({ modelName: 'n' })])]],
    ['with fields of tomorrow', [Buffer.concat([whole, Buffer.of(0x42, 0)])]],
    ['with a name of another wire type', [Buffer.of(0x08, 1)]],
    ['with a length beyond all messages', [Buffer.of(0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01)]],
    ['without bytes', []],
  ])('leaves a request %s to the decoder', (_, pieces) => {
    expect(readInferNames(pieces)).toBeUndefined();
  });

  it('says nothing of a request that is cut off, or what the decoder would say', () => {
    for (let length = 0; length < whole.length; length++) {
      const cut = whole.subarray(0, length);
      const read = readInferNames([cut]);
      let decoded;
      try {
        const { modelName: model, modelVersion: version, id } = decodeModelInferRequest(cut);
        decoded = { model, version, id };
      } catch {
        continue;
      }
      expect(read).toEqual(decoded);
    }
  });
});
