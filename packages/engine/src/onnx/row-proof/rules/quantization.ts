import { assertFree, assertPure, elementwise, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly } from '../poly';
import { Value } from '../value';
import { fromAxisOn } from './reduction';
import { fromStart, type Rule } from './rule';

/** QuantizeLinear and DequantizeLinear: by a scale that is the same for all rows. */
export const quantize: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  assertFree(...node.inputs.slice(1));
  if (value.hasRows) {
    const scales = shapeOf(node.input(1));
    if (node.int('block_size', 0) !== 0 || scales.length > 1) throw new NotProved('has scales in blocks');
    const isOneScale = scales.length === 0 || scales[0]!.equals(Poly.one);
    if (!isOneScale && fromStart(node.int('axis', 1), value.rank) === value.rows!.axis)
      throw new NotProved('has a scale for each row');
  }
  return value.recomputed();
};

export const dynamicQuantize: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  if (value.hasRows) throw new NotProved('takes its scale over all rows');
  return [Value.free(value.shape), Value.free([]), Value.free([])];
};

/** Two operands, a scale and a zero point after each, and those of the result. */
export const quantizedBinary: Rule = (node) => {
  assertFree(...node.inputs.filter((_, index) => index !== 0 && index !== 3));
  return elementwise(node.symbols, [node.input(0), node.input(3)]);
};

export const quantizedUnary: Rule = (node) => {
  assertFree(...node.inputs.slice(1));
  return elementwise(node.symbols, [node.input(0)]);
};

/** A choice between two quantised operands. */
export const quantizedWhere: Rule = (node) => {
  assertFree(...node.inputs.filter((_, index) => ![0, 1, 4].includes(index)));
  return elementwise(node.symbols, [node.input(0), node.input(1), node.input(4)]);
};

export const quantizedSoftmax: Rule = (node) => {
  assertFree(...node.inputs.slice(1));
  // Up to operator set 12 it takes all axes from `axis` on, and which set it follows is an attribute: the stricter rule holds for both.
  return fromAxisOn(node.input(0), node.int('axis', -1));
};
