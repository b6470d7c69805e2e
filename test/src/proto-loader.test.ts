import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { credentials, loadPackageDefinition, type Client, type ServiceError } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import { root, useSystem } from './support/system';

type Stub = Client &
  Record<
    string,
    (request: object, callback: (error: ServiceError | null, answer: Record<string, unknown>) => void) => void
  >;
type StubClass = new (address: string, channel: ReturnType<typeof credentials.createInsecure>) => Stub;

const definition = loadSync(
  ['tributary/nlp/v1/nlp.proto', 'tributary/recommendation/v1/recommendation.proto', 'inference/grpc_service.proto'],
  { includeDirs: [join(root, 'protos')], keepCase: true, longs: String, enums: String, defaults: true },
);

describe('a Node client made from protos/ by @grpc/proto-loader', () => {
  const system = useSystem();

  /** One call of a stub made from the .proto files. */
  async function call(service: string, method: string, request: object): Promise<Record<string, unknown>> {
    const names = service.split('.');
    const StubOf = names.reduce<unknown>(
      (scope, name) => (scope as Record<string, unknown>)[name],
      loadPackageDefinition(definition),
    ) as StubClass;
    const stub = new StubOf(system.address('router'), credentials.createInsecure());
    try {
      return await new Promise((resolve, reject) => {
        stub[method]!(request, (error, answer) => {
          if (error === null) resolve(answer);
          else reject(error);
        });
      });
    } finally {
      stub.close();
    }
  }

  it('reads what our own client reads, 64-bit ids, enums and floats included', async () => {
    const theirs = await call('tributary.recommendation.v1.RecommendationService', 'Recommend', {
      user_id: '146',
      k: 3,
    });
    const ours = await system
      .client('router')
      .call('tributary.recommendation.v1.RecommendationService/Recommend', { userId: 146, k: 3 });
    const plain = ours.items.map((item) => ({
      item_id: item.itemId.toString(),
      title: item.title,
      score: item.score,
      because: item.because.map((reason) => ({
        item_id: reason.itemId.toString(),
        title: reason.title,
        contribution: reason.contribution,
      })),
    }));
    expect(theirs).toMatchObject({ model_name: 'movies', basis: 'BASIS_HISTORY', items: plain });
  });

  it('sends what our services read', async () => {
    const text = 'naïve café 👩‍👩‍👧 漢字';
    const theirs = (await call('tributary.nlp.v1.NlpService', 'Tokenize', { texts: [text] })) as {
      results: { tokens: object[] }[];
    };
    const ours = await system.client('router').call('tributary.nlp.v1.NlpService/Tokenize', { texts: [text] });
    expect(theirs.results[0]?.tokens).toEqual(
      ours.results[0]?.tokens.map(({ id, text: spelled, start, end }) => ({ id, text: spelled, start, end })),
    );
  });

  it('gets typed tensors understood', async () => {
    const embedding = Array.from({ length: 384 }, (_, i) => Math.fround(Math.sin(i) / 20));
    const answer = await call('inference.GRPCInferenceService', 'ModelInfer', {
      model_name: 'sentiment',
      inputs: [
        { name: 'sentence_embedding', datatype: 'FP32', shape: ['1', '384'], contents: { fp32_contents: embedding } },
      ],
    });
    const raw = await system.client('router').infer({
      model: 'sentiment',
      inputs: new Map([
        [
          'sentence_embedding',
          { datatype: 'FP32', shape: [1, 384], bytes: new Uint8Array(Float32Array.from(embedding).buffer) },
        ],
      ]),
    });
    const theirs = (answer as { raw_output_contents: Buffer[] }).raw_output_contents;
    expect(theirs).toHaveLength(1);
    expect(Buffer.from(raw.outputs.get('probabilities')!.bytes).equals(theirs[0]!)).toBe(true);
  });
});
