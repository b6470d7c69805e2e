import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { inference } from '../gen/messages';
import type { Datatype } from './data-type';
import type { ParameterValue } from './parameters';
import { encodeModelInferResponse, type ModelInferResponse } from './model-infer-response';

const anyResponse: fc.Arbitrary<ModelInferResponse> = fc.record({
  modelName: fc.string({ unit: 'grapheme' }),
  modelVersion: fc.nat().map(String),
  id: fc.string({ unit: 'grapheme', maxLength: 200 }),
  outputs: fc.array(
    fc.record({
      name: fc.string({ unit: 'grapheme', maxLength: 50 }),
      datatype: fc.constantFrom<Datatype[]>('FP32', 'BYTES', 'INT64'),
      shape: fc.array(fc.nat({ max: Number.MAX_SAFE_INTEGER }), { maxLength: 4 }),
      bytes: fc.uint8Array({ maxLength: 300 }),
    }),
    { maxLength: 4 },
  ),
});

describe('encodeModelInferResponse', () => {
  it('writes byte for byte what the generated encoder writes', () => {
    fc.assert(
      fc.property(anyResponse, (response) => {
        const expected = inference.ModelInferResponse.encode({
          modelName: response.modelName,
          modelVersion: response.modelVersion,
          id: response.id,
          outputs: response.outputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
          rawOutputContents: response.outputs.map(({ bytes }) => bytes),
        }).finish();
        expect(Buffer.compare(encodeModelInferResponse(response), expected)).toBe(0);
      }),
    );
  });

  it('leaves headroom in front', () => {
    const response = { modelName: 'm', modelVersion: '1', id: '', outputs: [] };
    const plain = encodeModelInferResponse(response);
    expect(encodeModelInferResponse(response, 5).subarray(5)).toEqual(plain);
  });

  it('writes parameters of every type', () => {
    const parameters = new Map<string, ParameterValue>([
      ['a', true],
      ['b', -(2n ** 63n)],
      ['c', 'é'],
      ['d', 0.25],
    ]);
    const bytes = encodeModelInferResponse({ modelName: 'm', modelVersion: '1', id: '', parameters, outputs: [] });
    const decoded = inference.ModelInferResponse.decode(bytes).parameters;
    expect(decoded['a']!.boolParam).toBe(true);
    expect(String(decoded['b']!.int64Param)).toBe('-9223372036854775808');
    expect(decoded['c']!.stringParam).toBe('é');
    expect(decoded['d']!.doubleParam).toBe(0.25);
  });
});
