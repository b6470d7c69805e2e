import type { Ratios, Refusal } from './ratio';
import { spread, type Spread } from './statistics';

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

/** Times two kinds of work in turn, each round in the other order; a first round, which fills the file cache, is not counted. */
export async function measureTimes(
  numerator: TimedWork,
  denominator: TimedWork,
  rounds: number,
  onTimed: (name: string, milliseconds: number) => void,
): Promise<FigureRatio> {
  const above: number[] = [];
  const below: number[] = [];
  const time = async (work: TimedWork, into: number[]): Promise<void> => {
    const milliseconds = await work.milliseconds();
    into.push(milliseconds);
    onTimed(work.name, milliseconds);
  };
  for (let round = 0; round <= rounds; round++) {
    if (round % 2 === 0) await time(numerator, above);
    await time(denominator, below);
    if (round % 2 === 1) await time(numerator, above);
  }
  const [counted, against] = [above.slice(1), below.slice(1)];
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
