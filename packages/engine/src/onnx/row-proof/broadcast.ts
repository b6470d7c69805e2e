import { NotProved } from './not-proved';
import { Poly, type Term } from './poly';
import type { Symbols } from './symbols';
import { broadcastDims, SymbolicArray } from './symbolic-array';
import { areFoldedAlike, Value, type Bounds, type RowAxis } from './value';

/** Arithmetic on known elements; undefined where the result is not known. */
export type TermFunction = (isFloat: boolean, ...operands: readonly Term[]) => Term | undefined;

/** @throws NotProved where the elements tell the place of a row, or the number of rows */
export function assertPure(value: Value): void {
  if (value.state === 'positions') throw new NotProved('depends on the position of the row');
  if (value.state === 'shape') throw new NotProved('depends on the number of rows');
}

/** @throws NotProved where an operand that is shared by all rows is not free */
export function assertFree(...values: readonly (Value | undefined)[]): void {
  for (const value of values) {
    if (value === undefined || value.state === 'free') continue;
    throw new NotProved(
      value.hasRows
        ? 'takes an operand from the rows that must be the same for all of them'
        : 'depends on the number of rows',
    );
  }
}

/** Sizes of a value. @throws NotProved where their number is not known */
export function shapeOf(value: Value): readonly Poly[] {
  if (value.shape === undefined) throw new NotProved('has an operand whose number of dimensions is not known');
  return value.shape;
}

/** Shape and place of the rows of what `values` are broadcast to. */
interface Alignment {
  readonly shape: readonly Poly[] | undefined;
  readonly rows: RowAxis | undefined;
}

/**
 * Broadcasting: rows of all operands must lie at one place, and nothing else may have a size there. A symbol may equal N by accident;
 * so only the number 1 is no size.
 */
export function align(symbols: Symbols, values: readonly Value[]): Alignment {
  const withRows = values.filter((value) => value.hasRows);
  const [first] = withRows;
  if (values.some((value) => value.shape === undefined)) {
    if (first === undefined) return { shape: undefined, rows: undefined };
    const others = values.filter((value) => value !== first);
    const areSingle = others.every(
      ({ shape }) => shape !== undefined && shape.length <= 1 && shape.every((size) => size.equals(Poly.one)),
    );
    if (withRows.length > 1 || !areSingle)
      throw new NotProved('has an operand whose number of dimensions is not known');
    return { shape: undefined, rows: first.rows };
  }
  const rank = Math.max(...values.map((value) => value.rank!));
  let rowAxis: number | undefined;
  for (const { rows, rank: ownRank } of withRows) {
    const axis = rank - ownRank! + rows!.axis;
    if ((rowAxis !== undefined && axis !== rowAxis) || !areFoldedAlike(rows, first!.rows))
      throw new NotProved('joins rows with other rows: they lie on different axes');
    rowAxis = axis;
  }
  const shape = Array.from({ length: rank }, () => Poly.one);
  for (const value of values) {
    for (const [index, size] of value.shape!.entries()) {
      const axis = rank - value.rank! + index;
      if (axis !== rowAxis) shape[axis] = symbols.broadcast(shape[axis]!, size);
      else if (value.hasRows) shape[axis] = size;
      else if (!size.equals(Poly.one))
        throw new NotProved(`meets the row axis with a size of ${size.toString()} that is the same for all rows`);
    }
  }
  return { shape, rows: rowAxis === undefined ? undefined : { ...first!.rows!, axis: rowAxis } };
}

/** What an operator makes element by element, with broadcasting. */
export function elementwise(
  symbols: Symbols,
  operands: readonly (Value | undefined)[],
  {
    compute,
    isFloat,
    keepsBounds,
  }: {
    /** Arithmetic on known elements. */
    compute?: TermFunction | undefined;
    /** Default: where an operand is. */
    isFloat?: boolean | undefined;
    /** Operators whose bounds follow from those of their operands. */
    keepsBounds?: 'add' | 'multiply' | 'copy' | undefined;
  } = {},
): Value {
  const values = operands.filter((value) => value !== undefined);
  const isFloatResult = isFloat ?? values.some((value) => value.isFloat);
  const known = compute && computeArray(values, isFloatResult, compute);
  if (known !== undefined) return Value.known(known, isFloatResult);
  const { shape, rows } = align(symbols, values);
  const uniforms = values.map((value) => value.uniform);
  const element = uniforms.every((uniform) => uniform !== undefined)
    ? compute?.(isFloatResult, ...uniforms)
    : undefined;
  let bounds: Bounds | undefined = keepsBounds === 'copy' && !isFloatResult ? values[0]!.bounds : undefined;
  if (
    element === undefined &&
    values.length === 2 &&
    !isFloatResult &&
    keepsBounds !== undefined &&
    keepsBounds !== 'copy'
  ) {
    const sum = combine(values as [Value, Value], keepsBounds);
    bounds = sum.bounds;
    if (sum.base !== undefined && rows !== undefined) return Value.positions(shape, rows, sum);
  }
  if (element === undefined) values.forEach(assertPure);
  if (rows !== undefined)
    return Value.rows(shape, rows.axis, {
      outer: rows.outer,
      inner: rows.inner,
      element,
      isFloat: isFloatResult,
      bounds,
    });
  if (element instanceof Poly && element.variesWithRows) throw new NotProved('depends on the number of rows');
  return Value.free(shape, { element, isFloat: isFloatResult, bounds });
}

function computeArray(values: readonly Value[], isFloat: boolean, compute: TermFunction): SymbolicArray | undefined {
  const arrays = values.map((value) => value.array);
  if (!arrays.every((array) => array !== undefined)) return undefined;
  const dims = broadcastDims(arrays.map((array) => array.dims));
  const wide = dims && arrays.map((array) => array.broadcastTo(dims)!);
  if (wide === undefined) return undefined;
  const elements: Term[] = [];
  for (let index = 0; index < wide[0]!.size; index++) {
    const element = compute(isFloat, ...wide.map((array) => array.elements[index]!));
    if (element === undefined) return undefined;
    elements.push(element);
  }
  return new SymbolicArray(dims!, elements);
}

/** Sum or product of what tells the place of its row (or is bounded) and of something pure. */
function combine(
  [x, y]: [Value, Value],
  operation: 'add' | 'multiply',
): { base: Poly | undefined; bounds: Bounds | undefined } {
  const isInOrder = x.state === 'positions' || (y.state !== 'positions' && x.bounds !== undefined);
  const [a, b] = isInOrder ? [x, y] : [y, x];
  const [limitsOfA, limitsOfB] = [a.limits, b.limits];
  let base: Poly | undefined;
  let bounds: Bounds | undefined;
  if (operation === 'add') {
    base = a.base;
    if (limitsOfA !== undefined && limitsOfB !== undefined)
      bounds = [limitsOfA[0].plus(limitsOfB[0]), limitsOfA[1].plus(limitsOfB[1])];
  } else if (b.uniform instanceof Poly && !b.uniform.variesWithRows && b.uniform.isAtLeast(0)) {
    const factor = b.uniform;
    base = a.base?.times(factor);
    bounds = limitsOfA && [limitsOfA[0].times(factor), limitsOfA[1].times(factor)];
  }
  if (a.state !== 'positions') return { base: undefined, bounds };
  if (base !== undefined) assertPure(b);
  return { base, bounds };
}
