import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../engine';
import { divide, int64, int64Values } from '../testing';
import { outcomeOf, output, request, startEngine } from './support';

const lowest = -(2n ** 63n);
const calls = 100_000;
/** So many calls end the process that runs them. */
const deaths = 8;

/** Numbers in [0, 1) that look random and are the same in every run. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

async function askFor(
  engine: Engine,
  [dividend, divisor]: readonly [bigint, bigint],
  priority: number,
  signal: AbortSignal,
): Promise<string> {
  const inputs = { a: int64([1], [dividend]), b: int64([1], [divisor]) };
  const call = engine.infer(request('divide', inputs, { signal, priority }));
  const outcome = await outcomeOf(call);
  if (outcome !== 'answered') return outcome;
  const [quotient] = int64Values(output((await call).outputs, 'quotient'));
  return quotient === dividend / divisor ? 'answered' : `the answer of another: ${quotient}`;
}

describe('case 66', () => {
  it('nobody receives the answer of another in 100,000 calls, whatever is cancelled, dies and is run again', async () => {
    const settings = { batching: { maxBatchSize: 16 } };
    const engine = await startEngine({ divide: { model: divide(), settings } }, { cpuBudget: 2 });
    const random = randomSource(7);
    const outcomes = new Map<string, number>();
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < calls) {
        const payload = ++next;
        const controller = new AbortController();
        const isDeadly = payload % (calls / deaths) === 0;
        // The deadly one goes first, so that others of its batch die with it.
        const priority = isDeadly ? 1 : 2 + (payload % 2);
        const operands = isDeadly ? ([lowest, -1n] as const) : ([BigInt(payload) * 3n, 3n] as const);
        const asked = askFor(engine, operands, priority, controller.signal);
        if (!isDeadly && random() < 0.2) setImmediate(() => controller.abort());
        else if (!isDeadly && random() < 0.1) controller.abort();
        const outcome = await asked;
        outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      }
    };
    await Promise.all(Array.from({ length: 128 }, client));
    const known = ['answered', 'CANCELLED', 'RUN_CRASHED'];
    expect([...outcomes.keys()].filter((outcome) => !known.includes(outcome))).toEqual([]);
    expect(outcomes.get('answered')).toBeGreaterThan(calls / 2);
    expect(outcomes.get('CANCELLED')).toBeGreaterThan(calls / 20);
    // The deadly ones, and nobody else.
    expect(outcomes.get('RUN_CRASHED')).toBe(deaths);
    expect([...outcomes.values()].reduce((sum, count) => sum + count, 0)).toBe(calls);
  }, 120_000);
});
