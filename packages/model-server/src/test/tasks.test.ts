import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient } from '@tributary/client';
import { identity } from '@tributary/engine/testing';
import { refusalOf, startTestServer, temporaryRepository, type TemporaryRepository, type TestServer } from '../testing';

const classifyMethod = 'tributary.image.v1.ImageService/Classify';

let repository: TemporaryRepository;
let server: TestServer;

beforeAll(async () => {
  const model = identity('FP32', ['n']);
  repository = temporaryRepository({
    first: { model, settings: { task: 'toy', default: true } },
    second: { model, settings: { task: 'toy' }, files: { '2/model.onnx': model } },
    tensors: { model },
  });
  server = await startTestServer({ repository: repository.folder, tasksModule: join(__dirname, 'toy-tasks.js') });
});

afterAll(async () => {
  await server.close();
  repository.remove();
});

const image = Uint8Array.of(1, 2, 3);

describe('task RPCs', () => {
  it('ask the default model where none is named', async () => {
    const response = await server.client.call(classifyMethod, { image });
    expect(response).toMatchObject({ modelName: 'first', modelVersion: '1' });
    expect(response.classes.map(({ score }) => score)).toEqual([1, 2, 3]);
    expect(response.timing?.batchSize).toBe(3);
  });

  it('ask the model and version that are named', async () => {
    const asked = (modelVersion: string): Promise<{ modelName: string; modelVersion: string }> =>
      server.client.call(classifyMethod, { modelName: 'second', modelVersion, image });
    expect(await asked('')).toMatchObject({ modelName: 'second', modelVersion: '2' });
    expect(await asked('1')).toMatchObject({ modelName: 'second', modelVersion: '1' });
  });

  it.each([
    [{ modelName: '../x' }, 'INVALID_ARGUMENT', 'MODEL_NAME_INVALID', 'model_name'],
    [{ modelName: 'nobody' }, 'NOT_FOUND', 'MODEL_NOT_FOUND', 'model_name'],
    [{ modelName: 'first', modelVersion: '7' }, 'NOT_FOUND', 'MODEL_VERSION_NOT_FOUND', 'model_version'],
    [{ modelName: 'first', modelVersion: 'x' }, 'INVALID_ARGUMENT', 'MODEL_VERSION_INVALID', 'model_version'],
    [{ modelVersion: '0' }, 'INVALID_ARGUMENT', 'MODEL_VERSION_INVALID', 'model_version'],
  ])('case 2, case 3: refuse %j with %s', async (named, status, reason, field) => {
    expect(await refusalOf(server.client.call(classifyMethod, { ...named, image }))).toMatchObject({
      status,
      reason,
      field,
    });
  });

  it('refuse a model that is for something else', async () => {
    const call = server.client.call(classifyMethod, { modelName: 'tensors', image });
    expect(await refusalOf(call)).toMatchObject({ status: 'INVALID_ARGUMENT', reason: 'TASK_UNSUPPORTED' });
  });

  it('pass on what the task refuses, and hide its defects', async () => {
    expect(await refusalOf(server.client.call(classifyMethod, { image: new Uint8Array(0) }))).toMatchObject({
      status: 'INVALID_ARGUMENT',
      reason: 'TOY_EMPTY',
      field: 'image',
    });
    const defect = await refusalOf(server.client.call(classifyMethod, { image: Uint8Array.of(0xde, 0xad) }));
    expect(defect).toMatchObject({ status: 'INTERNAL', reason: 'INTERNAL' });
    expect(defect.message).not.toContain('secret');
    expect((await server.client.call(classifyMethod, { image })).modelName).toBe('first');
  });

  it('are counted by what became of them', async () => {
    const calls = async (outcome: string): Promise<number> => {
      const labels = `model="first",version="1",method="${classifyMethod}",outcome="${outcome}"`;
      return (await server.metrics()).get(`tributary_task_calls_total{${labels}}`) ?? 0;
    };
    const before = { ok: await calls('ok'), rejected: await calls('rejected') };
    await server.client.call(classifyMethod, { image });
    await refusalOf(server.client.call(classifyMethod, { image: new Uint8Array(0) }));
    expect(await calls('ok')).toBe(before.ok + 1);
    expect(await calls('rejected')).toBe(before.rejected + 1);
  });

  it('case 12: a message that cannot be read is malformed', async () => {
    const { code } = await server.client.callBytes(`/${classifyMethod}`, Buffer.from([0x1a, 0x7f, 1]));
    expect(code).toBe(3);
  });
});

describe('ListModels', () => {
  it('says what each model is for, and which one a call without a name gets', async () => {
    const { service, models } = await server.client.call('tributary.model.v1.ModelService/ListModels', {});
    expect(service).toBe('test');
    const told = models.map(({ name, version, task, methods, defaultOf, servedByDefault }) => ({
      model: `${name}/${version}`,
      task,
      methods,
      defaultOf,
      servedByDefault,
    }));
    expect(told).toEqual([
      { model: 'first/1', task: 'toy', methods: [classifyMethod], defaultOf: [classifyMethod], servedByDefault: true },
      { model: 'second/1', task: 'toy', methods: [classifyMethod], defaultOf: [], servedByDefault: false },
      { model: 'second/2', task: 'toy', methods: [classifyMethod], defaultOf: [], servedByDefault: true },
      { model: 'tensors/1', task: '', methods: [], defaultOf: [], servedByDefault: true },
    ]);
    for (const { fileBytes, loadMs } of models) {
      expect(Number(fileBytes)).toBeGreaterThan(0);
      expect(loadMs).toBeGreaterThan(0);
    }
  });
});

describe('WatchModels', () => {
  const watchModels = 'tributary.model.v1.ModelService/WatchModels';

  it('begins with all models, and ends when the caller leaves', async () => {
    for await (const { models } of server.client.stream(watchModels, {})) {
      expect(models).toHaveLength(4);
      break;
    }
  });

  it('is ended by a drain, which does not wait for its callers', async () => {
    const draining = await startTestServer({ repository: repository.folder, flags: ['--drain-timeout', '1h'] });
    const watching = createClient(draining.address);
    let closed: Promise<void> | undefined;
    const watched = (async () => {
      for await (const { models } of watching.stream(watchModels, {})) {
        expect(models).toHaveLength(4);
        closed ??= draining.close();
      }
    })();
    expect(await refusalOf(watched)).toMatchObject({ status: 'UNAVAILABLE', reason: 'SHUTTING_DOWN' });
    watching.close();
    await closed;
  });
});
