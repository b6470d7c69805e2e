import { describe, expect, it } from '@jest/globals';
import { PrepackBudget } from './prepack-budget';

describe('PrepackBudget', () => {
  it('is spent by models in their order; one that does not fit leaves it to the next', () => {
    const budget = new PrepackBudget(64);
    expect(budget.take(40)).toBe(true);
    expect(budget.take(25)).toBe(false);
    expect(budget.take(24)).toBe(true);
    expect(budget.take(1)).toBe(false);
  });
});
