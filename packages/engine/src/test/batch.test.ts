import { setMaxListeners } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../engine';
import {
  batchMixing,
  dynamicallyQuantized,
  fp32,
  fp32Values,
  identity,
  int64,
  lookup,
  mlp,
  onnxModel,
  slow,
  tensor,
} from '../testing';
import { outcomeOf, output, RecordingLog, request, startEngine, told } from './support';

/** Keeps the one lane of an engine busy, so that what comes meanwhile waits. Resolves when the run has begun. */
async function occupyLane(engine: Engine): Promise<{ end: Promise<unknown> }> {
  const begun = told(engine, 'queueChanged', ({ model, waiting }) => model === 'slow' && waiting === 0);
  const end = engine.infer(request('slow', { input: fp32([1, 1024], new Array<number>(1024).fill(1)) }));
  await begun;
  return { end };
}

const slowModel = { model: slow(1024, 60) };

describe('batching', () => {
  it('case 26: answers do not depend on batch-mates, and come to whom they belong', async () => {
    const engine = await startEngine({
      net: { model: mlp(8, 32, 4), settings: { batching: { maxBatchSize: 16 } } },
      slow: slowModel,
    });
    const input = (index: number, rows: number): ReturnType<typeof fp32> =>
      fp32(
        [rows, 8],
        Array.from({ length: rows * 8 }, (_, at) => Math.sin(index * 100 + at)),
      );
    const alone: number[][] = [];
    for (let index = 0; index < 40; index++) {
      const { outputs } = await engine.infer(request('net', { input: input(index, 1 + (index % 3)) }));
      alone.push(fp32Values(output(outputs, 'output')));
    }
    const busy = await occupyLane(engine);
    const together = await Promise.all(
      Array.from({ length: 40 }, (_, index) => engine.infer(request('net', { input: input(index, 1 + (index % 3)) }))),
    );
    expect(Math.max(...together.map(({ timing }) => timing.batchSize))).toBeGreaterThan(8);
    together.forEach(({ outputs }, index) => {
      const values = fp32Values(output(outputs, 'output'));
      expect(values).toHaveLength(alone[index]!.length);
      values.forEach((value, at) => expect(value).toBeCloseTo(alone[index]![at]!, 5));
    });
    await busy.end;
  });

  it('lets different shapes wait together and never run together', async () => {
    const engine = await startEngine({ same: { model: identity('FP32', ['n', 'm']) }, slow: slowModel });
    // The first request of a shape runs alone while its rows are proved to be independent.
    for (const width of [1, 2, 3])
      await engine.infer(request('same', { input: fp32([1, width], new Array<number>(width).fill(0)) }));
    const busy = await occupyLane(engine);
    const batches: number[] = [];
    engine.observe({
      batchRan: ({ model, requests }) => {
        if (model === 'same') batches.push(requests);
      },
    });
    const widths = [1, 2, 1, 2, 3, 1];
    const answers = await Promise.all(
      widths.map((width) =>
        engine.infer(request('same', { input: fp32([1, width], new Array<number>(width).fill(width)) })),
      ),
    );
    expect(answers.map(({ outputs }) => output(outputs, 'output').shape)).toEqual(widths.map((width) => [1, width]));
    expect(batches).toEqual([3, 2, 1]);
    await busy.end;
  });

  it('case 26: a bad item fails alone, its batch-mates are answered', async () => {
    const log = new RecordingLog();
    const engine = await startEngine({ table: { model: lookup(5) }, slow: slowModel }, { log });
    const busy = await occupyLane(engine);
    const calls = [1, 2, 99, 4].map((id) => engine.infer(request('table', { id: int64([1], [id]) })));
    expect(await Promise.all(calls.map(outcomeOf))).toEqual(['answered', 'answered', 'RUN_FAILED', 'answered']);
    await expect(calls[2]).rejects.toThrow("model 'table' failed on this request");
    // The library's words are for the log.
    expect(JSON.stringify(log.lines)).toContain('out of data bounds');
    await busy.end;
  });

  it('waits for company as long as model.json allows, and not longer', async () => {
    const settings = { batching: { maxBatchSize: 4, maxQueueDelayMs: 1000 } };
    const engine = await startEngine({ net: { model: mlp(2, 1), settings } });
    const call = (): Promise<number> =>
      engine.infer(request('net', { input: fp32([1, 2], [1, 2]) })).then(({ timing }) => timing.batchSize);
    const first = call();
    await new Promise(setImmediate);
    // The lane is free, and still the first waits for these three.
    expect(await Promise.all([first, call(), call(), call()])).toEqual([4, 4, 4, 4]);
    const brief = { batching: { maxBatchSize: 4, maxQueueDelayMs: 20 } };
    const other = await startEngine({ net: { model: mlp(2, 1), settings: brief } });
    const { timing } = await other.infer(request('net', { input: fp32([1, 2], [1, 2]) }));
    expect(timing).toMatchObject({ batchSize: 1 });
    expect(timing.queueUs).toBeGreaterThanOrEqual(19_000);
  });

  it('does not let a patient model hold up another', async () => {
    const waiting = (maxQueueDelayMs: number): object => ({ batching: { maxBatchSize: 4, maxQueueDelayMs } });
    const engine = await startEngine({
      brief: { model: mlp(2, 1), settings: waiting(20) },
      patient: { model: mlp(2, 1), settings: waiting(1000) },
    });
    const [brief, patient] = await Promise.all(
      ['brief', 'patient'].map((name) => engine.infer(request(name, { input: fp32([1, 2], [1, 2]) }))),
    );
    expect(brief!.timing.queueUs).toBeLessThan(500_000);
    expect(patient!.timing.queueUs).toBeGreaterThanOrEqual(990_000);
  });

  it('answers what waits behind a request whose bytes were taken away', async () => {
    const engine = await startEngine({ same: { model: identity('INT32', ['n', 2]) } });
    const input = int32([1, 2], [1, 2]);
    const robbed = outcomeOf(engine.infer(request('same', { input })));
    const good = outcomeOf(engine.infer(request('same', { input: int32([1, 2], [1, 2]) })));
    structuredClone(input.bytes.buffer, { transfer: [input.bytes.buffer as ArrayBuffer] });
    expect(await robbed).toBe('RUN_FAILED');
    expect(await good).toBe('answered');
  });

  it('never gives a row what another row was answered, where the number of answers depends on values', async () => {
    const engine = await startEngine({ picks: { model: pickingByValue() }, slow: slowModel });
    const busy = await occupyLane(engine);
    // Together they have two answers for two rows, both of the first.
    const rows = [fp32([1, 2], [1, 10]), fp32([1, 2], [-10, 0])];
    const answers = await Promise.all(rows.map((input) => engine.infer(request('picks', { input }))));
    expect(answers.map(({ outputs }) => fp32Values(output(outputs, 'output')))).toEqual([[1, 10], []]);
    await busy.end;
  });

  it.each([
    ['mixes its rows', batchMixing(), 'ReduceMean'],
    ['quantises over the batch', dynamicallyQuantized(), 'DynamicQuantizeLinear'],
    ['has a fixed first dimension', identity('FP32', [4, 'n']), "the first dimension of 'input' is fixed"],
    ['quantises in a function of its own', quantizingFunction(), 'DynamicQuantizeLinear'],
  ])('does not batch a graph that %s, and says so', async (_name, model, sentence) => {
    const log = new RecordingLog();
    const engine = await startEngine(
      { bare: { model }, asked: { model, settings: { batching: { maxBatchSize: 4 } } } },
      { log },
    );
    for (const name of ['bare', 'asked'])
      expect(engine.resolve(name)).toMatchObject({ state: 'READY', batched: false, maxBatchSize: 1 });
    expect(log.has('info', sentence)).toBe(true);
    expect(log.has('warn', sentence)).toBe(true);
  });

  it('answers a model that is not batched one request at a time, any number of rows each', async () => {
    const engine = await startEngine({ mixing: { model: batchMixing() }, slow: slowModel });
    const busy = await occupyLane(engine);
    const input = fp32([2, 4], [1, 2, 3, 4, 3, 4, 5, 6]);
    const answers = await Promise.all([1, 2, 3].map(() => engine.infer(request('mixing', { input }))));
    for (const { outputs, timing } of answers) {
      expect(fp32Values(output(outputs, 'output'))).toEqual([-1, -1, -1, -1, 1, 1, 1, 1]);
      expect(timing.batchSize).toBe(1);
    }
    await busy.end;
  });

  it('obeys model.json where it turns batching off', async () => {
    const engine = await startEngine({ net: { model: mlp(2, 1), settings: { batching: { maxBatchSize: 1 } } } });
    expect(engine.resolve('net')).toMatchObject({ batched: false, maxBatchSize: 1, inputs: [{ shape: [-1, 2] }] });
  });

  it('case 23: two models that are always backlogged each get 40 % of the worker time or more', async () => {
    const heavy = { model: slow(512, 40) };
    const light = { model: slow(256, 20), settings: { batching: { maxBatchSize: 1 } } };
    const engine = await startEngine({ heavy, light });
    const usedUs = { heavy: 0, light: 0 };
    let totalUs = 0;
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const enough = new Promise<void>((resolve) => {
      engine.observe({
        batchRan: ({ model, inferenceUs }) => {
          usedUs[model as 'heavy' | 'light'] += inferenceUs;
          totalUs += inferenceUs;
          if (totalUs > 3_000_000) resolve();
        },
      });
    });
    const keepAsking = async (model: string, size: number): Promise<void> => {
      const input = fp32([1, size], new Array<number>(size).fill(0.5));
      while (!controller.signal.aborted)
        await outcomeOf(engine.infer(request(model, { input }, { signal: controller.signal })));
    };
    const clients = Array.from({ length: 16 }, () => [keepAsking('heavy', 512), keepAsking('light', 256)]).flat();
    await enough;
    controller.abort();
    await Promise.all(clients);
    expect(usedUs.heavy / totalUs).toBeGreaterThan(0.4);
    expect(usedUs.light / totalUs).toBeGreaterThan(0.4);
  });
});

function int32(shape: readonly number[], values: readonly number[]): ReturnType<typeof tensor> {
  return tensor('INT32', shape, Int32Array.from(values));
}

/** The values of a row of two that are above -5 and above 5: as many as rows for small values, else not. */
function pickingByValue(): Uint8Array {
  const thresholds = { name: 'thresholds', datatype: 'FP32', shape: [2], data: Float32Array.of(-5, 5) } as const;
  const flat = { name: 'flat', datatype: 'INT64', shape: [1], data: BigInt64Array.of(-1n) } as const;
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['n', 2] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['picked'] }],
    nodes: [
      { op: 'Greater', inputs: ['input', 'thresholds'], outputs: ['above'] },
      { op: 'Reshape', inputs: ['above', 'flat'], outputs: ['condition'] },
      { op: 'Compress', inputs: ['input', 'condition'], outputs: ['output'] },
    ],
    initializers: [thresholds, flat],
  });
}

/** DynamicQuantizeLinear hidden in a function of the model. */
function quantizingFunction(): Uint8Array {
  return onnxModel(
    {
      inputs: [{ name: 'input', datatype: 'FP32', shape: ['n', 4] }],
      outputs: [{ name: 'output', datatype: 'FP32', shape: ['n', 4] }],
      nodes: [{ op: 'Round8', domain: 'toy', inputs: ['input'], outputs: ['output'] }],
    },
    [
      {
        name: 'Round8',
        domain: 'toy',
        inputs: ['x'],
        outputs: ['y'],
        nodes: [
          { op: 'DynamicQuantizeLinear', inputs: ['x'], outputs: ['q', 's', 'z'] },
          { op: 'DequantizeLinear', inputs: ['q', 's', 'z'], outputs: ['y'] },
        ],
      },
    ],
  );
}
