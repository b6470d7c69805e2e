import type { Ratios, Refusal } from './ratio';
import { mean, spread, type Spread } from './statistics';
import { turnsOf, type Side } from './turns';

/** One side of a ratio that is no load: a figure a round. */
export type FigureSide = TimedSide | SizedSide;

export interface TimedSide {
  readonly name: string;
  readonly milliseconds: Spread;
}

export interface SizedSide {
  readonly name: string;
  /** Of a million bytes. */
  readonly megabytes: Spread;
}

/** Numerator by denominator, round by round. */
export interface FigureRatio extends Ratios {
  readonly numerator: TimedSide;
  readonly denominator: TimedSide;
}

/** What is timed once a round. Fails where the work was not done right. */
export interface TimedWork {
  readonly name: string;
  milliseconds(): Promise<number>;
}

/** Times two kinds of work in turn (`turnsOf`); a first round, which fills the file cache, is not counted. */
export async function measureTimes(
  numerator: TimedWork,
  denominator: TimedWork,
  rounds: number,
  onTimed: (name: string, milliseconds: number) => void,
): Promise<FigureRatio> {
  const works: Readonly<Record<Side, TimedWork>> = { numerator, denominator };
  const timed: Record<Side, number[]> = { numerator: [], denominator: [] };
  for (const turns of turnsOf(rounds)) {
    const round: Record<Side, number[]> = { numerator: [], denominator: [] };
    for (const side of turns) {
      const milliseconds = await works[side].milliseconds();
      round[side].push(milliseconds);
      onTimed(works[side].name, milliseconds);
    }
    timed.numerator.push(mean(round.numerator));
    timed.denominator.push(mean(round.denominator));
  }
  const [counted, against] = [timed.numerator.slice(1), timed.denominator.slice(1)];
  const ratios = counted.map((milliseconds, round) => milliseconds / against[round]!);
  const refusals: readonly Refusal[] = [];
  return {
    ratios,
    ratio: spread(ratios),
    refusals,
    numerator: { name: numerator.name, milliseconds: spread(counted) },
    denominator: { name: denominator.name, milliseconds: spread(against) },
  };
}
