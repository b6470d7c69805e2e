import { afterEach, describe, expect, it } from '@jest/globals';
import { grpc, tributary } from '@tributary/contract';
import { refusalOf, serveEngine, type TestServer } from '../testing';
import { FakeEngine, modelInfo } from './fake-engine';

const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
const { MODEL_STATE_LOADING, MODEL_STATE_READY, MODEL_STATE_UNAVAILABLE } = tributary.model.v1.ModelState;
const embed = 'tributary.nlp.v1.NlpService/Embed';

let server: (TestServer & { readonly engine: FakeEngine }) | undefined;

afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function start(engine: FakeEngine, ...flags: string[]): Promise<TestServer & { readonly engine: FakeEngine }> {
  return (server = await serveEngine(engine, { flags }));
}

const check = async (service: string): Promise<number> =>
  (await server!.client.call('grpc.health.v1.Health/Check', { service })).status;

const isReady = async (): Promise<boolean> =>
  (await server!.client.call('inference.GRPCInferenceService/ServerReady', {})).ready;

const index = async (): Promise<[string, string, string][]> => {
  const { models } = await server!.client.call('inference.GRPCInferenceService/RepositoryIndex', {});
  return models.map(({ name, state, reason }) => [name, state, reason]);
};

describe('the states of a version', () => {
  it('are shown as loading, ready or unavailable, with a reason; what is unloaded is not shown', async () => {
    const { client } = await start(
      new FakeEngine(
        modelInfo('found', { state: 'FOUND' }),
        modelInfo('loading', { state: 'LOADING' }),
        modelInfo('ready'),
        modelInfo('resting', { state: 'RESTING' }),
        modelInfo('draining', { state: 'DRAINING' }),
        modelInfo('failed', { state: 'FAILED', reason: 'MODEL_FILE_MISSING: the version has no model.onnx' }),
        modelInfo('gone', { state: 'UNLOADED' }),
      ),
    );
    expect(await index()).toEqual([
      ['found', 'LOADING', ''],
      ['loading', 'LOADING', ''],
      ['ready', 'READY', ''],
      ['resting', 'UNAVAILABLE', expect.stringMatching(/^MODEL_NOT_READY: .*rests/)],
      ['draining', 'UNAVAILABLE', expect.stringMatching(/^MODEL_NOT_READY: .*unloaded/)],
      ['failed', 'UNAVAILABLE', 'MODEL_FILE_MISSING: the version has no model.onnx'],
    ]);
    const { models } = await client.call('tributary.model.v1.ModelService/ListModels', {});
    expect(models.map(({ state }) => state)).toEqual([
      MODEL_STATE_LOADING,
      MODEL_STATE_LOADING,
      MODEL_STATE_READY,
      ...[1, 2, 3].map(() => MODEL_STATE_UNAVAILABLE),
    ]);
    expect(await refusalOf(client.call('grpc.health.v1.Health/Check', { service: 'model/gone' }))).toMatchObject({
      reason: 'SERVICE_UNKNOWN',
    });
  });

  it('a version that goes is forgotten by index, health, watchers and metrics, and leaves no series behind', async () => {
    const engine = new FakeEngine(modelInfo('stays'), modelInfo('goes'));
    const running = await start(engine);
    const { client } = running;
    const timing = { queueUs: 1, prepareUs: 1, inferenceUs: 1, finishUs: 1, batchSize: 1 };
    const use = (model: string): void => {
      const of = { model, version: '1' };
      engine.tell((each) => each.inferEnded?.({ ...of, rows: 1, outcome: 'ok', timing }));
      engine.tell((each) => each.batchRan?.({ ...of, rows: 1, requests: 1, inferenceUs: 1, cut: 'full' }));
      engine.tell((each) => each.queueChanged?.({ ...of, waiting: 1 }));
      engine.tell((each) => each.taskEnded?.({ ...of, method: embed, outcome: 'ok', durationUs: 1 }));
    };
    use('stays');
    use('goes');
    const seriesOf = async (model: string): Promise<string[]> =>
      [...(await running.metrics()).keys()].filter((key) => key.includes(`model="${model}"`));
    const before = await seriesOf('goes');
    expect(before.length).toBeGreaterThan(50);
    const watched: string[][] = [];
    for await (const { models } of client.stream('tributary.model.v1.ModelService/WatchModels', {})) {
      watched.push(models.map(({ name }) => name));
      if (watched.length === 2) break;
      engine.become(modelInfo('stays'));
    }
    expect(watched).toEqual([['stays', 'goes'], ['stays']]);
    expect((await index()).map(([name]) => name)).toEqual(['stays']);
    // What was under way ends after its model is gone.
    use('goes');
    expect(await seriesOf('goes')).toEqual([]);
    expect(await seriesOf('stays')).toHaveLength(before.length);
  });
});

describe('readiness', () => {
  const failed = modelInfo('bad', { state: 'FAILED', reason: 'MODEL_LOAD_FAILED: no' });

  it('asks for every model, whose calls are welcome before', async () => {
    const engine = new FakeEngine(modelInfo('good'), failed);
    await start(engine);
    expect([await check(''), await check('readiness'), await isReady()]).toEqual([SERVING, NOT_SERVING, false]);
    engine.become(modelInfo('good'), modelInfo('bad', { state: 'READY' }));
    expect([await check(''), await check('readiness'), await isReady()]).toEqual([SERVING, SERVING, true]);
  });

  it('asks for any model where the operator says so', async () => {
    await start(new FakeEngine(modelInfo('good'), failed), '--readiness', 'any');
    expect([await check(''), await check('readiness'), await isReady()]).toEqual([SERVING, SERVING, true]);
  });

  it('asks of a model that one of its versions answers', async () => {
    await start(new FakeEngine(modelInfo('m'), modelInfo('m', { ...failed, name: 'm', version: '2' })));
    expect(await isReady()).toBe(true);
  });

  it('does not ask for what rests after failures, nor for what is being unloaded', async () => {
    const resting = modelInfo('rests', { state: 'RESTING' });
    await start(new FakeEngine(modelInfo('good'), resting, modelInfo('leaves', { state: 'DRAINING' })));
    expect([await isReady(), await check('model/rests')]).toEqual([true, NOT_SERVING]);
  });

  it('is never there where nothing answers', async () => {
    await start(new FakeEngine(failed), '--readiness', 'any');
    expect([await check(''), await isReady()]).toEqual([NOT_SERVING, false]);
    server!.engine.become();
    expect([await check(''), await isReady()]).toEqual([NOT_SERVING, false]);
  });
});

describe('a load', () => {
  const loading = modelInfo('later', { state: 'LOADING' });

  it('keeps calls away at the start, until every model has had its turn', async () => {
    const engine = new FakeEngine(modelInfo('first'), loading);
    await start(engine);
    expect([await check(''), await check('model/first')]).toEqual([NOT_SERVING, SERVING]);
    engine.become(modelInfo('first'), modelInfo('later'));
    expect(await check('')).toBe(SERVING);
  });

  it('does not disturb what serves, once the first load is over', async () => {
    const engine = new FakeEngine(modelInfo('first'));
    await start(engine);
    engine.become(modelInfo('first'), modelInfo('first', { ...loading, name: 'first', version: '2' }), loading);
    expect([await check(''), await isReady()]).toEqual([SERVING, true]);
  });
});
