import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Writer } from 'protobufjs/minimal';
import { inference, tributary } from '../gen/messages';
import { decodeMessage } from './decode-message';
import { readModelName } from './read-model-name';
import { rpcMethods, type RpcMethod } from './rpc-method';
import { TributaryError } from './tributary-error';

const method = (path: string): RpcMethod => rpcMethods.get(path)!;
const embed = method('/tributary.nlp.v1.NlpService/Embed');

describe('readModelName', () => {
  it('knows where each RPC names its model', () => {
    const named = [...rpcMethods.values()].filter(({ modelNameField }) => modelNameField !== undefined);
    expect(named.map(({ path }) => path.slice(path.lastIndexOf('.') + 1))).toEqual([
      'GRPCInferenceService/ModelInfer',
      'GRPCInferenceService/ModelMetadata',
      'GRPCInferenceService/ModelReady',
      'ImageService/Classify',
      'NlpService/Classify',
      'NlpService/Embed',
      'NlpService/Tokenize',
      'RecommendationService/Recommend',
      'RecommendationService/Score',
      'RecommendationService/SimilarItems',
    ]);
    for (const { modelVersionField } of named) expect(modelVersionField).toBe(2);
    const request = inference.ModelReadyRequest.encode({ name: 'm', version: '2' }).finish();
    const ready = method('/inference.GRPCInferenceService/ModelReady');
    expect(readModelName(ready, request)).toEqual({ model: 'm', version: '2' });
    expect(readModelName(method('/inference.GRPCInferenceService/ServerLive'), Buffer.alloc(0)).model).toBe('');
  });

  it('takes the last of several values and skips unknown fields and wrong wire types', () => {
    const bytes = Writer.create();
    bytes.uint32(0x0a).string('first');
    bytes.uint32(0x08).uint32(7); // model_name as a varint
    bytes.uint32(0x0d).fixed32(7); // model_name as four bytes
    bytes.uint32(0x31b).uint32(0x08).uint32(1).uint32(0x31c); // an unknown group
    bytes.uint32(0x0a).string('last');
    expect(readModelName(embed, bytes.finish())).toEqual({ model: 'last', version: '' });
  });

  it('case 2: refuses a name that is not UTF-8', () => {
    expect(() => readModelName(embed, Buffer.from([0x0a, 3, 0xed, 0xa0, 0xbd]))).toThrow(
      expect.objectContaining({ reason: 'MESSAGE_MALFORMED' }),
    );
  });

  it('agrees with the full decoder on every message, also changed ones', () => {
    const classify = method('/tributary.image.v1.ImageService/Classify');
    const request = fc.record({
      modelName: fc.string({ unit: 'grapheme', maxLength: 5 }),
      modelVersion: fc.string({ maxLength: 3 }),
      image: fc.uint8Array({ maxLength: 20 }),
      topK: fc.nat(),
    });
    let accepted = 0;
    fc.assert(
      fc.property(
        fc.array(request, { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.nat({ max: 255 })), { maxLength: 2 }),
        (requests, changes) => {
          const type = tributary.image.v1.ClassifyRequest;
          const message = Buffer.concat(requests.map((each) => type.encode(each).finish()));
          for (const [position, byte] of changes) if (message.length > 0) message[position % message.length] = byte;
          const read = outcome(() => readModelName(classify, message));
          const decoded = outcome(() => {
            const { modelName: model, modelVersion: version } = decodeMessage(type, message);
            return { model, version };
          });
          expect(read).toEqual(decoded);
          if (typeof read !== 'string') accepted += 1;
        },
      ),
      { numRuns: 2000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });
});

function outcome<Result>(action: () => Result): Result | string {
  try {
    return action();
  } catch (error) {
    if (error instanceof TributaryError) return error.reason;
    throw error;
  }
}
