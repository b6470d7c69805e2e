import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../engine';
import { divide, divideAtLoad, endless, fp32, int64, mlp, onnxModel, slow, tensor, writeRepository } from '../testing';
import { modelsAre, outcomeOf, refusalOf, repositoryOf, request, startEngine, told } from './support';

const net = { model: mlp(2, 1) };
const good = { input: fp32([1, 2], [1, 2]) };
const lowest = -(2n ** 63n);
const slowInput = { input: fp32([1, 1024], new Array<number>(1024).fill(1)) };

function quotient(a: bigint, b: bigint): Parameters<typeof request>[1] {
  return { a: int64([1], [a]), b: int64([1], [b]) };
}

function forever(goesOn: 0 | 1): Parameters<typeof request>[1] {
  return { input: fp32([4], [1, 2, 3, 4]), forever: tensor('BOOL', [], Uint8Array.of(goesOn)) };
}

function ask(engine: Engine, model: string, inputs: Parameters<typeof request>[1]): Promise<string> {
  return outcomeOf(engine.infer(request(model, inputs)));
}

describe('a run that dies', () => {
  it('costs its own call; the other models answer again', async () => {
    const engine = await startEngine({ divide: { model: divide() }, net });
    const error = await refusalOf(engine.infer(request('divide', quotient(lowest, -1n))));
    expect(error).toMatchObject({ reason: 'RUN_CRASHED' });
    expect(await ask(engine, 'net', good)).toBe('answered');
    expect(await ask(engine, 'divide', quotient(6n, 3n))).toBe('answered');
    expect(engine.models().map(({ state }) => state)).toEqual(['READY', 'READY']);
  });

  it('is told of once, with the signal', async () => {
    const engine = await startEngine({ divide: { model: divide() } });
    const reasons: string[] = [];
    engine.observe({ laneRestarted: ({ kind, reason }) => reasons.push(`${kind} ${reason}`) });
    await ask(engine, 'divide', quotient(lowest, -1n));
    await ask(engine, 'divide', quotient(1n, 1n));
    expect(reasons).toEqual(['session SIGFPE']);
  });

  it('is the only one of its batch that fails: its mates are answered', async () => {
    const engine = await startEngine({ divide: { model: divide() }, slow: { model: slow(1024, 60) } });
    const begun = told(engine, 'queueChanged', ({ model, waiting }) => model === 'slow' && waiting === 0);
    const busy = ask(engine, 'slow', slowInput);
    await begun;
    // These wait together and share a run.
    const calls = [
      ask(engine, 'divide', quotient(8n, 2n)),
      ask(engine, 'divide', quotient(lowest, -1n)),
      ask(engine, 'divide', quotient(9n, 3n)),
    ];
    expect(await Promise.all(calls)).toEqual(['answered', 'RUN_CRASHED', 'answered']);
    expect(await busy).toBe('answered');
  });

  it('is found out among runs that were beside it, and these are answered', async () => {
    const engine = await startEngine(
      { divide: { model: divide() }, slow: { model: slow(1024, 60) } },
      { cpuBudget: 2 },
    );
    const begun = told(engine, 'queueChanged', ({ model, waiting }) => model === 'slow' && waiting === 0);
    const beside = ask(engine, 'slow', slowInput);
    await begun;
    expect(await ask(engine, 'divide', quotient(lowest, -1n))).toBe('RUN_CRASHED');
    expect(await beside).toBe('answered');
  });

  it('three times in a row makes its model rest, and no other', async () => {
    const engine = await startEngine({ divide: { model: divide() }, net });
    for (let death = 0; death < 3; death++)
      expect(await ask(engine, 'divide', quotient(lowest, -1n))).toBe('RUN_CRASHED');
    await modelsAre(engine, () => engine.models()[0]!.state === 'RESTING');
    expect(engine.models()[0]!.reason).toContain('RUN_CRASHED: ');
    expect(await ask(engine, 'divide', quotient(1n, 1n))).toBe('MODEL_NOT_READY');
    expect(await ask(engine, 'net', good)).toBe('answered');
  });

  it('blames no load that goes on meanwhile', async () => {
    const repository = repositoryOf({ divide: { model: divide() }, net });
    const engine = await startEngine(repository, { cpuBudget: 2 });
    const large = Object.fromEntries(['a', 'b', 'c'].map((name) => [name, { model: mlp(2048, 2048, 2048, 1) }]));
    writeRepository(repository, large);
    const rescanned = engine.rescan();
    const outcomes: string[] = [];
    for (let death = 0; death < 4; death++) {
      outcomes.push(await ask(engine, 'divide', quotient(lowest, -1n)));
      // Good calls between them keep the model from resting.
      outcomes.push(await ask(engine, 'divide', quotient(6n, 3n)));
    }
    expect(await rescanned).toMatchObject({ loaded: ['a/1', 'b/1', 'c/1'], failed: [] });
    expect(outcomes).toEqual([...Array<string[]>(4).fill(['RUN_CRASHED', 'answered'])].flat());
  });

  it('is not blamed on a call while it is the load of another model', async () => {
    const repository = repositoryOf({ slow: { model: slow(1024, 60) }, net });
    const engine = await startEngine(repository, { cpuBudget: 2 });
    writeRepository(repository, { trap: { model: divideAtLoad() } });
    let isRescanned = false;
    const rescanned = engine.rescan().finally(() => (isRescanned = true));
    const outcomes = new Set<string>();
    const caller = async (): Promise<void> => {
      while (!isRescanned) outcomes.add(await ask(engine, 'slow', slowInput));
    };
    await Promise.all([caller(), caller(), caller()]);
    expect((await rescanned).failed).toMatchObject([{ model: 'trap/1', error: { reason: 'MODEL_LOAD_CRASHED' } }]);
    expect([...outcomes]).toEqual(['answered']);
  });

  it('beside a run without an end is found, and that run holds up nobody', async () => {
    const engine = await startEngine(
      { divide: { model: divide() }, endless: { model: endless() }, slow: { model: slow(1024, 4) } },
      { cpuBudget: 2 },
    );
    const controller = new AbortController();
    const begun = told(engine, 'queueChanged', ({ model, waiting }) => model === 'endless' && waiting === 0);
    const loop = outcomeOf(engine.infer(request('endless', forever(1), { signal: controller.signal })));
    await begun;
    expect(await ask(engine, 'divide', quotient(lowest, -1n))).toBe('RUN_CRASHED');
    expect(await ask(engine, 'slow', slowInput)).toBe('answered');
    controller.abort();
    expect(await loop).toBe('CANCELLED');
  });

  it('leaves calls that wait with their deadlines', async () => {
    const engine = await startEngine({ divide: { model: divide() }, net });
    const died = told(engine, 'laneRestarted');
    const guilty = ask(engine, 'divide', quotient(lowest, -1n));
    await died;
    const controller = new AbortController();
    const waiting = outcomeOf(engine.infer(request('net', good, { signal: controller.signal })));
    controller.abort();
    expect(await waiting).toBe('CANCELLED');
    expect(await guilty).toBe('RUN_CRASHED');
  });
});

describe('memory', () => {
  it('of a run is bounded: a few bytes that ask for gigabytes are refused, and the next call is answered', async () => {
    const engine = await startEngine({ ones: { model: expanding() }, net });
    const count = (elements: number): Parameters<typeof request>[1] => ({ count: int64([1], [elements]) });
    expect(await ask(engine, 'ones', count(2 ** 29))).toBe('RUN_OUT_OF_MEMORY');
    expect(await ask(engine, 'ones', count(10))).toBe('answered');
    expect(await ask(engine, 'net', good)).toBe('answered');
  });
});

describe('a run without an end', () => {
  it('ends when its caller goes; its lane serves on', async () => {
    const engine = await startEngine({ endless: { model: endless() }, net });
    const controller = new AbortController();
    const begun = told(engine, 'queueChanged', ({ model, waiting }) => model === 'endless' && waiting === 0);
    const call = outcomeOf(engine.infer(request('endless', forever(1), { signal: controller.signal })));
    await begun;
    controller.abort();
    expect(await call).toBe('CANCELLED');
    // There is one lane: it answers only once the run has ended.
    expect(await ask(engine, 'net', good)).toBe('answered');
    expect(await ask(engine, 'endless', forever(0))).toBe('answered');
  });

  it('is stopped when it takes longer than a run may, and its caller hears so', async () => {
    const engine = await startEngine({ endless: { model: endless() }, net }, { runTimeoutMs: 300 });
    expect(await ask(engine, 'endless', forever(1))).toBe('RUN_TIMEOUT');
    expect(await ask(engine, 'net', good)).toBe('answered');
    expect(engine.resolve('endless').state).toBe('READY');
  });

  it('does not keep an engine from closing once its caller has gone', async () => {
    const engine = await startEngine({ endless: { model: endless() } });
    const controller = new AbortController();
    const begun = told(engine, 'queueChanged', ({ waiting }) => waiting === 0);
    const call = outcomeOf(engine.infer(request('endless', forever(1), { signal: controller.signal })));
    await begun;
    controller.abort();
    await engine.close();
    expect(await call).toBe('CANCELLED');
  });
});

/** `ones` is as many ones as `count` says, FP32. */
function expanding(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'count', datatype: 'INT64', shape: [1] }],
    outputs: [{ name: 'sum', datatype: 'FP32', shape: [] }],
    nodes: [
      { op: 'Expand', inputs: ['one', 'count'], outputs: ['ones'] },
      { op: 'ReduceSum', inputs: ['ones'], outputs: ['sum'], attributes: [{ name: 'keepdims', int: 0 }] },
    ],
    initializers: [{ name: 'one', datatype: 'FP32', shape: [1], data: Float32Array.of(1) }],
  });
}
