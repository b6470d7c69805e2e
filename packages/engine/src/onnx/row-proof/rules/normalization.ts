import { align, assertFree, assertPure, elementwise, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly } from '../poly';
import { alongAxis, fromAxisOn } from './reduction';
import { fromStart, type Rule } from './rule';

export const layerNormalization: Rule = (node) => {
  const value = node.input(0);
  const weights = node.inputs.slice(1);
  assertFree(...weights);
  const axis = fromStart(node.int('axis', -1), value.rank);
  const result = fromAxisOn(value, axis);
  if (value.hasRows) {
    shapeOf(value);
    for (const weight of weights) if (weight !== undefined) align(node.symbols, [value, weight]);
  }
  const statistics = value.shape?.map((size, index) => (index < axis ? size : Poly.one));
  return [result, ...Array.from({ length: Math.max(0, node.outputCount - 1) }, () => value.changed(statistics))];
};

/** A sum of two operands is normalised along the last axis. */
export const skipNormalization: Rule = (node) => {
  assertFree(...node.inputs.slice(2));
  const sum = elementwise(node.symbols, [node.input(0), node.input(1)]);
  assertPure(sum);
  if (sum.hasRows && (sum.rank === undefined || sum.rows!.axis === sum.rank - 1))
    throw new NotProved('over the row axis');
  const result = sum.recomputed();
  return Array.from({ length: node.outputCount }, () => result);
};

export const batchNormalization: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  if (node.int('training_mode', 0) !== 0 || node.int('is_test') === 0 || node.int('spatial') === 0)
    throw new NotProved('is in training mode: it normalises over the row axis');
  if (Array.from({ length: node.outputCount }, (_, index) => node.hasOutput(index)).filter(Boolean).length > 1)
    throw new NotProved('has outputs of training');
  assertFree(...node.inputs.slice(1));
  if (value.rows !== undefined && (value.rows.axis === 1 || value.rank === 1))
    throw new NotProved('takes rows for channels');
  return value.recomputed();
};

export const meanVarianceNormalization: Rule = (node) => {
  const axes = node.ints('axes') ?? [0, 2, 3];
  axes.forEach((axis) => alongAxis(node.input(0), axis));
  return node.input(0).recomputed();
};
