import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../engine';
import { fp32, mlp, slow } from '../testing';
import { modelsAre, outcomeOf, request, startEngine, told } from './support';

const model = mlp(2, 1);
const good = fp32([1, 2], [1, 2]);
const exits = fp32([1, 2], [-13, 0]);
const throws = fp32([1, 2], [-14, 0]);
const sessionScript = join(__dirname, 'faulty-session-worker.js');

function infer(engine: Engine, name: string, input: ReturnType<typeof fp32>): Promise<string> {
  return outcomeOf(engine.infer(request(name, { input })));
}

describe('the death of a session lane', () => {
  it.each([
    ['exits', exits],
    ['throws outside of a request', throws],
  ])(
    'case 33: a worker that %s: its calls are answered, it is replaced, waiting ones are served',
    async (_name, deadly) => {
      const engine = await startEngine({ net: { model } }, { sessionScript });
      let restarts = 0;
      engine.observe({ laneRestarted: () => restarts++ });
      const died = told(engine, 'laneRestarted');
      const first = infer(engine, 'net', deadly);
      await died;
      const meanwhile = infer(engine, 'net', good);
      expect(await first).toBe('WORKER_LOST');
      expect(await meanwhile).toBe('answered');
      expect(restarts).toBe(1);
      expect(engine.resolve('net').state).toBe('READY');
    },
  );

  it('case 33: other lanes do not notice', async () => {
    const engine = await startEngine(
      { net: { model }, slow: { model: slow(1024, 60) } },
      { sessionScript, cpuBudget: 2 },
    );
    const busy = infer(engine, 'slow', fp32([1, 1024], new Array<number>(1024).fill(1)));
    expect(await infer(engine, 'net', exits)).toBe('WORKER_LOST');
    expect(await busy).toBe('answered');
  });

  it('case 33: a replaced lane that takes long to load is not mistaken for a stuck one', async () => {
    let stuck = 0;
    const options = { sessionScript, runTimeoutMs: 300, onStuck: () => (stuck += 1) };
    const engine = await startEngine({ first: { model }, heavy: { model } }, options);
    expect(await infer(engine, 'first', exits)).toBe('WORKER_LOST');
    expect(await infer(engine, 'first', good)).toBe('answered');
    expect(await infer(engine, 'heavy', good)).toBe('answered');
    expect(stuck).toBe(0);
  });

  it('case 31: a run that was under way while the process stood still is not mistaken for one that is stuck', async () => {
    let stuck = 0;
    const engine = await startEngine(
      { slow: { model: slow(1024, 60) } },
      { runTimeoutMs: 300, onStuck: () => (stuck += 1) },
    );
    const answer = infer(engine, 'slow', fp32([1, 1024], new Array<number>(1024).fill(1)));
    // The run begins when this turn is over. After one that is held, timers come first.
    for (let turn = 0; turn < 2; turn += 1) await new Promise(setImmediate);
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000);
    expect(await answer).toBe('answered');
    expect(stuck).toBe(0);
  });

  it('case 36: a model that kills three workers in a row rests, the others are served', async () => {
    const engine = await startEngine({ deadly: { model }, net: { model } }, { sessionScript });
    expect(await infer(engine, 'deadly', exits)).toBe('WORKER_LOST');
    expect(await infer(engine, 'net', good)).toBe('answered');
    expect(await infer(engine, 'deadly', exits)).toBe('WORKER_LOST');
    expect(await infer(engine, 'deadly', exits)).toBe('WORKER_CRASHED');
    await modelsAre(engine, () => engine.models()[0]!.state === 'UNAVAILABLE');
    expect(await infer(engine, 'deadly', good)).toBe('MODEL_NOT_READY');
    expect(await infer(engine, 'net', good)).toBe('answered');
  });
});

it('a model that a further lane cannot load is answered by the lanes that have it, also with strict', async () => {
  const problems: string[] = [];
  const silent = (): void => undefined;
  const log = { info: silent, warn: silent, error: (_fields: object, message: string) => problems.push(message) };
  const engine = await startEngine({ once: { model } }, { sessionScript, cpuBudget: 2, strict: true, log });
  await modelsAre(engine, () => problems.length > 0);
  expect(problems).toEqual(['a further lane could not load the model']);
  expect(engine.resolve('once').state).toBe('READY');
  const outcomes = await Promise.all(Array.from({ length: 40 }, () => infer(engine, 'once', good)));
  expect(outcomes).toEqual(new Array<string>(40).fill('answered'));
});

describe('close', () => {
  it('answers what waits and runs, refuses what comes, and may be called twice', async () => {
    const engine = await startEngine({ slow: { model: slow(1024, 20) } });
    const input = fp32([1, 1024], new Array<number>(1024).fill(1));
    const calls = Array.from({ length: 20 }, () => infer(engine, 'slow', input));
    const closed = engine.close();
    expect(await infer(engine, 'slow', input)).toBe('SHUTTING_DOWN');
    await Promise.all([closed, engine.close()]);
    expect(await Promise.all(calls)).toEqual(new Array<string>(20).fill('answered'));
  });

  it('waits for a run whose caller has gone', async () => {
    const engine = await startEngine({ slow: { model: slow(1024, 60) } });
    let runs = 0;
    engine.observe({ batchRan: () => runs++ });
    const controller = new AbortController();
    const begun = told(engine, 'queueChanged', ({ waiting }) => waiting === 0);
    const input = fp32([1, 1024], new Array<number>(1024).fill(1));
    const call = outcomeOf(engine.infer(request('slow', { input }, { signal: controller.signal })));
    await begun;
    controller.abort();
    expect(await call).toBe('CANCELLED');
    await engine.close();
    expect(runs).toBe(1);
  });
});
