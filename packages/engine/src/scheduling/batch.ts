import type { KeptBuffers, Tensors } from '@tributary/contract';
import type { ServedModel } from '../models/served-model';
import { cutAnswers, packInput, packPadded, wholeAnswer, type PackedTensor } from '../tensors/pack-batch';
import type { Entry } from './entry';
import type { BatchCut } from './next-batch';

/** Requests that run together on a lane. */
export interface Batch {
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

/** The inputs of all requests, in the model's order; of those that may be padded, every row becomes `length` long. */
export function packBatch(
  model: ServedModel,
  entries: readonly Entry[],
  { rows, length }: { readonly rows: number; readonly length: number },
  buffers: KeptBuffers,
): PackedTensor[] {
  const isRagged = entries.some((entry) => entry.mayPad && entry.length !== length);
  return model.inputs.map((spec, index) => {
    const parts = entries.map((entry) => entry.inputs[index]!);
    return isRagged && spec.shape[1] === -1 ? packPadded(parts, rows, length) : packInput(parts, rows, buffers);
  });
}

/**
 * One answer per request, in their order.
 * @throws UncuttableError where an output's first dimension is not the batch
 */
export function cutBatch(model: ServedModel, entries: readonly Entry[], outputs: readonly PackedTensor[]): Tensors[] {
  const wanted = entries[0]!.outputs;
  const specs = wanted === undefined ? model.outputs : wanted.map((position) => model.outputs[position]!);
  if (entries.length === 1) return [wholeAnswer(specs, outputs)];
  const rowsOf = entries.map((entry) => entry.rows);
  return cutAnswers(specs, outputs, rowsOf);
}
