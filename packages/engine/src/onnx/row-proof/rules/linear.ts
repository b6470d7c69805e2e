import { align, assertFree, assertPure, elementwise, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly } from '../poly';
import { areFoldedAlike, Value } from '../value';
import type { Rule, RuleNode } from './rule';

const multipliedOverRows = 'multiplies over the row axis';

export const matMul: Rule = (node) => {
  assertFree(...node.inputs.slice(2));
  return product(node, node.input(0), node.input(1));
};

/** Whole numbers: scales and zero points follow the operands. */
export const integerMatMul: Rule = (node) => {
  assertFree(...node.inputs.slice(2));
  assertOneEach(
    node.input(0),
    node.operator === 'MatMulInteger' ? [node.optional(2)] : [node.optional(2), node.optional(4)],
  );
  return product(node, node.input(0), node.input(1));
};

/** A scale and a zero point after each operand, and those of the result. */
export const quantizedMatMul: Rule = (node) => {
  assertFree(...node.inputs.filter((_, index) => index !== 0 && index !== 3));
  assertOneEach(node.input(0), [node.optional(1), node.optional(2), node.optional(6), node.optional(7)]);
  return product(node, node.input(0), node.input(3));
};

/** Scales of what holds rows must be of one element: there may be one for each line of the left operand. */
function assertOneEach(left: Value, scales: readonly (Value | undefined)[]): void {
  if (!left.hasRows) return;
  for (const scale of scales) {
    if (scale !== undefined && !shapeOf(scale).every((size) => size.equals(Poly.one)))
      throw new NotProved('has a scale for each row');
  }
}

/** Operands that may be turned before they are multiplied. */
export const fusedMatMul: Rule = (node) => {
  assertFree(...node.inputs.slice(2));
  if (node.int('transBatchA', 0) !== 0 || node.int('transBatchB', 0) !== 0) throw new NotProved('turns batches round');
  const [a, b] = [node.input(0), node.input(1)];
  const isTurned = (name: string): boolean => node.int(name, 0) !== 0;
  return product(node, isTurned('transA') ? turned(a) : a, isTurned('transB') ? turned(b) : b);
};

/** The last two axes exchanged. */
function turned(value: Value): Value {
  const shape = shapeOf(value);
  const rank = shape.length;
  if (rank < 2) throw new NotProved('turns what has fewer than two dimensions');
  const dims = [...shape.slice(0, -2), shape[rank - 1]!, shape[rank - 2]!];
  const axis = value.rows?.axis;
  return value.changed(dims, axis === undefined || axis < rank - 2 ? axis : 2 * rank - 3 - axis);
}

/** Matrices multiplied; all axes before the last two are broadcast. */
function product(node: RuleNode, left: Value, right: Value): Value {
  assertPure(left);
  assertPure(right);
  if (!left.hasRows && !right.hasRows && (left.shape === undefined || right.shape === undefined)) return Value.free();
  const [leftShape, rightShape] = [shapeOf(left), shapeOf(right)];
  const isLeftVector = leftShape.length === 1;
  const isRightVector = rightShape.length === 1;
  if ((isLeftVector && left.hasRows) || (isRightVector && right.hasRows) || leftShape.length * rightShape.length === 0)
    throw new NotProved(multipliedOverRows);
  const a = isLeftVector ? Value.free([Poly.one, ...leftShape]) : left;
  const b = isRightVector ? Value.free([...rightShape, Poly.one]) : right;
  const [rankOfA, rankOfB] = [a.rank!, b.rank!];
  if (a.rows?.axis === rankOfA - 1 || b.rows?.axis === rankOfB - 2) throw new NotProved(multipliedOverRows);
  const isBatchOf = (value: Value): boolean => value.rows !== undefined && value.rows.axis < value.rank! - 2;
  if (a.hasRows && b.hasRows && !(isBatchOf(a) && isBatchOf(b))) throw new NotProved('multiplies rows by rows');
  const batchOf = (value: Value): Value => {
    const dims = [...value.shape!.slice(0, -2), Poly.one, Poly.one];
    return isBatchOf(value) ? value.changed(dims) : Value.free(dims);
  };
  const batch = align(node.symbols, [batchOf(a), batchOf(b)]);
  const dims = [...batch.shape!.slice(0, -2), a.shape![rankOfA - 2]!, b.shape![rankOfB - 1]!];
  let { rows } = batch;
  if (a.rows !== undefined && !isBatchOf(a)) rows = { ...a.rows, axis: dims.length - 2 };
  if (b.rows !== undefined && !isBatchOf(b)) rows = { ...b.rows, axis: dims.length - 1 };
  const kept = dims.flatMap((_, axis) => {
    const isDropped = (isLeftVector && axis === dims.length - 2) || (isRightVector && axis === dims.length - 1);
    return isDropped ? [] : [axis];
  });
  const shape = kept.map((axis) => dims[axis]!);
  if (rows === undefined) return Value.free(shape);
  return Value.rows(shape, kept.indexOf(rows.axis), { outer: rows.outer, inner: rows.inner });
}

export const gemm: Rule = (node) => multipliedAndAdded(node, node.input(0), node.input(1), node.optional(2));

/** Scales and zero points after A and B, and those of the result at the end. */
export const quantizedGemm: Rule = (node) => {
  assertFree(...node.inputs.filter((_, index) => ![0, 3, 6].includes(index)));
  return multipliedAndAdded(node, node.input(0), node.input(3), node.optional(6));
};

function multipliedAndAdded(node: RuleNode, left: Value, right: Value, bias: Value | undefined): Value {
  const isTurned = (name: string): boolean => node.int(name, 0) !== 0;
  assertPure(left);
  assertPure(right);
  let a = left;
  if (a.shape === undefined && a.rows?.axis === 0 && !isTurned('transA')) {
    const { outer, inner } = a.rows;
    a = a.changed([node.symbols.rowCount.times(outer).times(inner), node.fresh('', 0)]);
  }
  const [x, y] = [isTurned('transA') ? turned(a) : a, isTurned('transB') ? turned(right) : right];
  if (shapeOf(x).length !== 2 || shapeOf(y).length !== 2) throw new NotProved('takes matrices of two dimensions');
  const result = product(node, x, y);
  if (bias === undefined) return result;
  assertPure(bias);
  const { rows } = align(node.symbols, [result, bias]);
  if (rows !== undefined && !result.hasRows) throw new NotProved('adds rows to what is the same for all of them');
  return result;
}

/** Weights in blocks of few bits: the operand's last axis is multiplied. */
export const blockedMatMul: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  assertFree(...node.inputs.slice(1));
  const from = shapeOf(value);
  if (value.rows?.axis === from.length - 1) throw new NotProved(multipliedOverRows);
  const width = node.int('N');
  if (width === undefined) throw new NotProved("lacks 'N'");
  return value.changed(from.with(-1, Poly.of(width)));
};

export const einsum: Rule = (node) => {
  const [left, right] = node.text('equation').replaceAll(' ', '').split('->');
  if (left === undefined || right === undefined || `${left}${right}`.includes('.'))
    throw new NotProved('has an equation with dots or without a result');
  const terms = left.split(',');
  const sizes = new Map<string, Poly>();
  const values = terms.map((_, index) => node.input(index));
  let rows: { label: string; value: Value } | undefined;
  for (const [index, value] of values.entries()) {
    assertPure(value);
    const term = terms[index]!;
    const from = shapeOf(value);
    if (term.length !== from.length) throw new NotProved('has an equation of other dimensions');
    for (const [axis, size] of from.entries()) {
      const label = term[axis]!;
      const known = sizes.get(label) ?? Poly.one;
      sizes.set(label, size.variesWithRows ? size : known.variesWithRows ? known : node.symbols.broadcast(known, size));
    }
    if (value.rows === undefined) continue;
    const label = term[value.rows.axis]!;
    if (rows !== undefined && (rows.label !== label || !areFoldedAlike(rows.value.rows, value.rows)))
      throw new NotProved('joins rows with other rows');
    rows = { label, value };
  }
  const dims = right.split('').map((label) => {
    const size = sizes.get(label);
    if (size === undefined) throw new NotProved('has an equation with a label from nowhere');
    return size;
  });
  if (rows === undefined) return Value.free(dims);
  const { label } = rows;
  const count = (text: string): number => text.split(label).length - 1;
  for (const [index, value] of values.entries()) {
    if (count(terms[index]!) > 1 || (!value.hasRows && count(terms[index]!) > 0))
      throw new NotProved('joins rows with what is the same for all of them');
  }
  if (count(right) !== 1) throw new NotProved('sums over the row axis');
  return rows.value.changed(dims, right.indexOf(label));
};

/** Matrices in the last two axes. */
export const lastTwoAxes: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  assertFree(...node.inputs.slice(1));
  const from = shapeOf(value);
  if (value.rows !== undefined && value.rows.axis >= from.length - 2)
    throw new NotProved('takes rows for the side of a matrix');
  return value.changed(node.operator === 'Det' ? from.slice(0, -2) : from);
};

/** Sum of the operands and a bias, which is the same for all rows. */
export const biased: Rule = (node) => {
  assertFree(...node.inputs.slice(1));
  return elementwise(node.symbols, [node.input(0), node.input(1)]);
};
