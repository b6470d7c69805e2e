import { describe, expect, it } from '@jest/globals';
import { refusal, type TributaryError } from '@tributary/contract';
import type { Engine, InferHead } from '../engine';
import { fp32, slow } from '../testing';
import { outcomeOf, refusalOf, request, startEngine, told } from './support';

const size = 1024;
const input = fp32([1, size], new Array<number>(size).fill(1));
const settings = { batching: { maxBatchSize: 1 }, maxQueueSize: 4 };
const models = { slow: { model: slow(size, 60), settings } };

/** Starts a call and resolves when it runs; what is asked afterwards waits. */
async function startRun(engine: Engine, signal?: AbortSignal): Promise<{ outcome: Promise<string> }> {
  const begun = told(engine, 'queueChanged', ({ waiting }) => waiting === 0);
  const outcome = outcomeOf(engine.infer(request('slow', { input }, signal === undefined ? {} : { signal })));
  await begun;
  return { outcome };
}

/** Counts what an engine tells of. */
class Counts {
  runs = 0;
  readonly ends = { ok: 0, rejected: 0, cancelled: 0, failed: 0 };
  longestQueue = 0;

  constructor(engine: Engine) {
    engine.observe({
      batchRan: () => this.runs++,
      inferEnded: ({ outcome }) => this.ends[outcome]++,
      queueChanged: ({ waiting }) => {
        this.longestQueue = Math.max(this.longestQueue, waiting);
      },
    });
  }
}

describe('the queue', () => {
  it('case 18: is bounded: what does not fit is refused at the door', async () => {
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const running = await startRun(engine);
    const calls = Array.from({ length: 7 }, () => outcomeOf(engine.infer(request('slow', { input }))));
    const outcomes = await Promise.all(calls);
    expect(outcomes.slice(0, 4)).toEqual(['answered', 'answered', 'answered', 'answered']);
    expect(outcomes.slice(4)).toEqual(['QUEUE_FULL', 'QUEUE_FULL', 'QUEUE_FULL']);
    expect(await running.outcome).toBe('answered');
    expect(counts.longestQueue).toBeLessThanOrEqual(4);
    expect(counts.ends).toEqual({ ok: 5, rejected: 3, cancelled: 0, failed: 0 });
  });

  it('case 18: tells a refused caller when to come again', async () => {
    const engine = await startEngine(models);
    await engine.infer(request('slow', { input }));
    const running = await startRun(engine);
    const waiting = Array.from({ length: 4 }, () => engine.infer(request('slow', { input })));
    const error = await refusalOf(engine.infer(request('slow', { input })));
    expect(error).toMatchObject({ reason: 'QUEUE_FULL', message: 'Exceeds maximum queue size' });
    expect(error.details.retryDelayMs).toBeGreaterThan(0);
    await Promise.all([running.outcome, ...waiting]);
  });

  it('case 19: refuses at the door what would wait beyond its deadline', async () => {
    const engine = await startEngine(models);
    await engine.infer(request('slow', { input }));
    const running = await startRun(engine);
    const waiting = engine.infer(request('slow', { input }));
    const error = await refusalOf(engine.infer(request('slow', { input }, { remainingMs: 0.001 })));
    expect(error.reason).toBe('WAIT_TOO_LONG');
    expect(error.details.retryDelayMs).toBeGreaterThan(0);
    expect(await outcomeOf(engine.infer(request('slow', { input }, { remainingMs: 60_000 })))).toBe('answered');
    await Promise.all([running.outcome, waiting]);
  });

  it('case 19: says before the tensors are read what it would refuse, and nothing where it would not', async () => {
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const ask = (head: Omit<InferHead, 'model'>, model = 'slow'): unknown => {
      try {
        engine.assertRoom({ model, ...head });
        return 'room';
      } catch (error) {
        return (error as TributaryError).reason;
      }
    };
    await engine.infer(request('slow', { input }));
    const running = await startRun(engine);
    expect(ask({ remainingMs: 0.001 })).toBe('room');
    const waiting = [engine.infer(request('slow', { input }))];
    expect(ask({ remainingMs: 0.001 })).toBe('WAIT_TOO_LONG');
    expect(ask({ remainingMs: 0.001, version: '1' })).toBe('WAIT_TOO_LONG');
    expect(ask({ remainingMs: 60_000 })).toBe('room');
    while (waiting.length < 4) waiting.push(engine.infer(request('slow', { input })));
    expect(ask({})).toBe('QUEUE_FULL');
    // `infer` says why.
    expect(ask({}, 'nobody')).toBe('room');
    expect(ask({ version: '7' })).toBe('room');
    await Promise.all([running.outcome, ...waiting]);
    expect(counts.ends).toEqual({ ok: 6, rejected: 3, cancelled: 0, failed: 0 });
  });

  it('case 19: a deadline or queue timeout that passes in the queue ends the call; the model does not run for it', async () => {
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const running = await startRun(engine);
    const controller = new AbortController();
    const late = outcomeOf(engine.infer(request('slow', { input }, { signal: controller.signal })));
    const impatient = outcomeOf(engine.infer(request('slow', { input }, { queueTimeoutUs: 1000 })));
    controller.abort(refusal('DEADLINE_EXCEEDED', {}));
    expect(await late).toBe('DEADLINE_EXCEEDED');
    expect(await impatient).toBe('QUEUE_TIMEOUT');
    await running.outcome;
    expect(counts.runs).toBe(1);
    expect(counts.ends).toEqual({ ok: 1, rejected: 1, cancelled: 1, failed: 0 });
  });

  it('case 20: cancelled requests never run, free their place at once, and every call is counted once', async () => {
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const running = await startRun(engine);
    const controllers = Array.from({ length: 4 }, () => new AbortController());
    const calls = controllers.map(({ signal }) => outcomeOf(engine.infer(request('slow', { input }, { signal }))));
    expect(await outcomeOf(engine.infer(request('slow', { input })))).toBe('QUEUE_FULL');
    controllers[0]!.abort();
    controllers[2]!.abort();
    const inTheirPlace = [engine.infer(request('slow', { input })), engine.infer(request('slow', { input }))].map(
      outcomeOf,
    );
    expect(await Promise.all(calls)).toEqual(['CANCELLED', 'answered', 'CANCELLED', 'answered']);
    expect(await Promise.all(inTheirPlace)).toEqual(['answered', 'answered']);
    await running.outcome;
    expect(counts.runs).toBe(5);
    expect(counts.ends).toEqual({ ok: 5, rejected: 1, cancelled: 2, failed: 0 });
  });

  it('case 18: at three times as many calls as it can answer, answers whom it lets in, in time, and runs nothing else', async () => {
    const models = { slow: { model: slow(512, 20), settings: { maxQueueSize: 64 } } };
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const row = fp32([1, 512], new Array<number>(512).fill(0.1));
    const outcomes = new Map<string, number>();
    let rows = 0;
    let asked = 0;
    const calls: Promise<void>[] = [];
    const ask = async (): Promise<void> => {
      asked++;
      const remainingMs = 300;
      const controller = new AbortController();
      const timer = setTimeout(() => controller.abort(refusal('DEADLINE_EXCEEDED', {})), remainingMs);
      const outcome = await outcomeOf(
        engine.infer(request('slow', { input: row }, { remainingMs, signal: controller.signal })),
      );
      clearTimeout(timer);
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    };
    engine.observe({
      batchRan: (batch) => {
        rows += batch.rows;
        // Three come for each that was served, however fast this machine is.
        if (asked < 3000) for (let call = 0; call < 3 * batch.rows; call++) calls.push(ask());
      },
    });
    for (let call = 0; call < 32; call++) calls.push(ask());
    for (let call = 0; call < calls.length; call++) await calls[call];
    const answered = outcomes.get('answered') ?? 0;
    const refused = (outcomes.get('WAIT_TOO_LONG') ?? 0) + (outcomes.get('QUEUE_FULL') ?? 0);
    const expired = outcomes.get('DEADLINE_EXCEEDED') ?? 0;
    expect(answered + refused + expired).toBe(asked);
    expect(refused).toBeGreaterThan(asked / 3);
    expect(counts.longestQueue).toBeLessThanOrEqual(64);
    // Rows of a caller who is gone go on with their mates: nobody else's rows run for nobody.
    expect(rows).toBeGreaterThanOrEqual(answered);
    expect(rows).toBeLessThanOrEqual(answered + expired);
  });

  it('lets calls of a higher priority go first, and those of equal priority in order', async () => {
    const engine = await startEngine({ slow: { model: slow(size, 20), settings: { batching: { maxBatchSize: 1 } } } });
    const running = await startRun(engine);
    const order: string[] = [];
    const call = async (name: string, priority?: number): Promise<void> => {
      await engine.infer(request('slow', { input }, priority === undefined ? {} : { priority }));
      order.push(name);
    };
    await Promise.all([
      call('last', 3),
      call('usual'),
      call('usual too', 0),
      call('usual as well', 2),
      call('first', 1),
      call('second', 1),
    ]);
    await running.outcome;
    expect(order).toEqual(['first', 'second', 'usual', 'usual too', 'usual as well', 'last']);
  });

  it('lets a call of the lowest priority run although higher ones always wait', async () => {
    const engine = await startEngine({ slow: { model: slow(256, 20), settings: { batching: { maxBatchSize: 1 } } } });
    const row = fp32([1, 256], new Array<number>(256).fill(0.1));
    let isDone = false;
    let urgentCalls = 0;
    const keepAsking = async (): Promise<void> => {
      while (!isDone) {
        urgentCalls++;
        await engine.infer(request('slow', { input: row }, { priority: 1 }));
      }
    };
    const others = Array.from({ length: 8 }, keepAsking);
    await engine.infer(request('slow', { input: row }, { priority: 9 }));
    isDone = true;
    await Promise.all(others);
    // One batch in eight begins with the oldest: of those that came before it, eight are older.
    expect(urgentCalls).toBeLessThan(200);
  });

  it('counts a call once although an observer cancels it while it is told of its end', async () => {
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const controller = new AbortController();
    engine.observe({ inferEnded: () => controller.abort() });
    expect(await outcomeOf(engine.infer(request('slow', { input }, { signal: controller.signal })))).toBe('answered');
    expect(counts.ends).toEqual({ ok: 1, rejected: 0, cancelled: 0, failed: 0 });
    await engine.close();
  });

  it('case 21: a call cancelled while it runs fails at once; its run is stopped, the lane serves on', async () => {
    const engine = await startEngine(models);
    const counts = new Counts(engine);
    const controller = new AbortController();
    const running = await startRun(engine, controller.signal);
    controller.abort();
    expect(await running.outcome).toBe('CANCELLED');
    expect(counts.runs).toBe(0);
    expect(await outcomeOf(engine.infer(request('slow', { input })))).toBe('answered');
    expect(counts.runs).toBe(1);
    expect(counts.ends).toEqual({ ok: 1, rejected: 0, cancelled: 1, failed: 0 });
  });
});
