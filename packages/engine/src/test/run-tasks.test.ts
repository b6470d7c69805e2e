import { describe, expect, it } from '@jest/globals';
import { refusal } from '@tributary/contract';
import type { Engine, TaskCall } from '../engine';
import { identity } from '../testing';
import { modelsAre, neverAborted, outcomeOf, RecordingLog, refusalOf, startEngine, told } from './support';

const tasksModule = require.resolve('./toy-tasks');
const model = identity('FP32', ['n', 2]);
const toy = { model, settings: { task: 'toy' } };

function call(method: string, request = '', more: Partial<TaskCall> = {}): TaskCall {
  return { method: `toy.Toy/${method}`, model: 'toy', request: Buffer.from(request), signal: neverAborted(), ...more };
}

async function answersOf(engine: Engine, task: TaskCall): Promise<string[]> {
  const answers: string[] = [];
  await engine.perform(task, (answer) => void answers.push(Buffer.from(answer).toString()));
  return answers;
}

describe('tasks', () => {
  it('answers a call with the bytes of its handler', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    expect(await answersOf(engine, call('Greet', 'world'))).toEqual(['hello world']);
  });

  it('hands options and files of the version folder to the task', async () => {
    const settings = { task: 'toy', options: { greeting: 'from a file' } };
    const engine = await startEngine(
      { toy: { model, settings, files: { '1/greeting.txt': 'good day' } } },
      { tasksModule },
    );
    expect(await answersOf(engine, call('Greet', 'world'))).toEqual(['good day world']);
  });

  it('lets a task ask its model, several times at once, and any other model', async () => {
    const other = { model, settings: { task: 'toy', options: { other: 'toy' } } };
    const engine = await startEngine({ toy, asks: other }, { tasksModule });
    expect(await answersOf(engine, call('Ask', '[1,2]'))).toEqual(['[1,2]']);
    expect(await answersOf(engine, call('AskTwice', '[3,4]'))).toEqual(['[[3,4],[3,4]]']);
    expect(await answersOf(engine, call('AskOther', '[5,6]', { model: 'asks' }))).toEqual(['[5,6]']);
  });

  it('tells a task about models and about where its time went', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    const [info] = await answersOf(engine, call('Describe'));
    expect(JSON.parse(info!)).toMatchObject({ name: 'toy', state: 'READY', batched: true });
    const [answer] = await answersOf(engine, call('Time', '[1,2]'));
    const [, timing] = JSON.parse(answer!) as [unknown, { batchSize: number; inferenceUs: number; prepareUs: number }];
    expect(timing.batchSize).toBe(1);
    expect(timing.inferenceUs).toBeGreaterThan(0);
    expect(timing.prepareUs).toBeGreaterThanOrEqual(0);
  });

  it('may be answered with the same bytes again and again', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    expect(await answersOf(engine, call('Constant'))).toEqual(['always the same']);
    expect(await answersOf(engine, call('Constant'))).toEqual(['always the same']);
  });

  it('counts the wait for a task lane as queue, not as preparation', async () => {
    const engine = await startEngine({ toy }, { tasksModule, maxCallsPerTaskLane: 1 });
    const controller = new AbortController();
    const occupying = outcomeOf(engine.perform(call('Wait', '', { signal: controller.signal }), () => undefined));
    const answer = answersOf(engine, call('Time', '[1,2]'));
    setTimeout(() => controller.abort(), 200);
    const [, timing] = JSON.parse((await answer)[0]!) as [unknown, { queueUs: number; prepareUs: number }];
    expect(await occupying).toBe('CANCELLED');
    expect(timing.queueUs).toBeGreaterThan(190_000);
    expect(timing.prepareUs).toBeLessThan(100_000);
  });

  it('streams answers one by one, the next only when the last was taken', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    const taken: string[] = [];
    let isTaking = false;
    await engine.perform(call('Count', '5'), async (answer) => {
      expect(isTaking).toBe(false);
      isTaking = true;
      await new Promise(setImmediate);
      taken.push(Buffer.from(answer).toString());
      isTaking = false;
    });
    expect(taken).toEqual(['1', '2', '3', '4', '5']);
  });

  it('stops a stream whose caller has gone', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    const controller = new AbortController();
    let answers = 0;
    const endless = engine.perform(call('Count', '1000000000', { signal: controller.signal }), () => {
      if (++answers === 3) controller.abort();
    });
    expect(await outcomeOf(endless)).toBe('CANCELLED');
    expect(answers).toBe(3);
    expect(await answersOf(engine, call('Greet', 'again'))).toEqual(['hello again']);
  });

  it('passes a refusal on as it is, and nothing of any other error', async () => {
    const log = new RecordingLog();
    const engine = await startEngine({ toy }, { tasksModule, log });
    expect(await refusalOf(engine.perform(call('Refuse'), () => undefined))).toMatchObject({
      reason: 'TOY_REFUSED',
      message: 'text 3 is refused',
      details: { field: 'texts[3]' },
    });
    const error = await refusalOf(engine.perform(call('Fail'), () => undefined));
    expect(error).toMatchObject({ reason: 'INTERNAL', message: 'internal error', details: {} });
    const line = log.lines.find((entry) => entry.message === 'a task failed');
    expect(JSON.stringify(line)).toContain('secret of /etc/passwd');
    expect(await outcomeOf(engine.perform(call('FailOddly'), () => undefined))).toBe('INTERNAL');
  });

  it('does not blame the caller for tensors that the task made', async () => {
    const log = new RecordingLog();
    const engine = await startEngine({ toy }, { tasksModule, log });
    expect(await outcomeOf(engine.perform(call('AskWrongly'), () => undefined))).toBe('INTERNAL');
    expect(await outcomeOf(engine.perform(call('AskWithTheSame', '[1,2]'), () => undefined))).toBe('INTERNAL');
    expect(log.lines.filter(({ message }) => message === 'a task asked a model wrongly')).toHaveLength(2);
  });

  it('fails a call with the words of its signal, and tells the handler', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    const controller = new AbortController();
    const ended = told(engine, 'taskEnded', ({ outcome }) => outcome === 'cancelled');
    const waiting = engine.perform(call('Wait', '', { signal: controller.signal }), () => undefined);
    controller.abort(refusal('DEADLINE_EXCEEDED', {}));
    expect(await outcomeOf(waiting)).toBe('DEADLINE_EXCEEDED');
    await ended;
    // The handler ended too: close() would wait for it.
    await engine.close();
  });

  it('gives up a handler that does not end after its caller has gone, and serves on', async () => {
    const log = new RecordingLog();
    const engine = await startEngine({ toy }, { tasksModule, maxCallsPerTaskLane: 1, runTimeoutMs: 500, log });
    const controller = new AbortController();
    const deaf = outcomeOf(engine.perform(call('Never', '', { signal: controller.signal }), () => undefined));
    const next = answersOf(engine, call('Greet', 'next'));
    controller.abort();
    expect(await deaf).toBe('CANCELLED');
    expect(await next).toEqual(['hello next']);
    expect(log.has('error', 'a task did not end')).toBe(true);
    await engine.close();
  });

  it('closes although task code left a timer behind', async () => {
    const engine = await startEngine(
      { toy: { model, settings: { task: 'toy', options: { ticks: true } } } },
      { tasksModule },
    );
    expect(await answersOf(engine, call('Greet', 'world'))).toEqual(['hello world']);
    await engine.close();
  });

  it('closes only after the last answer was taken', async () => {
    const engine = await startEngine({ toy }, { tasksModule });
    const events: string[] = [];
    let take: () => void = () => undefined;
    const handed = new Promise<void>((resolve) => {
      void engine
        .perform(call('Greet', 'world'), () => {
          resolve();
          return new Promise<void>((taken) => (take = taken));
        })
        .then(() => events.push('answered'));
    });
    await handed;
    const closed = engine.close().then(() => events.push('closed'));
    setTimeout(take, 100);
    await closed;
    expect(events).toEqual(['answered', 'closed']);
  });

  it('bounds the calls on a lane and those that wait', async () => {
    const settings = { task: 'toy', maxQueueSize: 2 };
    const engine = await startEngine({ toy: { model, settings } }, { tasksModule, maxCallsPerTaskLane: 1 });
    const controller = new AbortController();
    const wait = (): Promise<string> =>
      outcomeOf(engine.perform(call('Wait', '', { signal: controller.signal }), () => undefined));
    const [running, first, second, refused] = [wait(), wait(), wait(), wait()];
    expect(await refused).toBe('QUEUE_FULL');
    controller.abort();
    expect(await Promise.all([running, first, second])).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
    expect(await answersOf(engine, call('Greet', 'world'))).toEqual(['hello world']);
  });

  it('prepares the next calls while others wait for the model, so that batches fill', async () => {
    const engine = await startEngine({ toy }, { tasksModule, maxCallsPerTaskLane: 1 });
    let largest = 0;
    engine.observe({ batchRan: ({ requests }) => (largest = Math.max(largest, requests)) });
    const calls = Array.from({ length: 64 }, (_, index) => answersOf(engine, call('Ask', `[${index},1]`)));
    expect(await Promise.all(calls)).toEqual(calls.map((_, index) => [`[${index},1]`]));
    expect(largest).toBeGreaterThan(1);
  });

  it('refuses a method that the model does not answer', async () => {
    const engine = await startEngine({ toy, bare: { model } }, { tasksModule });
    expect(await outcomeOf(engine.perform(call('Nope'), () => undefined))).toBe('TASK_UNSUPPORTED');
    expect(await outcomeOf(engine.perform(call('Greet', '', { model: 'bare' }), () => undefined))).toBe(
      'TASK_UNSUPPORTED',
    );
    const without = await startEngine({ toy });
    expect(await outcomeOf(without.perform(call('Greet'), () => undefined))).toBe('TASK_UNSUPPORTED');
  });

  it('knows the default model of a method', async () => {
    const engine = await startEngine({ toy, bare: { model } }, { tasksModule });
    expect(engine.defaultModel('toy.Toy/Greet')).toBe('toy');
    expect(() => engine.defaultModel('toy.Toy/Nope')).toThrow('no model is the default of toy.Toy/Nope');
    const several = await startEngine(
      { a: toy, b: { model, settings: { task: 'toy', default: true } }, c: toy },
      { tasksModule },
    );
    expect(several.defaultModel('toy.Toy/Greet')).toBe('b');
    expect(several.models().map(({ defaultOfTask }) => defaultOfTask)).toEqual([false, true, false]);
  });

  it.each([
    [
      'an unknown task',
      { task: 'other' },
      'MODEL_CONFIG_INVALID: model.json is not valid: task: expected one of toy, got other',
    ],
    [
      'bad options',
      { task: 'toy', options: { greeting: 5 } },
      'MODEL_CONFIG_INVALID: model.json is not valid: options of task toy: greeting: expected a text, got number',
    ],
    [
      'a file outside of its folder',
      { task: 'toy', options: { greeting: 'escape' } },
      "MODEL_FILE_INVALID: ../../../secret.txt cannot be used: it lies outside of the version's folder",
    ],
    [
      'a task that fails to load',
      { task: 'toy', options: { greeting: 'fail to load' } },
      'MODEL_LOAD_FAILED: the model could not be loaded: the code of task toy has a defect that this model brings to light',
    ],
    [
      'a task that fails to warm up',
      { task: 'toy', options: { greeting: 'fail to warm up' } },
      'MODEL_LOAD_FAILED: the model could not be loaded: its warm-up failed: cold',
    ],
    [
      'a task whose other model is missing',
      { task: 'toy', options: { other: 'nope' } },
      "MODEL_LOAD_FAILED: the model could not be loaded: its warm-up failed: Request for unknown model: 'nope' is not found",
    ],
  ])('lists a model with %s with its reason, and serves the others', async (_name, settings, reason) => {
    const engine = await startEngine({ faulty: { model, settings }, toy }, { tasksModule });
    expect(engine.models()).toMatchObject([
      { name: 'faulty', state: 'FAILED', reason },
      { name: 'toy', state: 'READY', reason: '' },
    ]);
    expect(await answersOf(engine, call('Greet', 'world'))).toEqual(['hello world']);
  });

  it('logs once what a task says of its files', async () => {
    const log = new RecordingLog();
    const noted = { model, settings: { task: 'toy', options: { greeting: 'worth a note' } } };
    await startEngine({ noted }, { tasksModule, log, cpuBudget: 4 });
    const lines = log.lines.filter(({ message }) => message === 'a note on its files');
    expect(lines).toEqual([
      { level: 'warn', message: 'a note on its files', fields: { model: 'noted', version: '1' } },
    ]);
  });

  it('starts nothing where the tasks module cannot be loaded', async () => {
    await expect(startEngine({ toy }, { tasksModule: '/nowhere/tasks.js' })).rejects.toThrow('Cannot find module');
  });
});

describe('the death of a task lane', () => {
  it.each(['ThrowOutside', 'Exit'])(
    'case 33: %s: its calls are answered, it is replaced, the next ones are served',
    async (method) => {
      const engine = await startEngine({ toy }, { tasksModule });
      const restarted = told(engine, 'laneRestarted', ({ kind }) => kind === 'task');
      const bystander = engine.perform(call('Never'), () => undefined);
      const culprit = engine.perform(call(method), () => undefined);
      expect(await Promise.all([outcomeOf(bystander), outcomeOf(culprit)])).toEqual(['WORKER_LOST', 'WORKER_LOST']);
      await restarted;
      expect(await answersOf(engine, call('Greet', 'again'))).toEqual(['hello again']);
    },
  );

  it('case 33: a replaced lane is warm before it takes calls', async () => {
    const other = { model, settings: { task: 'toy', options: { other: 'toy' } } };
    const engine = await startEngine({ toy, warms: other }, { tasksModule });
    let inferences = 0;
    engine.observe({ inferEnded: () => inferences++ });
    expect(await outcomeOf(engine.perform(call('Exit'), () => undefined))).toBe('WORKER_LOST');
    expect(await answersOf(engine, call('Greet', 'again', { model: 'warms' }))).toEqual(['hello again']);
    expect(inferences).toBe(1);
  });

  it('case 33: a heap that runs out ends the lane, not the process', async () => {
    const engine = await startEngine({ toy }, { tasksModule, taskLaneHeapMb: 64 });
    expect(await outcomeOf(engine.perform(call('RunOutOfMemory'), () => undefined))).toBe('WORKER_LOST');
    expect(await answersOf(engine, call('Greet', 'again'))).toEqual(['hello again']);
  });

  it('case 33: task code caught in a loop loses its lane, the next calls are served', async () => {
    const engine = await startEngine({ toy }, { tasksModule, runTimeoutMs: 200 });
    expect(await outcomeOf(engine.perform(call('Spin'), () => undefined))).toBe('WORKER_LOST');
    expect(await answersOf(engine, call('Greet', 'again'))).toEqual(['hello again']);
  });

  it('case 36: a model that kills three workers in a row rests for ten seconds, the others are served', async () => {
    const engine = await startEngine({ toy, good: toy }, { tasksModule });
    const outcomes: string[] = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      outcomes.push(await outcomeOf(engine.perform(call('Exit'), () => undefined)));
    }
    expect(outcomes).toEqual(['WORKER_LOST', 'WORKER_LOST', 'WORKER_CRASHED']);
    await modelsAre(engine, () => engine.models()[1]!.state === 'RESTING');
    expect(engine.models()[1]!.reason).toContain('WORKER_CRASHED');
    expect(await outcomeOf(engine.perform(call('Greet'), () => undefined))).toBe('MODEL_NOT_READY');
    expect(await answersOf(engine, call('Greet', 'still', { model: 'good' }))).toEqual(['hello still']);
    await modelsAre(engine, () => engine.models()[1]!.state === 'READY');
    expect(await answersOf(engine, call('Greet', 'again'))).toEqual(['hello again']);
  });
});
