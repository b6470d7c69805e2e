import type { Tensors } from '@tributary/contract';
import type { ModelVersion } from '../models/model-version';
import type { InferenceLane, Run, RunEnd, TensorMemory } from '../sessions/session-host';
import { cutAnswers, packInput, packPadded, wholeAnswer, type PackedTensor } from '../tensors/pack-batch';
import type { Entry } from './entry';
import type { ModelQueue } from './model-queue';
import type { BatchCut } from './next-batch';

/** Requests that run together on a lane. */
export interface Batch {
  readonly queue: ModelQueue;
  readonly entries: readonly Entry[];
  readonly rows: number;
  /** Of every row, padding included. */
  readonly length: number;
  readonly cut: BatchCut;
  readonly startedAtMs: number;
  readonly prepareUs: number;
  /** Predicted time of the run; what the model's share was charged in advance. */
  readonly predictedUs: number;
}

/** A run that a load asks for, to try the version before calls come. */
export interface Trial {
  readonly version: ModelVersion;
  readonly inputs: readonly (PackedTensor | undefined)[];
  /** Called exactly once. */
  readonly onEnd: (end: RunEnd) => void;
}

/** A batch, or a trial, on its lane. */
export interface Running {
  readonly lane: InferenceLane;
  readonly run: Run;
  readonly version: ModelVersion;
  /** What it is: a batch or a trial. */
  readonly batch: Batch | undefined;
  readonly trial: Trial | undefined;
  /** Moved on by the time in which the process stood still. */
  startedAtMs: number;
  /** When the run was asked to stop; undefined: it was not. */
  stopAskedAtMs: number | undefined;
  /** Nothing else runs beside it, since it may be what the lanes died of before; false again once it has outlived that. */
  isSuspect: boolean;
}

/**
 * The inputs of all requests, in the model's order. Rows of requests that may be padded become `length` long.
 * @returns undefined where the memory has no room for all of them; then none is taken
 */
export function packBatch(
  { inputs: specs }: ModelVersion,
  entries: readonly Entry[],
  { rows, length }: { readonly rows: number; readonly length: number },
  memory: TensorMemory,
): (PackedTensor | undefined)[] | undefined {
  const isRagged = entries.some((entry) => entry.mayPad && entry.length !== length);
  const packed: (PackedTensor | undefined)[] = [];
  for (let index = 0; index < specs.length; index++) {
    const parts = entries.flatMap((entry) => entry.inputs[index] ?? []);
    // An optional input: such requests run alone, or all leave it out.
    if (parts.length === 0) {
      packed.push(undefined);
      continue;
    }
    const isPadded = isRagged && specs[index]!.shape[1] === -1;
    const input = isPadded ? packPadded(parts, rows, length, memory) : packInput(parts, rows, memory);
    if (input === undefined) {
      for (const taken of packed) if (taken !== undefined) memory.give(taken.bytes);
      return undefined;
    }
    packed.push(input);
  }
  return packed;
}

/**
 * One answer per request, in their order.
 * @throws UncuttableError where an output's first dimension is not the batch
 */
export function cutBatch(
  version: ModelVersion,
  entries: readonly Entry[],
  outputs: readonly PackedTensor[],
): Tensors[] {
  const wanted = entries[0]!.outputs;
  const specs = wanted === undefined ? version.outputs : wanted.map((position) => version.outputs[position]!);
  if (entries.length === 1) return [wholeAnswer(specs, outputs)];
  const rowsOf = entries.map((entry) => entry.rows);
  return cutAnswers(specs, outputs, rowsOf);
}
