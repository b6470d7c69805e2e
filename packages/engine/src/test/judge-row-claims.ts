import type { Tensor } from 'onnxruntime-node';
import { Poly, type Term } from '../onnx/row-proof/poly';
import type { Value } from '../onnx/row-proof/value';
import type { RandomGraph } from './random-graph';

/** Values of a run, by name. */
export type Outputs = ReadonlyMap<string, Tensor>;

/** A graph that ran: each row alone, and all of them together. */
export interface Trial {
  readonly graph: RandomGraph;
  readonly values: ReadonlyMap<string, Value>;
  readonly alone: readonly Outputs[];
  readonly together: Outputs;
  /** Rows of the run together. */
  readonly count: number;
}

/** What is wrong with what the row proof says of a value; undefined where nothing is. */
export function falseClaim(trial: Trial, name: string): string | undefined {
  const { values, alone, together, count } = trial;
  const value = values.get(name)!;
  const tensor = together.get(name)!;
  const wrong = (what: string): string => `'${name}' is said to be ${describeValue(value)}: ${what} (${count} rows)`;
  if (value.shape !== undefined) {
    if (value.shape.length !== tensor.dims.length) return wrong(`it has ${tensor.dims.length} dimensions`);
    const sizes = value.shape.map((size) => evaluate(size, count));
    if (sizes.some((size, axis) => size !== undefined && size !== tensor.dims[axis]))
      return wrong(`its shape is [${tensor.dims.join(', ')}]`);
  }
  if (value.array !== undefined) {
    const elements = [...(tensor.data as Iterable<number | bigint>)].map(Number);
    const isOther = value.array.elements.some((element, index) => {
      const known = evaluate(element, count);
      return known !== undefined && Math.abs(known - elements[index]!) > 1e-3 * Math.abs(known);
    });
    return isOther ? wrong(`its elements are ${elements.join()}`) : undefined;
  }
  if (value.state === 'free') {
    const isSame = alone.every((outputs) => areAlike(elementsOf(outputs.get(name)!), elementsOf(tensor)));
    return isSame || !inputsAreExact(trial, name) ? undefined : wrong('it differs');
  }
  for (let row = 0; row < count; row++) {
    const [own, inCompany] = [rowOf(value, alone[row]!.get(name)!, 0, 1), rowOf(value, tensor, row, count)];
    if (own === undefined || inCompany === undefined) continue;
    const base = value.base === undefined ? undefined : evaluate(value.base, count);
    if (value.state === 'positions' && (value.components !== undefined || base === undefined)) continue;
    const expected = value.state === 'positions' ? own.map((element) => element + base! * row) : own;
    if (!areAlike(expected, inCompany) && inputsAreExact(trial, name))
      return wrong(`row ${row} is ${inCompany.slice(0, 4).join()}, alone ${own.slice(0, 4).join()}`);
    const bounds = value.state === 'rows' ? value.bounds?.map((bound) => evaluate(bound, count)) : undefined;
    if (
      bounds !== undefined &&
      own.some((element) => element < (bounds[0] ?? -Infinity) || element > (bounds[1] ?? Infinity))
    )
      return wrong(`it leaves ${bounds.join(' to ')}`);
  }
  return undefined;
}

/**
 * Whether all operands of a node are equal, bit by bit, alone and together. Where they are not, because a kernel rounds otherwise for other
 * sizes, a maximum or a rank of them may flip, and that says nothing about the claim.
 */
function inputsAreExact({ graph, values, alone, together, count }: Trial, name: string): boolean {
  const node = graph.nodes.find(({ outputs }) => outputs.includes(name))!;
  return node.inputs.every((input) => {
    const value = values.get(input);
    const whole = together.get(input);
    if (value?.state !== 'rows' || whole === undefined) return true;
    return alone.every((outputs, row) => {
      const [own, inCompany] = [rowOf(value, outputs.get(input)!, 0, 1), rowOf(value, whole, row, count)];
      return (
        own === undefined ||
        inCompany === undefined ||
        own.every((element, index) => Object.is(element, inCompany[index]))
      );
    });
  });
}

/** The elements of one row, as they are said to lie; undefined where the sizes are not known. */
function rowOf({ rows }: Value, tensor: Tensor, row: number, count: number): number[] | undefined {
  const { axis, outer, inner } = rows!;
  const [before, stretch] = [evaluate(outer, count), evaluate(inner, count)];
  const size = tensor.dims[axis];
  if (before === undefined || stretch === undefined || size !== before * count * stretch) return undefined;
  const after = tensor.dims.slice(axis + 1).reduce((product, each) => product * each, 1);
  const elements = elementsOf(tensor);
  return elements.filter((_, index) => Math.floor(index / after / stretch) % count === row);
}

function elementsOf(tensor: Tensor): number[] {
  return Array.from(tensor.data as ArrayLike<number | bigint | boolean>, Number);
}

function areAlike(a: readonly number[], b: readonly number[]): boolean {
  if (a.length !== b.length) return false;
  const largest = a.reduce((most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most), 0);
  return a.every((value, index) => {
    const other = b[index]!;
    if (Object.is(value, other) || value === other) return true;
    return Math.abs(value - other) <= 1e-3 * Math.max(Math.abs(value), Math.abs(other)) + 1e-5 * largest + 1e-7;
  });
}

/** A term for a number of rows; undefined where it holds anything else that is not known. */
function evaluate(term: Term, count: number): number | undefined {
  if (!(term instanceof Poly)) return term;
  if (term.constant !== undefined) return term.constant;
  const { rowCount } = [...term.atoms][0]!.symbols;
  const slope = term.coefficientOf(rowCount.onlyAtom!);
  const [perRow, fixed] = [slope.constant, term.minus(slope.times(rowCount)).constant];
  return perRow === undefined || fixed === undefined ? undefined : perRow * count + fixed;
}

function describeValue({ state, shape, rows }: Value): string {
  const where = rows === undefined ? '' : ` on axis ${rows.axis} (${rows.outer.toString()}*N*${rows.inner.toString()})`;
  return `${state}${where} [${shape?.map(String).join(', ') ?? '?'}]`;
}

/** Inputs, constants and nodes of a graph, with what was said of each value. */
export function describeGraph(graph: RandomGraph, values: ReadonlyMap<string, Value>): string {
  const inputs = [...graph.signature].map(([name, rest]) => `${name} [N, ${rest.join(', ')}]`);
  const nodes = graph.nodes.map(({ op, inputs: from, outputs, attributes = [] }) => {
    const settings = attributes
      .filter((attribute) => !('graph' in attribute))
      .map((attribute) => JSON.stringify(attribute));
    const states = outputs.map((name) => `${name} ${values.has(name) ? describeValue(values.get(name)!) : ''}`);
    return `${op}(${[...from, ...settings].join(', ')}) -> ${states.join('; ')}`;
  });
  const constants = Object.entries(graph.toGraph([]).constants ?? {}).map(
    ([name, { shape, data }]) =>
      `${name} [${shape.join()}] ${ArrayBuffer.isView(data) ? Array.from(data as unknown as ArrayLike<number | bigint>).join() : ''}`,
  );
  return [...inputs, ...constants, ...nodes].join('\n');
}
