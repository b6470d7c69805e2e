import { assertFree, assertPure, shapeOf } from '../broadcast';
import { numberOf } from '../arithmetic';
import { NotProved } from '../not-proved';
import { Poly, type Term } from '../poly';
import { SymbolicArray, type Cut } from '../symbolic-array';
import { areFoldedAlike, Value } from '../value';
import { fromStart, type Rule, type RuleNode } from './rule';

/** Longest last axis whose places are followed one by one. */
const maxComponents = 8;
/** Ends beyond this mean "to the end": no size is as large. */
const beyondAllSizes = 1e9;
/** Ends below this mean "from the start", in either number of bits. */
const belowAllSizes = -(2 ** 31);

export const concat: Rule = (node) => joined(node, node.present);

/** Scale and zero point of the result come first; each operand brings its own. */
export const quantizedConcat: Rule = (node) => {
  assertFree(...node.inputs.filter((_, index) => index < 2 || index % 3 !== 2));
  return joined(
    node,
    node.present.filter((_, index) => index % 3 === 2),
  );
};

function joined(node: RuleNode, operands: readonly Value[]): Value {
  let values = operands;
  const first = values[0];
  if (first === undefined) throw new NotProved('joins nothing');
  const rank = shapeOf(first).length;
  if (values.some((value) => shapeOf(value).length !== rank)) throw new NotProved('joins tensors of different rank');
  const axis = fromStart(node.int('axis', 0), rank);
  if (rank === 1 && values.some((value) => value.state === 'shape') && values.every(isShortVector))
    values = values.map((value, index) => withElements(node, value, index));
  const arrays = values.map((value) => value.array);
  if (arrays.every((array) => array !== undefined))
    return Value.known(SymbolicArray.concatenated(arrays, axis), first.isFloat);
  const dims = joinedSizes(values, rank, axis);
  const rows = values.find((value) => value.hasRows)?.rows;
  if (rows === undefined) {
    values.forEach(assertPure);
    return Value.free(dims, { isFloat: first.isFloat, element: commonElement(values) });
  }
  const components = axis === rank - 1 ? joinedComponents(values) : undefined;
  if (values.some((value) => value.state === 'shape')) throw new NotProved('depends on the number of rows');
  if (components === undefined) values.forEach(assertPure);
  if (values.some((value) => value.rows !== undefined && value.rows.axis !== rows.axis))
    throw new NotProved('joins rows that lie on different axes');
  if (axis !== rows.axis) {
    if (values.some((value) => !areFoldedAlike(value.rows, rows)))
      throw new NotProved('joins rows with what is the same for all of them');
    const size = values.find((value) => value.hasRows)!.shape![rows.axis]!;
    const joinedDims = dims.with(rows.axis, size);
    if (values.some((value) => value.state === 'positions')) return Value.positions(joinedDims, rows, { components });
    return Value.rows(joinedDims, rows.axis, { ...rows, components, isFloat: first.isFloat });
  }
  let outer = Poly.zero;
  for (const value of values) {
    assertPure(value);
    if (value.rows === undefined || !value.rows.inner.equals(rows.inner))
      throw new NotProved('joins something to the rows');
    outer = outer.plus(value.rows.outer);
  }
  return Value.rows(dims, axis, { outer, inner: rows.inner });
}

function isShortVector(value: Value): boolean {
  const length = value.shape?.[0]?.constant;
  return value.array !== undefined || (value.state === 'free' && length !== undefined && length <= maxComponents);
}

/** Unknown elements as atoms, so that a shape that holds some keeps the others. */
function withElements(node: RuleNode, value: Value, index: number): Value {
  if (value.array !== undefined) return value;
  const elements = Array.from({ length: value.shape![0]!.constant! }, (_, place) => node.fresh(`${index},${place}`));
  return Value.known(SymbolicArray.vector(elements));
}

function joinedSizes(values: readonly Value[], rank: number, joinedAxis: number): Poly[] {
  return Array.from({ length: rank }, (_, axis) => {
    const sizes = values.map((value) => value.shape![axis]!);
    if (axis === joinedAxis) return Poly.sum(sizes);
    // The runtime passes over operands that are empty, whatever their other sizes are.
    if (!sizes.every((size) => size.equals(sizes[0]) || size.isAtLeast(1)))
      throw new NotProved('joins tensors that may be empty');
    const constants = sizes.map((size) => size.constant).filter((constant) => constant !== undefined);
    if (constants.some((constant) => constant !== constants[0]))
      throw new NotProved('joins tensors of different sizes');
    return constants[0] === undefined ? sizes[0]! : Poly.of(constants[0]);
  });
}

function commonElement(values: readonly Value[]): Term | undefined {
  const [first, ...others] = values.map((value) => value.uniform);
  if (first === undefined) return undefined;
  return others.every((other) => (first instanceof Poly ? first.equals(other) : first === other)) ? first : undefined;
}

function joinedComponents(values: readonly Value[]): (Term | undefined)[] | undefined {
  const lengths = values.map((value) => value.shape!.at(-1)!.constant);
  if (!lengths.every((length) => length !== undefined && length <= maxComponents)) return undefined;
  return values.flatMap(
    (value, index) => value.components ?? Array.from({ length: lengths[index]! }, () => value.uniform),
  );
}

export const split: Rule = (node) => {
  const value = node.input(0);
  const from = shapeOf(value);
  const axis = fromStart(node.int('axis', 0), from.length);
  const sizes = splitSizes(node, from[axis]!);
  const counts = sizes.map((size) => size.constant);
  if (value.array !== undefined && counts.every((count) => count !== undefined)) {
    let start = 0;
    return counts.map((count) => {
      const cut: Cut = { start, step: 1, count };
      start += count;
      return Value.known(value.array!.cut(new Map([[axis, cut]])), value.isFloat);
    });
  }
  return sizes.map((size) => {
    const dims = from.with(axis, size);
    if (value.rows?.axis !== axis) return value.moved(dims, value.rows?.axis);
    const outer = size.dividedBy(node.symbols.rowCount.times(value.rows.inner));
    if (outer === undefined || outer.variesWithRows) throw new NotProved('splits the row axis');
    return value.moved(dims, axis, { outer });
  });
};

function splitSizes(node: RuleNode, whole: Poly): readonly Poly[] {
  const given = node.ints('split');
  if (given !== undefined) return given.map((size) => Poly.of(size));
  const operand = node.optional(1);
  const parts = Array.from({ length: node.outputCount }, (_, index) => index);
  if (operand?.array !== undefined) return node.dimensions(1);
  if (operand !== undefined) {
    assertFree(operand);
    return parts.map((part) => node.fresh(part, 0));
  }
  const count = node.outputCount;
  const even = whole.dividedBy(Poly.of(count));
  if (even !== undefined) return parts.map(() => even);
  if (whole.constant === undefined)
    return parts.map((part) => node.symbols.opaque('part', [whole, Poly.of(count), Poly.of(part)], { least: 0 }));
  const size = Math.ceil(whole.constant / count);
  return parts.map((part) => Poly.of(part < count - 1 ? size : whole.constant! - size * (count - 1)));
}

export const slice: Rule = (node) => {
  const value = node.input(0);
  const cuts = sliceOperands(node);
  if (value.shape === undefined) {
    if (value.state === 'free') return Value.free();
    if (value.state === 'rows' && cuts.every(({ axis }) => axis > value.rows!.axis))
      return value.moved(undefined, value.rows!.axis);
  }
  const from = shapeOf(value);
  const dims = [...from];
  const known = new Map<number, Cut>();
  let isKnown = true;
  for (const { axis: givenAxis, start, end, step } of cuts) {
    const axis = fromStart(givenAxis, from.length);
    const size = from[axis];
    if (size === undefined) throw new NotProved('cuts an axis that is not there');
    if (axis === value.rows?.axis) {
      const isWhole = (end.constant ?? 0) >= beyondAllSizes || end.equals(size);
      if (step !== 1 || !start.equals(Poly.zero) || !isWhole) throw new NotProved('cuts the row axis');
      continue;
    }
    if (size.constant !== undefined && start.constant !== undefined && end.constant !== undefined) {
      const cut = cutOf(size.constant, start.constant, end.constant, step);
      known.set(axis, cut);
      dims[axis] = Poly.of(cut.count);
    } else {
      isKnown = false;
      dims[axis] = slicedSize(node, size, start, end, step);
    }
  }
  const array = isKnown ? value.array?.cut(known) : undefined;
  return value.moved(dims, value.rows?.axis, { array });
};

interface SliceOperand {
  readonly axis: number;
  readonly start: Poly;
  readonly end: Poly;
  readonly step: number;
}

function sliceOperands(node: RuleNode): SliceOperand[] {
  const givenStarts = node.ints('starts');
  if (givenStarts === undefined) {
    for (const operand of node.inputs.slice(1))
      if (operand?.hasRows === true) throw new NotProved('cuts at a place that depends on the rows');
  }
  const starts = givenStarts?.map((start) => Poly.of(start)) ?? node.dimensions(1);
  const ends = node.ints('ends')?.map((end) => Poly.of(end)) ?? node.dimensions(2);
  const axes = node.ints('axes') ?? integersOf(node.optional(3), 'axes');
  const steps = integersOf(node.optional(4), 'steps');
  return starts.map((start, index) => ({
    axis: axes === undefined ? index : axes[index]!,
    start,
    end: ends[index]!,
    step: steps?.[index] ?? 1,
  }));
}

function integersOf(value: Value | undefined, what: string): readonly number[] | undefined {
  if (value === undefined) return undefined;
  if (value.integers === undefined) throw new NotProved(`has ${what} that are not known`);
  return value.integers;
}

/** Places that a slice takes of an axis whose size is known. */
function cutOf(size: number, start: number, end: number, step: number): Cut {
  if (step === 0) throw new NotProved('steps by 0');
  const fit = (place: number, least: number, most: number): number =>
    Math.min(most, Math.max(least, place < 0 ? place + size : place));
  const isForward = step > 0;
  const first = fit(start, 0, isForward ? size : size - 1);
  const last = isForward ? fit(end, 0, size) : fit(end, -1, size - 1);
  return { start: first, step, count: Math.max(0, Math.ceil((last - first) / step)) };
}

/** Size of what a slice takes of an axis that is not a number. */
function slicedSize(node: RuleNode, size: Poly, givenStart: Poly, givenEnd: Poly, step: number): Poly {
  const { symbols } = node;
  const isFromEnd = ({ constant }: Poly): boolean => constant !== undefined && constant < 0 && constant > belowAllSizes;
  const isToEnd = (givenEnd.constant ?? 0) >= beyondAllSizes || givenEnd.equals(size);
  let start = givenStart;
  let end = givenEnd;
  if (isFromEnd(start) && size.plus(start).isAtLeast(0)) start = size.plus(start);
  if (isFromEnd(end) && size.plus(end).least !== undefined) end = size.plus(end);
  if (step === 1 && start.isAtLeast(0)) {
    if (isToEnd || end.equals(size)) {
      const rest = size.minus(start);
      return rest.isAtLeast(0) ? rest : symbols.opaque('max0', [rest], { least: 0 });
    }
    if (size.minus(end).isAtLeast(0) && end.minus(start).isAtLeast(0)) return end.minus(start);
    if (start.equals(Poly.zero) && end.isAtLeast(0))
      return symbols.opaque('min', [end, size], { least: Math.min(end.least!, size.least ?? 0) });
  }
  const isReversed = step === -1 && start.equals(Poly.minusOne) && (numberOf(end) ?? 0) <= belowAllSizes;
  if (isReversed) return size;
  return symbols.opaque('slice', [size, start, end, Poly.of(step)], { least: 0 });
}
