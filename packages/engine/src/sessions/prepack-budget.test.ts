import { describe, expect, it } from '@jest/globals';
import { PrepackBudget } from './prepack-budget';

describe('PrepackBudget', () => {
  it('is spent by models in their order; one that does not fit leaves it to the next', () => {
    const budget = new PrepackBudget(64);
    expect(budget.take(1, 40)).toBe(true);
    expect(budget.take(2, 25)).toBe(false);
    expect(budget.take(3, 24)).toBe(true);
    expect(budget.take(4, 1)).toBe(false);
  });

  it('gets back what a released model had, once', () => {
    const budget = new PrepackBudget(64);
    budget.take(1, 40);
    budget.giveBack(1);
    budget.giveBack(1);
    expect(budget.take(2, 65)).toBe(false);
    expect(budget.take(3, 64)).toBe(true);
  });
});
