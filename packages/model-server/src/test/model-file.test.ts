import { afterEach, describe, expect, it } from '@jest/globals';
import type { ModelInfo } from '@tributary/engine';
import { serveEngine, type TestServer } from '../testing';
import { FakeEngine, modelInfo } from './fake-engine';

let server: TestServer | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(...models: readonly ModelInfo[]): Promise<TestServer> {
  return (server = await serveEngine(new FakeEngine(...models)));
}

const tensor = { name: 'ids', datatype: 'INT64', shape: [-1, -1] } as const;
const known = modelInfo('known', {
  inputs: [tensor],
  batched: true,
  maxBatchSize: 16,
  batching: { kind: 'proved', reason: '' },
  metadata: {
    producer: 'pytorch 2.9.0',
    graphName: 'main_graph',
    domain: 'ai.example',
    description: 'Sorts mail.',
    modelVersion: '7',
    custom: new Map([
      ['names', `{0: 'spam'}`],
      ['long', 'x'.repeat(5000)],
      ['half', 'a\ud83d'],
    ]),
    dimensionNames: new Map([
      ['ids', ['batch', 'tokens']],
      ['mask', ['', '']],
    ]),
  },
});

const indexReasons = async ({ client }: TestServer): Promise<string[]> => {
  const { models } = await client.call('inference.GRPCInferenceService/RepositoryIndex', {});
  return models.map(({ reason }) => reason);
};

describe('what a model file says of itself', () => {
  it('is told by ListModels, cut where it is long', async () => {
    const { client } = await start(known);
    const [model] = (await client.call('tributary.model.v1.ModelService/ListModels', {})).models;
    expect(model?.file).toMatchObject({
      producer: 'pytorch 2.9.0',
      graphName: 'main_graph',
      domain: 'ai.example',
      description: 'Sorts mail.',
      modelVersion: '7',
      custom: { names: `{0: 'spam'}`, long: 'x'.repeat(1024), half: 'a\ufffd' },
      dimensionNames: { ids: { names: ['batch', 'tokens'] }, mask: { names: ['', ''] } },
    });
    expect(model?.batching).toMatchObject({ batched: true, maxBatchSize: 16, by: 'proved', reason: '' });
  });

  it('is told by ModelMetadata beside the protocol, by its keys, without what is empty', async () => {
    const { client } = await start(known);
    const answer = await client.call('inference.GRPCInferenceService/ModelMetadata', { name: 'known' });
    expect(answer.properties).toEqual({});
    expect(answer.attributes).toEqual({
      producer: 'pytorch 2.9.0',
      graph_name: 'main_graph',
      domain: 'ai.example',
      description: 'Sorts mail.',
      model_version: '7',
      'custom.names': `{0: 'spam'}`,
      'custom.long': 'x'.repeat(1024),
      'custom.half': 'a\ufffd',
      'dimensions.ids': 'batch,tokens',
      batching: 'proved',
    });
  });

  it('has at most 64 entries of its own, the first by key', async () => {
    const custom = new Map(Array.from({ length: 1000 }, (_, index) => [`k${String(index).padStart(3, '0')}`, 'v']));
    const { client } = await start({ ...known, metadata: { ...known.metadata, custom } });
    const [model] = (await client.call('tributary.model.v1.ModelService/ListModels', {})).models;
    expect(Object.keys(model!.file!.custom)).toEqual(Array.from({ length: 64 }, (_, at) => `k${`00${at}`.slice(-3)}`));
  });

  it('is not there before the file was read', async () => {
    const { client } = await start(modelInfo('found', { state: 'FOUND' }));
    const [model] = (await client.call('tributary.model.v1.ModelService/ListModels', {})).models;
    expect([model?.file ?? null, model?.batching ?? null]).toEqual([null, null]);
  });
});

describe('the verdict on batching', () => {
  it.each<[ModelInfo['batching'], boolean, string, string]>([
    [{ kind: 'proved', reason: '' }, true, 'proved', ''],
    [{ kind: 'ownersWord', reason: '' }, true, "by its owner's word", "batched by its owner's word"],
    [{ kind: 'off', reason: '' }, false, 'not batched', ''],
    [
      { kind: 'refused', reason: 'ReduceMax over the row axis (node max)' },
      false,
      'not batched',
      'not batched: ReduceMax over the row axis (node max)',
    ],
  ])('%j is told by ListModels, ModelMetadata and the index', async (batching, batched, by, indexed) => {
    const running = await start(modelInfo('m', { batched, batching }));
    const { client } = running;
    const [model] = (await client.call('tributary.model.v1.ModelService/ListModels', {})).models;
    expect(model?.batching).toMatchObject({ batched, by, reason: batching.reason });
    const { attributes } = await client.call('inference.GRPCInferenceService/ModelMetadata', { name: 'm' });
    expect(attributes).toEqual({ batching: by, ...(batching.reason && { 'batching.reason': batching.reason }) });
    expect(await indexReasons(running)).toEqual([indexed]);
  });
});
