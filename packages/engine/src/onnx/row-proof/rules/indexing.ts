import { assertFree, assertPure, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly, type Term } from '../poly';
import { areFoldedAlike, Value } from '../value';
import { fromStart, variesWithRows, type Rule, type RuleNode } from './rule';

export const gather: Rule = (node) => gathered(node, node.input(0), node.input(1));

function gathered(node: RuleNode, value: Value, indices: Value): Value {
  const givenAxis = node.int('axis', 0);
  if (value.shape === undefined && indices.state === 'free') {
    if (value.state === 'free') return Value.free();
    if (value.state === 'rows' && givenAxis > value.rows!.axis) {
      // The rows stay where they are, whatever the indices put in the place of a later axis.
      return value.changed(undefined, value.rows!.axis, value.isFloat);
    }
  }
  const from = shapeOf(value);
  const at = shapeOf(indices);
  const axis = fromStart(givenAxis, from.length);
  if (axis >= from.length) throw new NotProved('has an axis that is not there');
  const dims = [...from.slice(0, axis), ...at, ...from.slice(axis + 1)];
  if (value.array !== undefined && indices.integers !== undefined && indices.array !== undefined)
    return Value.known(value.array.taken(indices.integers, indices.array.dims, axis), value.isFloat);
  if (value.rows !== undefined) {
    if (axis === value.rows.axis) {
      if (indices.rows === undefined || !picksOwnRow(value, indices)) throw new NotProved('picks rows');
      return Value.rows(dims, axis + indices.rows.axis, { outer: indices.rows.outer, inner: indices.rows.inner });
    }
    if (indices.hasRows) throw new NotProved('picks from rows by other rows');
    assertFree(indices);
    const rowAxis = value.rows.axis < axis ? value.rows.axis : value.rows.axis - 1 + at.length;
    return value.moved(dims, rowAxis);
  }
  if (indices.rows !== undefined) {
    if (value.state === 'shape') assertPure(value);
    assertPure(indices);
    const { outer, inner } = indices.rows;
    return Value.rows(dims, axis + indices.rows.axis, { outer, inner, isFloat: value.isFloat });
  }
  assertFree(value, indices);
  return Value.free(dims, { isFloat: value.isFloat, element: value.element });
}

/** Whether the indices are inner * #n and a rest in 0..inner-1: places within the row that the index stands in. */
function picksOwnRow({ state, rows }: Value, { base, bounds }: Value): boolean {
  if (rows === undefined || state !== 'rows' || !rows.outer.equals(Poly.one) || bounds === undefined) return false;
  const [least, greatest] = bounds;
  return (
    base?.equals(rows.inner) === true && least.isAtLeast(0) && rows.inner.minus(Poly.one).minus(greatest).isAtLeast(0)
  );
}

export const gatherElements: Rule = (node) => {
  const [value, indices] = [node.input(0), node.input(1)];
  assertPure(value);
  assertPure(indices);
  const axis = fromStart(node.int('axis', 0), shapeOf(value).length);
  const dims = shapeOf(indices);
  if (!value.hasRows && !indices.hasRows) return Value.free(dims);
  const isFromFree = !value.hasRows && indices.rows?.axis === axis;
  const isWithinRow =
    value.rows !== undefined &&
    value.rows.axis !== axis &&
    value.rows.axis === indices.rows?.axis &&
    areFoldedAlike(value.rows, indices.rows);
  if (!isFromFree && !isWithinRow) throw new NotProved('picks elements across rows');
  return indices.changed(dims);
};

export const gatherNd: Rule = (node) => {
  const [value, indices] = [node.input(0), node.input(1)];
  const batchDims = node.int('batch_dims', 0);
  const at = shapeOf(indices);
  const from = shapeOf(value);
  if (value.state === 'shape') assertPure(value);
  const length = at.at(-1)?.constant;
  if (length === undefined) throw new NotProved('picks by indices of unknown length');
  const dims = [...at.slice(0, -1), ...from.slice(batchDims + length)];
  if (value.state === 'free' && indices.state === 'free') return Value.free(dims);
  const indexRows = indices.rows;
  if (indexRows?.axis === at.length - 1) throw new NotProved('takes rows for indices');
  const asIndices = (): Value =>
    Value.rows(dims, indexRows!.axis, { outer: indexRows!.outer, inner: indexRows!.inner });
  if (value.state === 'free' && indices.state === 'rows' && (batchDims === 0 || indexRows!.axis >= batchDims))
    return asIndices();
  if (value.rows === undefined) throw new NotProved('picks elements across rows');
  const { axis } = value.rows;
  if (indices.state === 'rows' && axis === indexRows!.axis && axis < batchDims && areFoldedAlike(value.rows, indexRows))
    return asIndices();
  const isIndexed = batchDims <= axis && axis < batchDims + length;
  if (indexRows !== undefined && indexRows.axis >= batchDims && isIndexed && isUnfolded(value))
    if (namesOwnRow(node, indices, length, axis - batchDims)) return asIndices();
  if (value.state === 'rows' && indices.state === 'free' && axis >= batchDims + length)
    return value.changed(dims, at.length - 1 + axis - batchDims - length);
  throw new NotProved('picks elements across rows');
};

function isUnfolded({ rows }: Value): boolean {
  return rows !== undefined && rows.outer.equals(Poly.one) && rows.inner.equals(Poly.one);
}

/** Whether part `place` of each index is the number of the row that the index stands in, and no other part tells it. */
function namesOwnRow(node: RuleNode, indices: Value, length: number, place: number): boolean {
  const parts: readonly (Term | undefined)[] = indices.components ?? Array.from({ length }, () => indices.uniform);
  const own = parts[place];
  return (
    own instanceof Poly &&
    own.equals(node.symbols.rowPosition) &&
    parts.every((part, index) => index === place || !variesWithRows(part))
  );
}

export const scatterElements: Rule = (node) => {
  const value = node.input(0);
  const operands = [value, node.input(1), node.input(2)];
  if (operands.every(({ state }) => state === 'free')) return Value.free(value.shape);
  operands.forEach(assertPure);
  const axis = fromStart(node.int('axis', 0), shapeOf(value).length);
  const isWithinRow = operands.every(
    ({ rows }) =>
      rows !== undefined && rows.axis === value.rows?.axis && rows.axis !== axis && areFoldedAlike(rows, value.rows),
  );
  if (!isWithinRow) throw new NotProved('puts elements across rows');
  return value.changed(value.shape);
};

export const scatterNd: Rule = (node) => {
  const [value, indices, updates] = [node.input(0), node.input(1), node.input(2)];
  assertPure(value);
  assertPure(updates);
  if ([value, indices, updates].every(({ state }) => state === 'free')) return Value.free(value.shape);
  shapeOf(value);
  shapeOf(updates);
  const at = shapeOf(indices);
  const length = at.at(-1)?.constant;
  const { rows } = value;
  if (rows !== undefined && length !== undefined && updates.rows !== undefined) {
    const areWholeStretches = indices.state === 'free' && rows.axis >= length;
    if (areWholeStretches) {
      const updateAxis = at.length - 1 + rows.axis - length;
      if (updates.rows.axis === updateAxis && areFoldedAlike(updates.rows, rows)) return value.changed(value.shape);
    }
    const namesRow =
      indices.rows !== undefined &&
      indices.rows.axis < at.length - 1 &&
      rows.axis < length &&
      isUnfolded(value) &&
      isUnfolded(indices) &&
      updates.rows.axis === indices.rows.axis &&
      areFoldedAlike(updates.rows, indices.rows);
    if (namesRow && namesOwnRow(node, indices, length, rows.axis)) return value.changed(value.shape);
  }
  throw new NotProved('puts elements across rows');
};

export const compress: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  assertFree(node.input(1));
  const from = shapeOf(value);
  const axis = node.int('axis');
  if (axis === undefined) {
    if (value.hasRows) throw new NotProved('picks rows');
    return Value.free([node.fresh('', 0)]);
  }
  const at = fromStart(axis, from.length);
  if (value.rows?.axis === at) throw new NotProved('picks rows');
  return value.changed(from.with(at, node.fresh('', 0)));
};

export const oneHot: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  assertFree(node.input(1), node.input(2));
  const from = shapeOf(value);
  const axis = fromStart(node.int('axis', -1), from.length + 1);
  const depth = node.input(1).array?.elements[0];
  const size = depth instanceof Poly ? depth : node.fresh('', 0);
  const dims = [...from.slice(0, axis), size, ...from.slice(axis)];
  return value.changed(dims, value.rows && value.rows.axis + (value.rows.axis >= axis ? 1 : 0));
};

/** ONNX-ML's Gather of columns: always the last axis. */
export const arrayFeatureExtractor: Rule = (node) => {
  const [value, indices] = [node.input(0), node.input(1)];
  assertPure(value);
  assertPure(indices);
  const from = shapeOf(value);
  const count = Poly.product(shapeOf(indices));
  if (value.rows !== undefined) {
    assertFree(indices);
    if (value.rows.axis === from.length - 1) throw new NotProved('picks rows');
    return value.changed([...from.slice(0, -1), count]);
  }
  const leading = from.length <= 1 ? [Poly.one] : from.slice(0, -1);
  if (indices.rows === undefined) return Value.free([...leading, count]);
  const { axis, outer, inner } = indices.rows;
  const at = shapeOf(indices);
  // The indices are read as one flat list.
  return Value.rows([...leading, count], leading.length, {
    outer: Poly.product(at.slice(0, axis)).times(outer),
    inner: inner.times(Poly.product(at.slice(axis + 1))),
  });
};

/** Indices into a table that is stored in blocks with scales: the table and its scales must be constants of the graph. */
export const gatherQuantized: Rule = (node) => {
  const [table, indices] = [node.input(0), node.input(1)];
  assertFree(table, ...node.inputs.slice(2));
  assertPure(indices);
  if (!indices.hasRows) return Value.free();
  if (node.int('gather_axis', 0) !== 0) throw new NotProved('picks on an axis whose place is not followed');
  const dims = [
    ...shapeOf(indices),
    ...shapeOf(table)
      .slice(1)
      .map((_, axis) => node.fresh(axis, 0)),
  ];
  return indices.changed(dims);
};
