import type { Bench } from '../keys/key';
import type { ScalingOptions } from './scaling-options';

/** One figure. */
export interface ScalingFigure {
  readonly name: string;
  readonly value: number;
  readonly unit: 'us' | 'ms' | 'bytes' | 'KiB' | 'MiB' | 'KiB/s' | 'calls/s' | 'messages' | '% of a core';
}

/** Takes a figure in. */
export type AddFigure = (name: string, value: number, unit: ScalingFigure['unit']) => void;

/** What is measured with processes of its own. Where it fails, the others are measured all the same. */
export interface ScalingPart {
  readonly name: string;
  /** For the progress bar. */
  readonly steps: number;
  measure(bench: Bench, options: ScalingOptions, add: AddFigure): Promise<void>;
}

/** What the servers of a fleet answer. */
export const fleetAnswer = new Uint8Array(64);
