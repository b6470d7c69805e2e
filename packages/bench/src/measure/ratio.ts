import type { Contestant, Measurement, Window } from './contestant';
import { mean, median, spread, type Spread } from './statistics';
import { turnsOf, type Side } from './turns';

/**
 * A generator busier than this may have been the limit: its share of one core, or the share of time its event loop did not
 * wait (which sees a loop that had work while other processes kept the core from it). Median over the rounds of one side.
 */
export const generatorLimit = { coreShare: 0.85, loopShare: 0.95 } as const;

/** What a ratio divides: right answers a second, or the latency that 50 or 99 in a hundred calls did not exceed. */
export type Figure = 'perSecond' | 'p50Ms' | 'p99Ms';

/** How a ratio is measured. */
export interface RatioPlan {
  readonly rounds: number;
  /** Of one measurement. */
  readonly window: Window;
  /** Measurements of each side in a round, 1 if absent: short turns leave less time for the machine to change between them. */
  readonly pairsPerRound?: number;
  /** Answers a second if absent. */
  readonly figure?: Figure;
}

/** One side over all rounds. */
export interface SideResult {
  readonly name: string;
  readonly perSecond: Spread;
  /** CPU of the side's process for an answer, in microseconds: far less at the mercy of what else runs than a rate. */
  readonly cpuUsPerAnswer?: number;
  readonly p50Ms?: number;
  readonly p99Ms?: number;
  /** Medians of the generator's use of its core. */
  readonly generatorCoreShare?: number;
  readonly generatorLoopShare?: number;
}

/** Numerator by denominator, round by round. */
export interface RatioResult extends Ratios {
  readonly numerator: SideResult;
  readonly denominator: SideResult;
}

/** The ratios of some rounds. */
export interface Ratios {
  /** One ratio a round, in order. */
  readonly ratios: readonly number[];
  readonly ratio: Spread;
  /** Why the ratio must not be believed; empty where it may be. */
  readonly refusals: readonly Refusal[];
}

/** `load`: the generator was the limit, which another machine may cure. `answers`: a side did not do its work. */
export interface Refusal {
  readonly kind: 'load' | 'answers';
  readonly text: string;
}

/**
 * Measures two sides in turn (`turnsOf`), so that drift of the machine touches both and the order favours neither. A first round
 * is not counted: code gets compiled and caches filled in it. `onMeasured` is told after every measurement.
 */
export async function measureRatio(
  numerator: Contestant,
  denominator: Contestant,
  plan: RatioPlan,
  onMeasured: (name: string, measurement: Measurement) => void,
): Promise<RatioResult> {
  const sides: Readonly<Record<Side, Contestant>> = { numerator, denominator };
  const measured: Record<Side, Measurement[]> = { numerator: [], denominator: [] };
  for (const turns of turnsOf(plan.rounds, plan.pairsPerRound)) {
    const round: Record<Side, Measurement[]> = { numerator: [], denominator: [] };
    for (const side of turns) {
      const measurement = await sides[side].measure(plan.window);
      round[side].push(measurement);
      onMeasured(sides[side].name, measurement);
    }
    measured.numerator.push(meanOf(round.numerator));
    measured.denominator.push(meanOf(round.denominator));
  }
  const sideOf = (side: Side): SideRounds => ({ name: sides[side].name, rounds: counted(measured[side]) });
  return ratioOf(sideOf('numerator'), sideOf('denominator'), plan.figure);
}

/** What several measurements, at least one, of one side in one round say together. */
export function meanOf(measurements: readonly Measurement[]): Measurement {
  const [only] = measurements;
  if (only === undefined) throw new RangeError('a round needs a measurement');
  if (measurements.length === 1) return only;
  const costs = measurements.flatMap(({ cpuUsPerAnswer }) => cpuUsPerAnswer ?? []);
  const latencies = measurements.flatMap(({ latency }) => latency ?? []);
  const uses = measurements.flatMap(({ generator }) => generator ?? []);
  return {
    perSecond: mean(measurements.map(({ perSecond }) => perSecond)),
    ...(costs.length > 0 && { cpuUsPerAnswer: mean(costs) }),
    ...(latencies.length > 0 && {
      latency: { p50Ms: mean(latencies.map(({ p50Ms }) => p50Ms)), p99Ms: mean(latencies.map(({ p99Ms }) => p99Ms)) },
    }),
    ...(uses.length > 0 && {
      generator: {
        coreShare: mean(uses.map(({ coreShare }) => coreShare)),
        loopShare: mean(uses.map(({ loopShare }) => loopShare)),
      },
    }),
    faults: measurements.flatMap(({ faults }) => faults),
  };
}

/** All but the first; a fault of the first still counts. */
function counted([uncounted, first, ...others]: readonly Measurement[]): Measurement[] {
  if (uncounted === undefined || first === undefined) throw new RangeError('a ratio needs a round');
  return [{ ...first, faults: [...uncounted.faults, ...first.faults] }, ...others];
}

/** The rounds of one side. */
export interface SideRounds {
  readonly name: string;
  readonly rounds: readonly Measurement[];
}

/** What as many rounds of both sides, at least one, say together. */
export function ratioOf(numerator: SideRounds, denominator: SideRounds, figure: Figure = 'perSecond'): RatioResult {
  const ratios = numerator.rounds.map(
    (above, round) => figureOf(above, figure) / figureOf(denominator.rounds[round]!, figure),
  );
  return {
    ratios,
    ratio: spread(ratios),
    numerator: sideResult(numerator),
    denominator: sideResult(denominator),
    refusals: [...refusalsOf(numerator), ...refusalsOf(denominator)],
  };
}

function figureOf({ perSecond, latency }: Measurement, figure: Figure): number {
  return figure === 'perSecond' ? perSecond : (latency?.[figure] ?? Number.NaN);
}

function sideResult({ name, rounds }: SideRounds): SideResult {
  const latencies = rounds.flatMap(({ latency }) => latency ?? []);
  const costs = rounds.flatMap(({ cpuUsPerAnswer }) => cpuUsPerAnswer ?? []);
  const uses = rounds.flatMap(({ generator }) => generator ?? []);
  return {
    name,
    perSecond: spread(rounds.map(({ perSecond }) => perSecond)),
    ...(costs.length > 0 && { cpuUsPerAnswer: median(costs) }),
    ...(latencies.length > 0 && {
      p50Ms: median(latencies.map(({ p50Ms }) => p50Ms)),
      p99Ms: median(latencies.map(({ p99Ms }) => p99Ms)),
    }),
    ...(uses.length > 0 && {
      generatorCoreShare: median(uses.map(({ coreShare }) => coreShare)),
      generatorLoopShare: median(uses.map(({ loopShare }) => loopShare)),
    }),
  };
}

function refusalsOf(side: SideRounds): Refusal[] {
  const refusals: Refusal[] = [];
  const { generatorCoreShare = 0, generatorLoopShare = 0 } = sideResult(side);
  if (generatorCoreShare > generatorLimit.coreShare || generatorLoopShare > generatorLimit.loopShare) {
    refusals.push({
      kind: 'load',
      text:
        `the load generator was the limit of ${side.name}: it used ${percent(generatorCoreShare)} of a core ` +
        `and its loop was busy ${percent(generatorLoopShare)} of the time`,
    });
  }
  for (const fault of new Set(side.rounds.flatMap(({ faults }) => faults))) {
    refusals.push({ kind: 'answers', text: `${side.name}: ${fault}` });
  }
  return refusals;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
