import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';
export function probeRows(options: {
  inputs: readonly TensorSpec[];
  outputs: readonly TensorSpec[];
  dimensions: readonly number[];
  budgetMs: number;
  allows(signature: string): Promise<boolean>;
  run(inputs: readonly PackedTensor[]): Promise<readonly PackedTensor[] | undefined>;
}): Promise<string | undefined> {
  void options;
  return Promise.resolve(undefined);
}
