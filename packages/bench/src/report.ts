import type { Key, KeyName, KeyResult, Target } from './keys/key';
import type { Machine } from './machine';
import type { Comparison } from './record/comparison';

/** What a ratio is judged to be. `recorded`: it has no target. */
export type Verdict = 'reached' | 'missed' | 'recorded' | 'refused';

/** One key of the report. */
export interface KeyReport extends KeyResult {
  readonly meaning: string;
  readonly target?: Target;
  readonly verdict: Verdict;
  /** Cores that other processes of the machine kept busy while it was measured. */
  readonly othersCores?: number;
  /** Beside the last recorded run, where the key was in it. */
  readonly comparison?: Comparison;
}

/** What the generator reaches against a server that does next to nothing. */
export interface GeneratorCeiling {
  readonly callsPerSecond: number;
  readonly coreShare: number;
  readonly cpuMicrosecondsPerCall: number;
}

/** Everything a run found; with --json this object is what is printed. */
export interface Report {
  readonly machine: Machine;
  readonly node: string;
  readonly commit: string;
  /** ISO 8601, of its end. */
  readonly date: string;
  readonly quick: boolean;
  readonly generator: GeneratorCeiling;
  readonly keys: Readonly<Partial<Record<KeyName, KeyReport>>>;
  /** Why a key could not be measured at all, by its name. */
  readonly failures: Readonly<Partial<Record<KeyName, string>>>;
}

/** Judges a key's result. A refused ratio is never reached or missed. */
export function judge(key: Pick<Key, 'meaning' | 'target'>, result: KeyResult): KeyReport {
  const { meaning, target } = key;
  const verdict = (): Verdict => {
    if (result.refusals.length > 0) return 'refused';
    if (target === undefined) return 'recorded';
    return meets(result.ratio.median, target) ? 'reached' : 'missed';
  };
  return { ...result, meaning, ...(target !== undefined && { target }), verdict: verdict() };
}

/** Written so that NaN meets nothing. */
function meets(ratio: number, { value, bound }: Target): boolean {
  return bound === 'atLeast' ? ratio >= value : ratio <= value;
}

/**
 * 0, or 1 where a ratio was refused, its target missed, or a key not measured. A quick run judges no speed: only answers and counts can fail it.
 */
export function exitCodeOf(report: Report): 0 | 1 {
  if (Object.keys(report.failures).length > 0) return 1;
  const failed = Object.values(report.keys).some(({ verdict, refusals }) =>
    report.quick ? refusals.some(({ kind }) => kind === 'answers') : verdict === 'refused' || verdict === 'missed',
  );
  return failed ? 1 : 0;
}
