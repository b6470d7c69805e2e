/** Sides of a ratio in the order they are measured. */
export type Side = 'numerator' | 'denominator';

const numeratorFirst: readonly Side[] = ['numerator', 'denominator'];
const denominatorFirst: readonly Side[] = ['denominator', 'numerator'];

/**
 * Who is measured when, round by round; the first round, which is not counted, is ahead of the others. Every pair has the other
 * order, so that who goes first gains nothing by it: a machine that slows down favours the first, one that warms up the second.
 * With an odd number of counted pairs one order would have a pair more, and with it the median: the last round then has one
 * more. A round's figure is the mean of each side.
 */
export function turnsOf(rounds: number, pairsPerRound = 1): readonly (readonly Side[])[] {
  const pairs = Array.from({ length: (rounds + 1) * pairsPerRound }, (_, pair) =>
    pair % 2 === 0 ? numeratorFirst : denominatorFirst,
  );
  if ((rounds * pairsPerRound) % 2 === 1) pairs.push(numeratorFirst);
  return Array.from({ length: rounds + 1 }, (_, round) => {
    const end = round === rounds ? undefined : (round + 1) * pairsPerRound;
    return pairs.slice(round * pairsPerRound, end).flat();
  });
}

/** Measurements of both sides together, the uncounted ones included. */
export function measurementsOf(rounds: number, pairsPerRound = 1): number {
  return turnsOf(rounds, pairsPerRound).flat().length;
}
