import { assertFree, assertPure, elementwise, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly, type Term } from '../poly';
import { SymbolicArray } from '../symbolic-array';
import { Value } from '../value';
import { functionOf } from './elementwise';
import { fromStart, type Rule, type RuleNode } from './rule';

const overRows = 'over the row axis';

/** Reductions that shapes are computed with, and the operator that does the same to two elements. */
const pairwise: ReadonlyMap<string, string> = new Map([
  ['ReduceProd', 'Mul'],
  ['ReduceSum', 'Add'],
  ['ReduceMax', 'Max'],
  ['ReduceMin', 'Min'],
]);

export const reduce: Rule = (node) => {
  const value = node.input(0);
  const given = node.axes(1);
  const axes = given === undefined || given.length === 0 ? undefined : given;
  if (axes === undefined && node.int('noop_with_empty_axes', 0) !== 0) return elementwise(node.symbols, [value]);
  const keepsDims = node.int('keepdims', 1) !== 0;
  const total = totalOf(node, value, axes);
  if (total !== undefined) {
    const dims = keepsDims ? value.array!.dims.map(() => 1) : [];
    return Value.known(new SymbolicArray(dims, [total]), value.isFloat);
  }
  assertPure(value);
  const { shape, axis } = reducedShape(value, axes, keepsDims);
  return value.changed(shape, axis, value.isFloat);
};

function totalOf(node: RuleNode, value: Value, axes: readonly number[] | undefined): Term | undefined {
  const operator = pairwise.get(node.operator);
  const compute = operator === undefined ? undefined : functionOf(operator, node.symbols);
  const { array } = value;
  if (compute === undefined || array === undefined || array.size === 0) return undefined;
  if (axes !== undefined && axes.length !== array.dims.length) return undefined;
  return array.elements
    .slice(1)
    .reduce<Term | undefined>(
      (total, element) => (total === undefined ? undefined : compute(value.isFloat, total, element)),
      array.elements[0],
    );
}

function reducedShape(
  value: Value,
  givenAxes: readonly number[] | undefined,
  keepsDims: boolean,
): { shape: readonly Poly[] | undefined; axis: number | undefined } {
  const rowAxis = value.rows?.axis;
  if (value.shape === undefined && rowAxis !== undefined && givenAxes !== undefined && givenAxes.length > 0)
    if (Math.min(...givenAxes) > rowAxis) return { shape: undefined, axis: rowAxis };
  const from = shapeOf(value);
  const axes = new Set((givenAxes ?? from.map((_, axis) => axis)).map((axis) => fromStart(axis, from.length)));
  if (rowAxis !== undefined && axes.has(rowAxis)) throw new NotProved(overRows);
  const shape = from.flatMap((size, axis) => (axes.has(axis) ? (keepsDims ? [Poly.one] : []) : [size]));
  if (rowAxis === undefined || keepsDims) return { shape, axis: rowAxis };
  return { shape, axis: rowAxis - [...axes].filter((axis) => axis < rowAxis).length };
}

export const argument: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  const axis = node.int('axis', 0);
  const result = reducedShape(value, [axis], node.int('keepdims', 1) !== 0);
  const size = value.shape?.[fromStart(axis, value.rank)];
  const bounds = size === undefined ? undefined : ([Poly.zero, size.minus(Poly.one)] as const);
  if (value.rows === undefined) return Value.free(result.shape, { bounds });
  const { outer, inner } = value.rows;
  return Value.rows(result.shape, result.axis!, { outer, inner, bounds });
};

/** Elements of one axis meet each other; sizes stay. @throws NotProved where the rows lie on it */
export function alongAxis(value: Value, axis: number): Value {
  assertPure(value);
  if (value.shape === undefined && !value.hasRows) return value.changed(undefined);
  if (value.rows?.axis === fromStart(axis, value.rank)) throw new NotProved(overRows);
  return value.recomputed();
}

/** All axes from one on meet each other; sizes stay. @throws NotProved where the rows are among them */
export function fromAxisOn(value: Value, axis: number): Value {
  assertPure(value);
  if (value.rows !== undefined && value.rows.axis >= fromStart(axis, value.rank)) throw new NotProved(overRows);
  return value.recomputed();
}

/** Operator set in which Softmax came to be of one axis; before, it took all from `axis` on. */
const opsetOfOneAxis = 13;

export const softmax: Rule = (node) =>
  node.opset >= opsetOfOneAxis
    ? alongAxis(node.input(0), node.int('axis', -1))
    : fromAxisOn(node.input(0), node.int('axis', 1));

/** Operators of one axis, which is the last where the node does not say. */
export const alongAttribute: Rule = (node) => {
  assertFree(...node.inputs.slice(1));
  return alongAxis(node.input(0), node.int('axis', -1));
};

export const cumulate: Rule = (node) => {
  const value = node.input(0);
  assertFree(node.input(1));
  if (!value.hasRows) {
    assertPure(value);
    return Value.free(value.shape);
  }
  const axis = node.input(1).integers?.[0];
  if (axis === undefined) throw new NotProved('has an axis that is not known');
  return alongAxis(value, axis);
};

export const topK: Rule = (node) => {
  const value = node.input(0);
  const from = shapeOf(value);
  const axis = fromStart(node.int('axis', -1), from.length);
  const ranked = alongAxis(value, axis);
  assertFree(node.optional(1));
  const attribute = node.int('k');
  const operand = node.optional(1)?.array?.elements[0];
  const count = attribute !== undefined ? Poly.of(attribute) : operand instanceof Poly ? operand : node.fresh('', 0);
  const result = ranked.changed(from.with(axis, count));
  return [result, result];
};

/** Discrete Fourier transform: along one axis; the last holds real and imaginary parts. */
export const fourierTransform: Rule = (node) => {
  const value = node.input(0);
  assertFree(...node.inputs.slice(1));
  const from = shapeOf(value);
  const operand = node.optional(2);
  const given = operand === undefined ? node.int('axis', node.opset < 20 ? 1 : -2) : operand.integers?.[0];
  if (given === undefined) throw new NotProved('has an axis that is not known');
  const axis = fromStart(given, from.length);
  const result = alongAxis(value, axis);
  if (value.rows?.axis === from.length - 1) throw new NotProved('takes rows for real and imaginary parts');
  return result.changed(from.with(axis, node.fresh('size', 0)).with(-1, node.fresh('parts', 1)));
};
