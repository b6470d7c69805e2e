import type { Machine } from '../machine';

/** One offered load, as a share of the peak. Medians over the rounds. */
export interface LoadPoint {
  readonly share: number;
  readonly offeredPerSecond: number;
  readonly answersPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rowsPerBatch: number;
}

/** A model under loads from little to more than it can do. */
export interface LoadSweep {
  readonly name: string;
  readonly title: string;
  /** Of the closed loop, median over the rounds. */
  readonly peakPerSecond: number;
  readonly points: readonly LoadPoint[];
}

/** What a process with so many session lanes of a model takes. */
export interface MemoryPoint {
  readonly lanes: number;
  /** Proportional set size after load, in bytes. */
  readonly pssBytes: number;
}

export interface MemorySweep {
  readonly title: string;
  readonly weightBytes: number;
  readonly points: readonly MemoryPoint[];
}

/** Everything that is plotted, with where it comes from. */
export interface Sweep {
  readonly machine: Machine;
  readonly node: string;
  readonly commit: string;
  /** ISO 8601. */
  readonly date: string;
  readonly loads: readonly LoadSweep[];
  readonly memory: MemorySweep;
}
