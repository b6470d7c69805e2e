import { describe, expect, it } from '@jest/globals';
import { measurementsOf, turnsOf } from './turns';

describe('turnsOf', () => {
  it.each([1, 2, 3, 4, 7, 8])('lets each side go first as often as the other in %i counted rounds', (rounds) => {
    const counted = turnsOf(rounds).slice(1);
    expect(counted).toHaveLength(rounds);
    const pairs = counted.flatMap((turns) => (turns.length === 2 ? [turns] : [turns.slice(0, 2), turns.slice(2)]));
    const numeratorFirst = pairs.filter(([first]) => first === 'numerator');
    expect(numeratorFirst).toHaveLength(pairs.length / 2);
    for (const pair of pairs) expect(new Set(pair).size).toBe(2);
  });

  it('counts what is measured', () => {
    expect(measurementsOf(7)).toBe(18);
    expect(measurementsOf(2)).toBe(6);
  });
});
