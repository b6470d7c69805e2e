import { describe, expect, it } from '@jest/globals';
import type { Contestant, Measurement } from './contestant';
import { measureRatio, ratioOf } from './ratio';

const calm = { coreShare: 0.4, loopShare: 0.5 };
const round = (perSecond: number, more: Partial<Measurement> = {}): Measurement => ({ perSecond, faults: [], ...more });

describe('ratioOf', () => {
  it('divides round by round, so that a slow minute of the machine touches both sides', () => {
    const result = ratioOf(
      { name: 'ours', rounds: [round(50), round(25), round(110)] },
      { name: 'theirs', rounds: [round(100), round(50), round(200)] },
    );
    expect(result.ratio).toEqual({ median: 0.5, min: 0.5, max: 0.55 });
    expect(result.numerator.perSecond).toEqual({ median: 50, min: 25, max: 110 });
    expect(result.refusals).toEqual([]);
  });

  it('takes medians of latency and of the generator over the rounds, and leaves out what was not measured', () => {
    const latency = (p50Ms: number): Partial<Measurement> => ({
      latency: { p50Ms, p99Ms: p50Ms * 3 },
      generator: calm,
    });
    const result = ratioOf(
      { name: 'ours', rounds: [round(1, latency(2)), round(1, latency(9)), round(1, latency(4))] },
      { name: 'bare', rounds: [round(1), round(1), round(1)] },
    );
    expect(result.numerator).toMatchObject({ p50Ms: 4, p99Ms: 12, generatorCoreShare: 0.4 });
    expect(result.denominator).not.toHaveProperty('p50Ms');
  });

  it('divides latencies where asked to, and has no ratio where there are none', () => {
    const at = (p50Ms: number): Measurement => round(1000, { latency: { p50Ms, p99Ms: 9 } });
    const sides = (...above: Measurement[]) =>
      ratioOf({ name: 'on', rounds: above }, { name: 'off', rounds: above.map(() => at(2)) }, 'p50Ms');
    expect(sides(at(3), at(2), at(5)).ratio).toEqual({ median: 1.5, min: 1, max: 2.5 });
    expect(sides(round(1000)).ratio.median).toBeNaN();
  });

  it('refuses where the generator was the limit of either side, by its core or by its loop', () => {
    const busyCore = round(1, { generator: { coreShare: 0.86, loopShare: 0.5 } });
    const busyLoop = round(1, { generator: { coreShare: 0.5, loopShare: 0.96 } });
    const fine = round(1, { generator: calm });
    const sides = (above: Measurement, below: Measurement) =>
      ratioOf({ name: 'ours', rounds: [above] }, { name: 'theirs', rounds: [below] }).refusals;
    expect(sides(fine, fine)).toEqual([]);
    expect(sides(busyCore, fine)[0]).toMatchObject({ kind: 'load' });
    expect(sides(busyCore, fine)[0]!.text).toMatch(/limit of ours: it used 86 % of a core/);
    expect(sides(fine, busyLoop)[0]!.text).toMatch(/limit of theirs/);
  });

  it('does not refuse for one busy round of three', () => {
    const busy = round(1, { generator: { coreShare: 0.99, loopShare: 1 } });
    const fine = round(1, { generator: calm });
    const result = ratioOf({ name: 'a', rounds: [fine, busy, fine] }, { name: 'b', rounds: [fine, fine, fine] });
    expect(result.refusals).toEqual([]);
  });

  it('refuses for a fault of a single round, and says each fault once', () => {
    const faulty = round(1, { faults: ['2 wrong answers'] });
    const result = ratioOf(
      { name: 'a', rounds: [faulty, faulty, round(1)] },
      { name: 'b', rounds: [round(1), round(1), round(1)] },
    );
    expect(result.refusals).toEqual([{ kind: 'answers', text: 'a: 2 wrong answers' }]);
  });
});

describe('ratioOf by p99', () => {
  it('divides the latency that 99 in a hundred calls did not exceed', () => {
    const at = (p99Ms: number): Measurement => round(1000, { latency: { p50Ms: 1, p99Ms } });
    const result = ratioOf({ name: 'mixed', rounds: [at(6)] }, { name: 'alone', rounds: [at(4)] }, 'p99Ms');
    expect(result.ratio.median).toBe(1.5);
  });
});

describe('measureRatio', () => {
  const rates = { a: [1, 3, 6, 6, 12], b: [100, 4, 8, 10, 14] };
  const measure = async (faultOfFirst: string[]) => {
    const order: string[] = [];
    const side = (name: 'a' | 'b'): Contestant => ({
      name,
      measure: () => {
        const turn = order.filter((measured) => measured === name).length;
        order.push(name);
        const faults = name === 'a' && turn === 0 ? faultOfFirst : [];
        return Promise.resolve(round(rates[name][turn]!, { faults }));
      },
    });
    const told: string[] = [];
    const plan = { rounds: 3, window: { warmUpMs: 0, windowMs: 1 } };
    const result = await measureRatio(side('a'), side('b'), plan, (name) => told.push(name));
    return { order, told, result };
  };

  it('measures in turn, each round in the other order and an odd last one in both, and does not count a first one', async () => {
    const { order, told, result } = await measure([]);
    expect(order).toEqual(['a', 'b', 'b', 'a', 'a', 'b', 'b', 'a', 'a', 'b']);
    expect(told).toEqual(order);
    // The last is 6 and 12 over 10 and 14: the mean of each side.
    expect(result.ratios).toEqual([0.75, 0.75, 0.75]);
    expect(result.refusals).toEqual([]);
  });

  it('refuses for wrong answers in the round that is not counted, too', async () => {
    const { result } = await measure(['wrong answers']);
    expect(result.refusals).toEqual([{ kind: 'answers', text: 'a: wrong answers' }]);
  });
});
