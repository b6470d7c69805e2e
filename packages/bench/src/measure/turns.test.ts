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

  it.each([
    [1, 3],
    [2, 3],
    [7, 4],
  ])('does so with several turns in each of %i rounds, %i pairs', (rounds, pairsPerRound) => {
    const counted = turnsOf(rounds, pairsPerRound).slice(1);
    expect(counted).toHaveLength(rounds);
    const sides = counted.flat();
    const pairs = sides.flatMap((side, index) => (index % 2 === 0 ? [[side, sides[index + 1]]] : []));
    expect(pairs.length).toBe(rounds * pairsPerRound + ((rounds * pairsPerRound) % 2));
    for (const pair of pairs) expect(new Set(pair).size).toBe(2);
    expect(pairs.filter(([first]) => first === 'numerator')).toHaveLength(pairs.length / 2);
  });

  it('counts what is measured', () => {
    expect(measurementsOf(7, 4)).toBe(64);
    expect(measurementsOf(7)).toBe(18);
    expect(measurementsOf(2)).toBe(6);
  });
});
