/** Most dimensions of a tensor. */
export const maxRank = 32;

/** Largest dimension and largest number of elements, 2^31 - 1: what a Node buffer of bytes and ONNX Runtime surely hold. */
export const maxElements = 2_147_483_647;

/**
 * Number of elements of a shape; 1 for a scalar.
 * @returns undefined where no tensor can have the shape: a dimension that is negative, no whole number or above 2^31 - 1 (even
 * beside a 0), more than 32 dimensions, or more than 2^31 - 1 elements
 */
export function elementCount(shape: readonly number[]): number | undefined {
  if (shape.length > maxRank) return undefined;
  let count = 1;
  let hasZero = false;
  for (const dimension of shape) {
    if (!Number.isInteger(dimension) || dimension < 0 || dimension > maxElements) return undefined;
    if (dimension === 0) hasZero = true;
    // Below 2^31 x 2^31 = 2^62 a double is not exact, but never falls under the limit again. Zero dimensions are left out, so
    // that [2^31 - 1, 2^31 - 1, 0] is judged by its other dimensions too.
    else count *= dimension;
    if (count > maxElements) return undefined;
  }
  return hasZero ? 0 : count;
}
