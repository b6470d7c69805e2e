/** Sides of a ratio in the order they are measured. */
export type Side = 'numerator' | 'denominator';

const numeratorFirst: readonly Side[] = ['numerator', 'denominator'];
const denominatorFirst: readonly Side[] = ['denominator', 'numerator'];

/**
 * Who is measured when, round by round; the first round, which is not counted, is ahead of the others. Every round has the other
 * order, so that who goes first gains nothing by it: a machine that slows down favours the first, one that warms up the second.
 * With an odd number of counted rounds one order would have a round more, and with it the median: the last round has both
 * orders, and the mean of each side.
 */
export function turnsOf(rounds: number): readonly (readonly Side[])[] {
  const turns = Array.from({ length: rounds + 1 }, (_, round) => (round % 2 === 0 ? numeratorFirst : denominatorFirst));
  if (rounds % 2 === 1) turns[rounds] = [...denominatorFirst, ...numeratorFirst];
  return turns;
}

/** Measurements of both sides together, the uncounted ones included. */
export function measurementsOf(rounds: number): number {
  return turnsOf(rounds).flat().length;
}
