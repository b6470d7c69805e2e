import { numberOf, toTerm } from '../arithmetic';
import { assertFree, assertPure, shapeOf } from '../broadcast';
import { NotProved } from '../not-proved';
import { Poly, type Term } from '../poly';
import type { Symbols } from '../symbols';
import { product, SymbolicArray } from '../symbolic-array';
import { Value } from '../value';
import { constantTerm, fromStart, tensorValue, variesWithRows, type Rule, type RuleNode } from './rule';

/** Most elements of a tensor that is filled or expanded with known ones. */
const maxKnownElements = 256;

export const constant: Rule = (node) => {
  for (const name of ['value_int', 'value_float', 'value_ints', 'value_floats', 'value', 'sparse_value']) {
    const attribute = node.attribute(name);
    if (attribute?.kind === 'tensor') return tensorValue(attribute.value);
    if (attribute?.kind === 'int' || attribute?.kind === 'float')
      return Value.known(SymbolicArray.scalar(constantTerm(attribute.value)), attribute.kind === 'float');
    if (attribute?.kind === 'ints' || attribute?.kind === 'floats') {
      const { kind, values, count } = attribute;
      return values === undefined
        ? Value.free([Poly.of(count)], { isFloat: kind === 'floats' })
        : Value.known(SymbolicArray.vector(values.map(constantTerm)), kind === 'floats');
    }
  }
  return Value.free(node.has('value_strings') ? [Poly.of(node.count('value_strings'))] : []);
};

export const shape: Rule = (node) => {
  const sizes = shapeOf(node.input(0));
  sizes.forEach((size) => node.symbols.noteSize(size));
  return Value.known(SymbolicArray.vector(sizes.slice(node.int('start', 0), node.int('end'))));
};

export const size: Rule = (node) => Value.known(SymbolicArray.scalar(Poly.product(shapeOf(node.input(0)))));

export const range: Rule = (node) => {
  const operands = [node.input(0), node.input(1), node.input(2)];
  const terms = operands.map((value) => value.array?.elements[0]);
  if (!terms.every((term) => term !== undefined)) {
    assertFree(...operands);
    return Value.free([node.fresh('', 0)]);
  }
  const [start, limit, step] = terms as [Term, Term, Term];
  const numbers = terms.map(numberOf);
  if (numbers.every((number) => number !== undefined)) return countedRange(numbers, operands);
  if (terms.some(variesWithRows)) {
    const { rowCount, rowPosition } = node.symbols;
    if (isPoly(start, Poly.zero) && isPoly(step, Poly.one) && isPoly(limit, rowCount))
      return Value.rows([rowCount], 0, { element: rowPosition });
    throw new NotProved('counts over the rows');
  }
  if (isPoly(step, Poly.one) && start instanceof Poly && limit instanceof Poly && limit.minus(start).isAtLeast(0))
    return Value.free([limit.minus(start)], { bounds: [start, limit.minus(Poly.one)] });
  return Value.free([node.symbols.opaque('range', terms, { least: 0 })]);
};

function countedRange(numbers: readonly number[], operands: readonly Value[]): Value {
  const [start, limit, step] = numbers as [number, number, number];
  const count = Math.max(0, Math.ceil((limit - start) / step));
  const isFloat = operands.some((value) => value.isFloat);
  if (!Number.isFinite(count)) throw new NotProved('counts without an end');
  if (count > 1024) return Value.free([Poly.of(count)], { isFloat });
  const elements = Array.from({ length: count }, (_, index) => toTerm(start + index * step)!);
  return Value.known(SymbolicArray.vector(elements), isFloat);
}

function isPoly(term: Term, poly: Poly): boolean {
  return poly.equals(term);
}

/** One content over dimensions of which one may hold N. */
function spread(symbols: Symbols, dims: readonly Poly[], element: Term | undefined, isFloat: boolean): Value {
  const varying = dims.flatMap((size, axis) => (size.variesWithRows ? [axis] : []));
  const [axis] = varying;
  if (axis === undefined) return Value.free(dims, { element, isFloat });
  if (varying.length > 1) throw new NotProved('has two sizes that depend on the number of rows');
  const inner = dims[axis]!.dividedBy(symbols.rowCount);
  if (inner === undefined || inner.variesWithRows) throw new NotProved(`makes a size of ${dims[axis]!.toString()}`);
  return Value.rows(dims, axis, { inner, element, isFloat });
}

/** Element types of ConstantOfShape whose content is followed: FLOAT, INT32, INT64, BOOL, DOUBLE. */
const followedTypes = new Set([1, 6, 7, 9, 11]);

export const constantOfShape: Rule = (node) => {
  const dims = node.dimensions(0);
  const attribute = node.attribute('value');
  const tensor = attribute?.kind === 'tensor' ? attribute.value : undefined;
  const isFloat = tensor === undefined || [1, 11].includes(tensor.elementType);
  const value = tensor === undefined ? 0 : followedTypes.has(tensor.elementType) ? tensor.values?.[0] : undefined;
  const element = value === undefined || !Number.isFinite(value) ? undefined : constantTerm(value);
  const sizes = dims.map((dimension) => dimension.constant);
  if (element !== undefined && isSmall(sizes)) return Value.known(SymbolicArray.filled(sizes, element), isFloat);
  return spread(node.symbols, dims, element, isFloat);
};

function isSmall(sizes: readonly (number | undefined)[]): sizes is readonly number[] {
  return sizes.every((known) => known !== undefined && known >= 0) && product(sizes as number[]) <= maxKnownElements;
}

export const expand: Rule = (node) => {
  const value = node.input(0);
  const dims = node.dimensions(1);
  const sizes = dims.map((dimension) => dimension.constant);
  if (value.array !== undefined && isSmall(sizes) && !sizes.includes(0)) {
    const rank = Math.max(sizes.length, value.array.dims.length);
    const wide = Array.from({ length: rank }, (_, axis) =>
      Math.max(value.array!.dims[axis - rank + value.array!.dims.length] ?? 1, sizes[axis - rank + sizes.length] ?? 1),
    );
    const array = isSmall(wide) ? value.array.broadcastTo(wide) : undefined;
    if (array !== undefined) return Value.known(array, value.isFloat);
  }
  if (value.state === 'shape') assertPure(value);
  const rank = Math.max(shapeOf(value).length, dims.length);
  const before = padded(shapeOf(value), rank);
  const after = padded(dims, rank);
  const rowAxis = value.rows && rank - value.rank! + value.rows.axis;
  const result = before.map((from, axis) => {
    const to = after[axis]!;
    if (axis === rowAxis) {
      if (!to.equals(Poly.one) && !to.equals(from)) throw new NotProved(`expands rows to ${to.toString()}`);
      return from;
    }
    if (!to.variesWithRows) return node.symbols.broadcast(from, to);
    if (!from.equals(Poly.one)) throw new NotProved(`expands a size of ${from.toString()} over the rows`);
    return to;
  });
  if (rowAxis !== undefined) return value.moved(result, rowAxis);
  return spread(node.symbols, result, value.uniform, value.isFloat);
};

function padded(dims: readonly Poly[], rank: number): Poly[] {
  return [...Array.from({ length: rank - dims.length }, () => Poly.one), ...dims];
}

export const tile: Rule = (node) => {
  const value = node.input(0);
  assertPure(value);
  const repeats = node.dimensions(1);
  const dims = shapeOf(value).map((dimension, axis) => dimension.times(repeats[axis] ?? Poly.one));
  const varying = repeats.findIndex((repeat) => repeat.variesWithRows);
  if (value.rows !== undefined) {
    if (varying !== -1) throw new NotProved('repeats rows by the number of rows');
    const { axis, outer } = value.rows;
    return value.moved(dims, axis, { outer: outer.times(repeats[axis]!) });
  }
  if (varying === -1) return Value.free(dims, { isFloat: value.isFloat });
  const outer = repeats[varying]!.dividedBy(node.symbols.rowCount);
  if (repeats.filter((repeat) => repeat.variesWithRows).length > 1 || outer === undefined || outer.variesWithRows)
    throw new NotProved('repeats by the number of rows');
  return Value.rows(dims, varying, { outer, inner: shapeOf(value)[varying]! });
};

/**
 * Reshapes to known dimensions. Rows lie in flat places (p * N + n) * after + q. The new axis is the only one with N: outer is what is
 * before it less the sizes before it, inner is the rest. One side is enough, since a run needs the products to be equal.
 */
export function reshapedTo(value: Value, target: readonly Poly[], symbols: Symbols): Value {
  const sizes = target.map((dimension) => dimension.constant);
  if (value.array !== undefined && sizes.every((known) => known !== undefined))
    return Value.known(value.array.reshaped(sizes), value.isFloat);
  const { rows } = value;
  if (rows === undefined) return value.moved(target, undefined);
  const from = shapeOf(value);
  const varying = target.flatMap((dimension, axis) => (dimension.variesWithRows ? [axis] : []));
  const [axis] = varying;
  const refused = new NotProved(`reshapes rows from ${listed(from)} (rows on axis ${rows.axis}) to ${listed(target)}`);
  if (axis === undefined || varying.length > 1) throw refused;
  const before = Poly.product(from.slice(0, rows.axis)).times(rows.outer);
  const after = rows.inner.times(Poly.product(from.slice(rows.axis + 1)));
  const folded = target[axis]!.dividedBy(symbols.rowCount);
  if (folded === undefined || folded.variesWithRows || folded.isWild) throw refused;
  let outer: Poly | undefined;
  let inner: Poly | undefined;
  if (!target.slice(0, axis).some((dimension) => dimension.isWild)) {
    outer = before.dividedBy(Poly.product(target.slice(0, axis)));
    inner = outer && folded.dividedBy(outer);
  }
  if (inner === undefined && !target.slice(axis + 1).some((dimension) => dimension.isWild)) {
    inner = after.dividedBy(Poly.product(target.slice(axis + 1)));
    outer = inner && folded.dividedBy(inner);
  }
  if (outer === undefined || inner === undefined) throw refused;
  return value.moved(target, axis, { outer, inner });
}

function listed(dims: readonly Poly[]): string {
  return `[${dims.map(String).join(', ')}]`;
}

export const reshape: Rule = (node) => {
  const { symbols } = node;
  const value = node.input(0);
  const target = node.dimensions(1);
  if (node.int('allowzero', 0) !== 0) throw new NotProved('takes 0 for a size (allowzero)');
  if (value.shape === undefined) return reshapedUnranked(node, value, target);
  for (const [axis, dimension] of target.entries()) {
    if (dimension.constant !== undefined && dimension.constant < -1) throw new NotProved('has a negative size');
    if (!dimension.equals(Poly.zero)) continue;
    if (axis >= value.shape.length) throw new NotProved('copies a size from an axis that is not there');
    target[axis] = value.shape[axis]!;
  }
  const isUnknown = target.map((dimension) => dimension.equals(Poly.minusOne) || dimension.isWild);
  const known = target.filter((_, axis) => !isUnknown[axis]);
  // The server checks that no computed size is below 1: sizes of zero are never batched.
  known.forEach((dimension) => symbols.noteSize(dimension));
  const unknown = isUnknown.flatMap((is, axis) => (is ? [axis] : []));
  if (unknown.length === 1) {
    const rest = Poly.product(value.shape).dividedBy(Poly.product(known));
    target[unknown[0]!] = rest ?? node.fresh('rest');
  } else {
    for (const axis of unknown) if (!target[axis]!.variesWithRows) target[axis] = node.fresh(axis);
  }
  return reshapedTo(value, target, symbols);
};

function reshapedUnranked(node: RuleNode, value: Value, target: readonly Poly[]): Value {
  const toSize = (dimension: Poly, axis: number): Poly =>
    dimension.isAtLeast(1) && !dimension.isWild ? dimension : node.fresh(axis, 0);
  if (value.state === 'free') return Value.free(target.map(toSize));
  const [first, ...others] = target;
  const keepsRows = first !== undefined && (first.equals(node.symbols.rowCount) || first.equals(Poly.zero));
  const isRestFree = !others.some((dimension) => dimension.variesWithRows || dimension.equals(Poly.zero));
  if (value.state !== 'rows' || !isPlain(value) || !keepsRows || !isRestFree)
    throw new NotProved('has an operand whose number of dimensions is not known');
  return Value.rows([node.symbols.rowCount, ...others.map((dimension, axis) => toSize(dimension, axis + 1))], 0);
}

/** Whether the rows are the first axis, and nothing is folded into it. */
export function isPlain({ rows }: Value): boolean {
  return rows !== undefined && rows.axis === 0 && rows.outer.equals(Poly.one) && rows.inner.equals(Poly.one);
}

export const flatten: Rule = (node) => {
  const value = node.input(0);
  const axis = node.int('axis', 1);
  if (value.shape === undefined && value.state === 'rows' && value.rows?.axis === 0 && axis === 1) {
    const { outer, inner } = value.rows;
    const first = node.symbols.rowCount.times(outer).times(inner);
    return Value.rows([first, node.fresh('', 0)], 0, { outer, inner });
  }
  const from = shapeOf(value);
  const at = fromStart(axis, from.length);
  return reshapedTo(value, [Poly.product(from.slice(0, at)), Poly.product(from.slice(at))], node.symbols);
};

export const squeeze: Rule = (node) => {
  const value = node.input(0);
  let axes = node.axes(1);
  if (value.shape === undefined && value.state === 'rows' && axes !== undefined && axes.length > 0)
    if (Math.min(...axes) > value.rows!.axis) return value.moved(undefined, value.rows!.axis);
  const from = shapeOf(value);
  if (axes === undefined) {
    if (value.hasRows || from.some((dimension) => dimension.constant === undefined))
      throw new NotProved('squeezes whatever is 1');
    axes = from.flatMap((dimension, axis) => (dimension.equals(Poly.one) ? [axis] : []));
  }
  const squeezed = new Set(axes.map((axis) => fromStart(axis, from.length)));
  if (value.rows !== undefined && squeezed.has(value.rows.axis)) throw new NotProved('squeezes the row axis');
  const kept = from.flatMap((_, axis) => (squeezed.has(axis) ? [] : [axis]));
  return value.moved(
    kept.map((axis) => from[axis]!),
    value.rows && kept.indexOf(value.rows.axis),
    { array: value.array?.reshaped(kept.map((axis) => value.array!.dims[axis]!)) },
  );
};

export const unsqueeze: Rule = (node) => {
  const value = node.input(0);
  const from = shapeOf(value);
  const axes = node.axes(1);
  if (axes === undefined) throw new NotProved('has axes that are not known');
  const rank = from.length + axes.length;
  const added = new Set(axes.map((axis) => fromStart(axis, rank)));
  const places = Array.from({ length: rank }, (_, axis) => axis).filter((axis) => !added.has(axis));
  if (places.length !== from.length) throw new NotProved('has axes that do not fit');
  const dims = Array.from({ length: rank }, () => Poly.one);
  for (const [index, axis] of places.entries()) dims[axis] = from[index]!;
  return value.moved(dims, value.rows && places[value.rows.axis], {
    array: value.array?.reshaped(dims.map((dimension) => dimension.constant!)),
  });
};

export const transpose: Rule = (node) => {
  const value = node.input(0);
  const from = shapeOf(value);
  const permutation = node.ints('perm') ?? from.map((_, axis) => from.length - 1 - axis);
  if (permutation.length !== from.length) throw new NotProved('has a permutation of another length');
  return value.moved(
    permutation.map((axis) => from[axis]!),
    value.rows && permutation.indexOf(value.rows.axis),
    { array: value.array?.transposed(permutation) },
  );
};
