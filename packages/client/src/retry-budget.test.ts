import { describe, expect, it } from '@jest/globals';
import { createRetryBudget } from './retry-budget';

describe('createRetryBudget', () => {
  it('allows as many retries in a row as its reserve holds', () => {
    const budget = createRetryBudget(3);
    expect([budget.take(), budget.take(), budget.take(), budget.take()]).toEqual([true, true, true, false]);
  });

  it('grows by a tenth of a retry with each success, never above the reserve', () => {
    const budget = createRetryBudget(2);
    for (let i = 0; i < 1_000; i++) budget.succeeded();
    expect([budget.take(), budget.take(), budget.take()]).toEqual([true, true, false]);
    for (let i = 0; i < 11; i++) budget.succeeded();
    expect([budget.take(), budget.take()]).toEqual([true, false]);
  });

  it('case 65: adds less than a fifth to 2,000 calls that all fail', () => {
    const budget = createRetryBudget();
    let retries = 0;
    for (let i = 0; i < 2_000; i++) if (budget.take()) retries += 1;
    expect(retries).toBeGreaterThan(0);
    expect(retries).toBeLessThanOrEqual(400);
  });
});
