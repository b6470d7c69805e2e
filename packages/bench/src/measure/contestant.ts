import type { GeneratorUse } from '../load/load-plan';

/** One side of a ratio, measured once a round. */
export interface Contestant {
  readonly name: string;
  measure(window: Window): Promise<Measurement>;
}

/** How long to measure, in milliseconds: what is sent and not timed, then what is timed. */
export interface Window {
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** One side of one round. */
export interface Measurement {
  /** Right answers a second. */
  readonly perSecond: number;
  /** CPU that the side's process and those it started used for an answer, in microseconds; absent where the system does not tell. */
  readonly cpuUsPerAnswer?: number;
  /** Absent where no call was made, as in a bare run. */
  readonly latency?: { readonly p50Ms: number; readonly p99Ms: number };
  /** Absent where no load generator took part. */
  readonly generator?: GeneratorUse;
  /** What makes the figure worthless: wrong answers, failed calls, counts that differ. */
  readonly faults: readonly string[];
}
