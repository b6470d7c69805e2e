import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { RunCosts } from './run-costs';

/** Deterministic noise around 1. */
function noise(seed: number, spread: number): number {
  return 1 + spread * Math.sin(seed * 12.9898);
}

describe('RunCosts', () => {
  it('knows nothing before the first run, and then takes a batch for something to try', () => {
    const costs = new RunCosts();
    expect(costs.predictUs(8, 32)).toBe(0);
    costs.learn(1, 1, 1000);
    expect(costs.predictUs(1, 1)).toBeCloseTo(1000, -2);
    expect(costs.predictUs(8, 1)).toBeLessThan(8000);
  });

  it('finds the fixed cost and that of a token from runs of any size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), fc.integer({ min: 50, max: 500 }), (fixedUs, unitUs) => {
        const costs = new RunCosts();
        for (let run = 0; run < 200; run++) {
          const rows = 1 + (run % 5);
          const length = 6 + ((run * 7) % 60);
          costs.learn(rows, length, (fixedUs + unitUs * rows * length) * noise(run, 0.1));
        }
        for (const [rows, length] of [
          [1, 8],
          [1, 40],
          [4, 20],
          [8, 12],
        ] as const) {
          const exactUs = fixedUs + unitUs * rows * length;
          expect(Math.abs(costs.predictUs(rows, length) / exactUs - 1)).toBeLessThan(0.15);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('sees that a batch of a model without fixed cost gains nothing, or loses', () => {
    const costs = new RunCosts();
    for (let run = 0; run < 64; run++) {
      costs.learn(1, 1, 8000);
      costs.learn(8, 1, 70_000);
    }
    expect(costs.predictUs(8, 1)).toBeGreaterThan(0.99 * 8 * costs.predictUs(1, 1));
  });

  it('starts from the costs of a plan', () => {
    const seed = [1, 2, 4, 8].map((rows) => ({ rows, length: 1, runUs: 100 + 10 * rows }));
    const costs = new RunCosts(seed);
    expect(costs.predictUs(6, 1)).toBeGreaterThan(140);
    expect(costs.predictUs(6, 1)).toBeLessThan(180);
  });

  it('is not led astray by outliers', () => {
    const costs = new RunCosts();
    for (let run = 0; run < 100; run++) {
      costs.learn(1, 1, run % 20 === 19 ? 1_000_000 : 1000);
      costs.learn(4, 1, 3000);
    }
    expect(costs.predictUs(1, 1)).toBeLessThan(1300);
  });

  it('heals from a wrong start', () => {
    const costs = new RunCosts([
      { rows: 1, length: 1, runUs: 1000 },
      { rows: 8, length: 1, runUs: 16_000 },
    ]);
    for (let run = 0; run < 60; run++) {
      costs.learn(8, 1, 4000);
      costs.learn(1, 1, 1000);
    }
    expect(costs.predictUs(8, 1)).toBeLessThan(5000);
  });

  it('predicts a finite cost of at least nothing, whatever was measured', () => {
    const runs = fc.record({
      rows: fc.nat(2000),
      length: fc.nat(2 ** 31),
      runUs: fc.double({ min: 0, max: 1e12, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(runs, { maxLength: 60 }), runs, (measured, asked) => {
        const costs = new RunCosts();
        for (const { rows, length, runUs } of measured) costs.learn(rows, length, runUs);
        const predictedUs = costs.predictUs(asked.rows, asked.length);
        expect(Number.isFinite(predictedUs)).toBe(true);
        expect(predictedUs).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});
