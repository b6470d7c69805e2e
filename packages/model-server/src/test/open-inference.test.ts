import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { add, fp32, fp32Values, identity, mlp, slow, stringValues, strings } from '@tributary/engine/testing';
import { refusalOf, startTestServer, temporaryRepository, type TemporaryRepository, type TestServer } from '../testing';

let repository: TemporaryRepository;
let server: TestServer;

beforeAll(async () => {
  repository = temporaryRepository({
    sum: { model: add(['batch', 2]) },
    text: { model: identity('BYTES', ['n']), settings: { batching: { maxBatchSize: 1 } } },
    scores: {
      model: identity('FP32', ['batch', 3]),
      settings: { labels: 'labels.txt' },
      files: { '1/labels.txt': 'cat\ndog\nbird\n' },
    },
    versions: { model: mlp(2, 1), files: { '10/model.onnx': mlp(2, 1), '9/model.onnx': mlp(2, 1) } },
    slow: {
      model: slow(1024, 600),
      settings: { instances: { count: 1 }, batching: { maxBatchSize: 1 }, maxQueueSize: 1 },
    },
    broken: { model: Buffer.from('not a model') },
  });
  server = await startTestServer({ repository: repository.folder, flags: ['--readiness', 'any'] });
});

afterAll(async () => {
  await server.close();
  repository.remove();
});

describe('the server', () => {
  it('lives, is ready and says who it is', async () => {
    const { client } = server;
    expect(await client.call('inference.GRPCInferenceService/ServerLive', {})).toMatchObject({ live: true });
    expect(await client.call('inference.GRPCInferenceService/ServerReady', {})).toMatchObject({ ready: true });
    const metadata = await client.call('inference.GRPCInferenceService/ServerMetadata', {});
    expect(metadata).toMatchObject({
      name: 'tributary',
      extensions: ['binary_tensor_data', 'classification', 'parameters', 'schedule_policy'],
    });
    expect(metadata.version).toMatch(/^\d+\.\d+\.\d+/);
  });
});

describe('ModelMetadata', () => {
  it('reads names, datatypes and shapes from the file, -1 where the batch is', async () => {
    const metadata = await server.client.call('inference.GRPCInferenceService/ModelMetadata', { name: 'sum' });
    expect(metadata).toMatchObject({ name: 'sum', versions: ['1'], platform: 'onnxruntime_onnx' });
    const tensors = [...metadata.inputs, ...metadata.outputs].map(({ name, datatype, shape }) => [
      name,
      datatype,
      shape.map(Number),
    ]);
    expect(tensors).toEqual([
      ['a', 'FP32', [-1, 2]],
      ['b', 'FP32', [-1, 2]],
      ['sum', 'FP32', [-1, 2]],
    ]);
  });

  it('lists every version that is ready', async () => {
    const { versions } = await server.client.call('inference.GRPCInferenceService/ModelMetadata', { name: 'versions' });
    expect(versions).toEqual(['1', '9', '10']);
  });
});

describe('ModelReady', () => {
  it('tells models that answer from those that do not', async () => {
    const ready = async (name: string): Promise<boolean> =>
      (await server.client.call('inference.GRPCInferenceService/ModelReady', { name })).ready;
    expect(await ready('sum')).toBe(true);
    expect(await ready('broken')).toBe(false);
  });
});

describe('RepositoryIndex', () => {
  it('lists every version with its state, and why one does not serve', async () => {
    const { models } = await server.client.call('inference.GRPCInferenceService/RepositoryIndex', {});
    const broken = models.find(({ name }) => name === 'broken');
    expect(broken).toMatchObject({ version: '1', state: 'UNAVAILABLE' });
    expect(broken?.reason).toMatch(/^MODEL_/);
    expect(models.filter(({ name }) => name === 'versions').map(({ version, state }) => [version, state])).toEqual([
      ['1', 'READY'],
      ['9', 'READY'],
      ['10', 'READY'],
    ]);
  });

  it('leaves out what is not ready where it is asked to', async () => {
    const { models } = await server.client.call('inference.GRPCInferenceService/RepositoryIndex', { ready: true });
    expect(models.map(({ name }) => name)).not.toContain('broken');
  });
});

describe('ModelInfer', () => {
  it('answers raw requests with the version that served them and the id', async () => {
    const inputs = new Map([
      ['a', fp32([1, 2], [1, 2])],
      ['b', fp32([1, 2], [10, 20])],
    ]);
    const answer = await server.client.infer({ model: 'sum', id: 'call 7', inputs });
    expect(answer).toMatchObject({ model: 'sum', version: '1', id: 'call 7' });
    expect(fp32Values(answer.outputs.get('sum')!)).toEqual([11, 22]);
  });

  it('answers typed requests raw too', async () => {
    const response = await server.client.call('inference.GRPCInferenceService/ModelInfer', {
      modelName: 'sum',
      inputs: ['a', 'b'].map((name) => ({
        name,
        datatype: 'FP32',
        shape: [2, 2],
        contents: { fp32Contents: [1, 2, 3, 4] },
      })),
    });
    expect(response.rawOutputContents).toHaveLength(1);
    expect(response.outputs[0]?.contents ?? null).toBeNull();
    const bytes = new Uint8Array(response.rawOutputContents[0]!);
    expect([...new Float32Array(bytes.buffer)]).toEqual([2, 4, 6, 8]);
  });

  it('serves the highest version unless one is named', async () => {
    const inputs = new Map([['input', fp32([1, 2], [1, 2])]]);
    expect((await server.client.infer({ model: 'versions', inputs })).version).toBe('10');
    expect((await server.client.infer({ model: 'versions', version: '9', inputs })).version).toBe('9');
  });

  it('says in trailing metadata where the time went', async () => {
    const { trailers } = await server.client.exchange('inference.GRPCInferenceService/ModelInfer', {
      modelName: 'text',
      inputs: [{ name: 'input', datatype: 'BYTES', shape: [1] }],
      rawInputContents: [strings([1], ['x']).bytes],
    });
    expect(trailers.get('server-timing')?.[0]).toMatch(
      /^queue;dur=[\d.]+, prepare;dur=[\d.]+, inference;dur=[\d.]+, finish;dur=[\d.]+, batch;desc="1"$/,
    );
  });

  it('gives an output as its best classes where it is asked to', async () => {
    const response = await server.client.call('inference.GRPCInferenceService/ModelInfer', {
      modelName: 'scores',
      inputs: [{ name: 'input', datatype: 'FP32', shape: [2, 3] }],
      outputs: [{ name: 'output', parameters: { classification: { int64Param: 2 } } }],
      rawInputContents: [fp32([2, 3], [0.25, 0.5, 0.125, 3, 2, 1]).bytes],
    });
    expect(response.outputs[0]).toMatchObject({ name: 'output', datatype: 'BYTES' });
    expect(response.outputs[0]?.shape.map(Number)).toEqual([2, 2]);
    const bytes = response.rawOutputContents[0]!;
    expect(stringValues({ datatype: 'BYTES', shape: [2, 2], bytes })).toEqual([
      '0.500000:1:dog',
      '0.250000:0:cat',
      '3.000000:0:cat',
      '2.000000:1:dog',
    ]);
  });

  it('case 18: refuses a request that its queue has no place for before it decodes it', async () => {
    const { client, engine } = server;
    const asked = { modelName: 'slow', id: '7', inputs: [{ name: 'input', datatype: 'MATRIX', shape: [1, 1024] }] };
    const infer = (): Promise<unknown> =>
      client.infer({ model: 'slow', inputs: new Map([['input', fp32([1, 1024], new Array<number>(1024).fill(1))]]) });
    const queueIs = (length: number): Promise<void> =>
      new Promise((resolve) => {
        const stop = engine.observe({
          queueChanged: ({ waiting }) => {
            if (waiting !== length) return;
            stop();
            resolve();
          },
        });
      });
    const runs = queueIs(0);
    const answers = [infer()];
    await runs;
    const waits = queueIs(1);
    answers.push(infer());
    await waits;
    expect(await refusalOf(client.call('inference.GRPCInferenceService/ModelInfer', asked))).toMatchObject({
      status: 'RESOURCE_EXHAUSTED',
      reason: 'QUEUE_FULL',
      message: '[request id: 7] Exceeds maximum queue size',
    });
    await Promise.all(answers);
    expect(await refusalOf(client.call('inference.GRPCInferenceService/ModelInfer', asked))).toMatchObject({
      reason: 'DATATYPE_UNSUPPORTED',
    });
  });

  it('accepts what the C++ client always sends', async () => {
    const response = await server.client.call('inference.GRPCInferenceService/ModelInfer', {
      modelName: 'text',
      parameters: { triton_enable_empty_final_response: { boolParam: true }, priority: { uint64Param: 1 } },
      inputs: [{ name: 'input', datatype: 'BYTES', shape: [0] }],
    });
    expect(response.outputs[0]?.shape.map(Number)).toEqual([0]);
  });
});
