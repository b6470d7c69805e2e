import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../engine';
import { fp32, fp32Values, identity } from '../testing';
import { outcomeOf, output, request, startEngine } from './support';

const deadly = -13;
const calls = 100_000;
/** Workers die so many times; each takes the calls of its batch along. */
const deaths = 8;

/** Numbers in [0, 1) that look random and are the same in every run. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function askFor(engine: Engine, payload: number, priority: number, signal: AbortSignal): Promise<string> {
  const input = fp32([1, 2], [payload, payload + 0.5]);
  const call = engine.infer(request('same', { input }, { signal, priority }));
  const outcome = await outcomeOf(call);
  if (outcome !== 'answered') return outcome;
  const values = fp32Values(output((await call).outputs, 'output'));
  return values[0] === payload && values[1] === payload + 0.5 ? 'answered' : `the answer of another: ${values.join()}`;
}

describe('case 66', () => {
  it('nobody receives the answer of another in 100,000 calls, whatever is cancelled, dies and is asked again', async () => {
    const sessionScript = join(__dirname, 'faulty-session-worker.js');
    const settings = { batching: { maxBatchSize: 16 } };
    const models = { same: { model: identity('FP32', ['n', 2]), settings } };
    const engine = await startEngine(models, { sessionScript, cpuBudget: 2 });
    const random = randomSource(7);
    const outcomes = new Map<string, number>();
    let next = 0;
    let retries = 0;
    const client = async (): Promise<void> => {
      while (next < calls) {
        const payload = ++next;
        const controller = new AbortController();
        const isDeadly = payload % (calls / deaths) === 0;
        // The deadly one goes first, so that others of its batch die with it.
        const priority = isDeadly ? 1 : 2 + (payload % 2);
        const ask = (): Promise<string> => askFor(engine, isDeadly ? deadly : payload, priority, controller.signal);
        const first = ask();
        if (random() < 0.2) setImmediate(() => controller.abort());
        else if (random() < 0.1) controller.abort();
        let outcome = await first;
        while (outcome === 'WORKER_LOST' && !isDeadly) {
          retries++;
          outcome = await ask();
        }
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 128 }, client));
    const known = ['answered', 'CANCELLED', 'WORKER_LOST'];
    expect([...outcomes.keys()].filter((outcome) => !known.includes(outcome))).toEqual([]);
    expect(outcomes.get('answered')).toBeGreaterThan(calls / 2);
    expect(outcomes.get('CANCELLED')).toBeGreaterThan(calls / 20);
    // Only the deadly ones are lost for good.
    expect(outcomes.get('WORKER_LOST') ?? 0).toBeLessThanOrEqual(deaths);
    expect(retries).toBeGreaterThan(0);
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(calls);
  }, 120_000);
});
