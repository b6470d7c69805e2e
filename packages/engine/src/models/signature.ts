import type { TensorSpec } from '../engine';

/**
 * Sizes of every input beyond the first dimension, by name, that a request signature stands for.
 * @param inputs of the model; those that have a default are left out
 * @param signature as CheckedRequest has it: the sizes of inputs that vary in more than rows, in the order of the inputs
 */
export function signatureOf(inputs: readonly TensorSpec[], signature: string): Map<string, readonly number[]> {
  const parts = signature.split(';');
  const sizes = new Map<string, readonly number[]>();
  let next = 0;
  for (const { name, shape, isOptional } of inputs) {
    if (isOptional === true) continue;
    const rest = shape.slice(1);
    sizes.set(name, rest.includes(-1) ? parts[next++]!.split(',').map(Number) : rest);
  }
  return sizes;
}
