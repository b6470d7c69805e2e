import { NotProved } from './not-proved';
import { Poly, type Term } from './poly';
import type { SymbolicArray } from './symbolic-array';

/**
 * What is known of a value of the graph:
 * - `free`: content and sizes are the same whatever the rows are.
 * - `rows`: one axis has size outer * N * inner, and what lies at index (o * N + n) * inner + i of it depends on row n alone. Batches
 *   that were folded with another axis ([N, S, H] to [N * S, H]) are this, with `inner` or `outer` above 1.
 * - `shape`: whole numbers known as polynomials that hold N.
 * - `positions`: like `rows`, but the elements are base * #n and a rest, where #n is the place of the row in its run.
 * - `mixed`: anything else, with the reason of the first operator.
 */
export type State = 'free' | 'rows' | 'shape' | 'positions' | 'mixed';

/** Why a value is mixed: the first node that could not be proved. */
export interface Objection {
  readonly node: string;
  readonly operator: string;
  /** Continues a sentence that begins with the operator. */
  readonly why: string;
}

/** Least and greatest of something. */
export type Bounds = readonly [least: Poly, greatest: Poly];

/** Where the rows of a value are. */
export interface RowAxis {
  readonly axis: number;
  readonly outer: Poly;
  readonly inner: Poly;
}

interface Content {
  readonly shape?: readonly Poly[] | undefined;
  readonly rows?: RowAxis | undefined;
  readonly array?: SymbolicArray | undefined;
  readonly element?: Term | undefined;
  readonly components?: readonly (Term | undefined)[] | undefined;
  readonly isFloat?: boolean | undefined;
  readonly base?: Poly | undefined;
  readonly bounds?: Bounds | undefined;
}

/** State of one value of the graph. Immutable. */
export class Value {
  readonly state: State;
  /** Sizes; undefined where not even their number is known. */
  readonly shape: readonly Poly[] | undefined;
  /** Where the rows are: of `rows` and `positions`. */
  readonly rows: RowAxis | undefined;
  /** The elements, where all are known: of `free` and `shape`. */
  readonly array: SymbolicArray | undefined;
  /** What every element is, where that is known. */
  readonly element: Term | undefined;
  /** What the elements at each place of the last axis are, where that is known: the parts of an index. */
  readonly components: readonly (Term | undefined)[] | undefined;
  readonly isFloat: boolean;
  /** Of `positions`: the elements are base * #n and a rest. */
  readonly base: Poly | undefined;
  /** Bounds of that rest, or of the elements of what has no base. */
  readonly bounds: Bounds | undefined;
  readonly objection: Objection | undefined;

  private constructor(state: State, content: Content, objection?: Objection) {
    const { shape, rows, array, element, components, isFloat = false } = content;
    let { base, bounds } = content;
    const position = positionOf(element);
    if (position !== undefined) ({ base, bounds } = position);
    this.state = state;
    this.shape = shape;
    this.rows = rows;
    this.array = array;
    this.element = element;
    this.components = components;
    this.isFloat = isFloat;
    this.base = base;
    this.bounds = bounds;
    this.objection = objection;
    if (shape !== undefined) assertSizes(shape, rows?.axis, state);
  }

  /** Content that is the same for all rows. `shape` may be unknown. */
  static free(
    shape?: readonly Poly[],
    content: { isFloat?: boolean | undefined; element?: Term | undefined; bounds?: Bounds | undefined } = {},
  ): Value {
    return new Value('free', { ...content, shape });
  }

  /** Known elements: `shape` where one of them varies with the rows, else `free`. */
  static known(array: SymbolicArray, isFloat = false): Value {
    const varies = array.elements.some((element) => element instanceof Poly && element.variesWithRows);
    return new Value(varies ? 'shape' : 'free', { shape: array.dims.map((size) => Poly.of(size)), array, isFloat });
  }

  /** Rows on an axis; `positions` where the elements vary with the place of the row. */
  static rows(
    shape: readonly Poly[] | undefined,
    axis: number,
    content: Omit<Content, 'shape' | 'rows' | 'array'> & { outer?: Poly; inner?: Poly } = {},
  ): Value {
    const { outer = Poly.one, inner = Poly.one, ...rest } = content;
    const isPosition = rest.element instanceof Poly && rest.element.variesWithRows;
    return new Value(isPosition ? 'positions' : 'rows', { ...rest, shape, rows: { axis, outer, inner } });
  }

  /** Elements that tell the place of their row: base * #n and a rest, or such a one among the parts of an index. */
  static positions(
    shape: readonly Poly[] | undefined,
    rows: RowAxis,
    content: Pick<Content, 'base' | 'bounds' | 'components'>,
  ): Value {
    if (content.base === undefined && content.components === undefined)
      throw new NotProved('depends on the position of the row');
    return new Value('positions', { ...content, shape, rows });
  }

  static mixed(objection: Objection): Value {
    return new Value('mixed', {}, objection);
  }

  get rank(): number | undefined {
    return this.shape?.length;
  }

  get hasRows(): boolean {
    return this.rows !== undefined;
  }

  /** What every element is. */
  get uniform(): Term | undefined {
    return this.element ?? (this.array?.size === 1 ? this.array.elements[0] : undefined);
  }

  /** Bounds of the elements, or of their rest. */
  get limits(): Bounds | undefined {
    if (this.bounds !== undefined) return this.bounds;
    const elements = this.element === undefined ? (this.array?.elements ?? []) : [this.element];
    const polys = elements.filter((element) => element instanceof Poly && !element.variesWithRows);
    if (polys.length === 0 || polys.length < elements.length) return undefined;
    const [first] = polys as Poly[];
    if (polys.length === 1) return [first!, first!];
    const constants = (polys as Poly[]).map((poly) => poly.constant);
    if (constants.includes(undefined)) return undefined;
    return [Poly.of(Math.min(...(constants as number[]))), Poly.of(Math.max(...(constants as number[])))];
  }

  /** Whole numbers, where all are known. */
  get integers(): number[] | undefined {
    const integers = this.array?.elements.map((element) => (element instanceof Poly ? element.constant : element));
    return integers?.every((value) => value !== undefined && Number.isInteger(value))
      ? (integers as number[])
      : undefined;
  }

  /** Tells states apart that a loop must join. */
  get key(): string {
    const { state, shape, rows, array, element, isFloat, base, bounds } = this;
    const text = (term: Term | undefined): string => (term instanceof Poly ? term.key : String(term));
    return JSON.stringify([
      state,
      shape?.map(text),
      rows && [rows.axis, rows.outer.key, rows.inner.key],
      array && [array.dims, array.elements.map(text)],
      text(element),
      isFloat,
      text(base),
      bounds?.map(text),
    ]);
  }

  /** The same elements in another arrangement. */
  moved(
    shape: readonly Poly[] | undefined,
    axis: number | undefined,
    { outer, inner, array }: { outer?: Poly; inner?: Poly; array?: SymbolicArray | undefined } = {},
  ): Value {
    if (array !== undefined) return Value.known(array, this.isFloat);
    if (this.state === 'shape') throw new NotProved('depends on the number of rows');
    const { element, isFloat, base, bounds } = this;
    if (this.rows === undefined) return new Value('free', { shape, element, isFloat, bounds });
    const rows = { axis: axis!, outer: outer ?? this.rows.outer, inner: inner ?? this.rows.inner };
    if (this.state === 'positions' && base === undefined && element === undefined)
      throw new NotProved('depends on the position of the row');
    return new Value(this.state, { shape, rows, element, isFloat, base, bounds });
  }

  /** Other elements, which depend on the same rows: in `shape`, with the rows on `axis`. */
  changed(shape: readonly Poly[] | undefined, axis = this.rows?.axis, isFloat = false): Value {
    if (this.rows === undefined) return Value.free(shape, { isFloat });
    return Value.rows(shape, axis!, { outer: this.rows.outer, inner: this.rows.inner, isFloat });
  }

  /** Other elements in the same arrangement. */
  recomputed(): Value {
    return this.changed(this.shape, this.rows?.axis, this.isFloat);
  }
}

/** Whether the rows of two values are folded with other axes in the same way. */
export function areFoldedAlike(a: RowAxis | undefined, b: RowAxis | undefined): boolean {
  return a !== undefined && b !== undefined && a.outer.equals(b.outer) && a.inner.equals(b.inner);
}

function positionOf(element: Term | undefined): { base: Poly; bounds: Bounds } | undefined {
  if (!(element instanceof Poly)) return undefined;
  const atoms = element.atoms;
  const position = [...atoms][0]?.symbols.rowPosition;
  if (position?.onlyAtom === undefined || !atoms.has(position.onlyAtom)) return undefined;
  const base = element.coefficientOf(position.onlyAtom);
  const rest = element.minus(base.times(position));
  return base.variesWithRows || rest.variesWithRows ? undefined : { base, bounds: [rest, rest] };
}

function assertSizes(shape: readonly Poly[], rowAxis: number | undefined, state: State): void {
  for (const [axis, size] of shape.entries()) {
    if (rowAxis === undefined && size.variesWithRows)
      throw new NotProved(state === 'mixed' ? 'is mixed' : 'has a size that depends on the number of rows');
    if (rowAxis !== undefined && size.constant !== undefined && size.constant <= 0)
      throw new NotProved('has an empty size');
    if (axis !== rowAxis && size.variesWithRows) throw new NotProved('has two sizes that depend on the number of rows');
  }
}
