import type { GraphValue, ModelGraph } from '../graph-model';
import { optionalInputs } from '../scan-graph';
import { NotProved, ProofTooLong } from './not-proved';
import { Poly } from './poly';
import { Symbols } from './symbols';
import { tensorValue } from './rules/rule';
import { Value, type Objection } from './value';
import type { RowVerdict } from './verdict';
import { GraphWalk } from './walk-graph';

/** Sizes of a request: for each input those after the first, which is the number of rows. */
export type RowSignature = ReadonlyMap<string, readonly number[]>;

/** Conditions of every symbolic proof. */
const sizesOfOneBatch =
  'all requests of a batch have the same sizes after the first, and no size is 0, nor any that is computed';

/**
 * Proves that row n of every output depends on row n of the inputs alone, whatever the number of rows. What cannot be proved is refused,
 * with the first node that stands in the way. Takes milliseconds; never throws.
 * @param signature sizes to prove for; without it sizes are symbols, and the proof holds under the conditions that it names
 */
export function proveRows(model: ModelGraph, signature?: RowSignature): RowVerdict {
  return traceRows(model, signature).verdict;
}

/** The verdict with the states of all values of the graph, by which tests try every claim. */
export function traceRows(
  model: ModelGraph,
  signature?: RowSignature,
): { verdict: RowVerdict; values: ReadonlyMap<string, Value> } {
  const symbols = new Symbols();
  const walk = new GraphWalk(model, symbols);
  const values = new Map<string, Value>();
  const { graph } = model;
  try {
    for (const tensor of graph.initializers) values.set(tensor.name, tensorValue(tensor));
    const inputs = new InputReader(model, symbols, signature);
    for (const [index, input] of graph.inputs.entries()) inputs.read(input, index, values);
    if (inputs.objection === undefined) walk.run(graph, values);
    const objection = inputs.objection ?? outputObjection(model, values);
    if (objection !== undefined) return { verdict: { kind: 'refused', ...objection }, values };
    return { verdict: { kind: 'proved', assumes: inputs.assumes, triedKernels: [...walk.triedKernels] }, values };
  } catch (error) {
    const why =
      error instanceof ProofTooLong
        ? 'takes too long to prove'
        : error instanceof NotProved
          ? error.message
          : 'is not built as its format asks';
    return { verdict: { kind: 'refused', operator: 'the graph', node: '', why }, values };
  }
}

/** Takes what the file declares, and the signature, for the states of the inputs. */
class InputReader {
  readonly assumes: string[] = [];
  objection: Objection | undefined;
  private hasRows = false;
  private readonly defaults: ReadonlySet<string>;
  private readonly constants: ReadonlySet<string>;
  private readonly places = new Map<string, string[]>();

  constructor(
    model: ModelGraph,
    private readonly symbols: Symbols,
    private readonly signature: RowSignature | undefined,
  ) {
    this.defaults = new Set(optionalInputs(model).map(({ name }) => name));
    this.constants = new Set(model.graph.initializers.map(({ name }) => name));
    const required = model.graph.inputs.filter(({ name }) => !this.constants.has(name));
    if (required.length === 0) this.object('the graph', '', 'has no input that holds rows');
    if (signature === undefined) this.assumes.push(sizesOfOneBatch);
  }

  read(input: GraphValue, index: number, values: Map<string, Value>): void {
    const isGiven = this.signature?.has(input.name) === true;
    if (this.constants.has(input.name) && !(this.defaults.has(input.name) && isGiven)) {
      if (!this.defaults.has(input.name)) return;
      // The runtime may be given another content, but then of all rows.
      values.set(input.name, Value.free(values.get(input.name)?.shape));
      if (this.signature === undefined) this.assumes.push(`'${input.name}' is left at its default`);
      return;
    }
    const why = this.refuses(input);
    if (why === undefined) {
      const sizes = this.signature === undefined ? this.symbolicSizes(input, index) : this.signature.get(input.name)!;
      const rest = sizes.map((size) => (typeof size === 'number' ? Poly.of(size) : size));
      values.set(input.name, Value.rows([this.symbols.rowCount, ...rest], 0));
      this.hasRows = true;
    } else {
      this.object('input', input.name, why);
      values.set(input.name, Value.mixed({ operator: 'input', node: input.name, why }));
    }
  }

  private refuses({ name, kind, shape }: GraphValue): string | undefined {
    if (kind !== 'tensor') return `is no tensor but a ${kind}`;
    if (shape !== undefined && shape.length === 0) return 'has no first dimension';
    const first = shape?.[0];
    if (typeof first === 'number') return `has a fixed first dimension, ${first}`;
    const sizes = this.signature?.get(name);
    if (this.signature !== undefined && sizes === undefined) return 'is not in the request';
    if (sizes === undefined) return shape === undefined ? 'declares no shape' : undefined;
    if (shape !== undefined && sizes.length !== shape.length - 1)
      return `has ${shape.length} dimensions, and the request has ${sizes.length + 1}`;
    if (sizes.some((size) => !(size > 0))) return 'has a size of zero';
    const other = sizes.findIndex((size, axis) => {
      const declared = shape?.[axis + 1];
      return typeof declared === 'number' && declared !== size;
    });
    return other === -1 ? undefined : `has another size on axis ${other + 1} than the request`;
  }

  private symbolicSizes({ name, shape }: GraphValue, index: number): Poly[] {
    return shape!.slice(1).map((size, place) => {
      if (typeof size === 'number') return Poly.of(size);
      if (size === undefined) return this.symbols.named(`input ${index}, axis ${place + 1}`, { least: 1 });
      // Exporters write sums of names for what is joined to a cache.
      const names = size.split(' + ').map((part) => part.trim());
      if (names.length > 1) this.assumes.push(`axis ${place + 1} of '${name}' is ${size}`);
      else this.notePlace(size, `axis ${place + 1} of '${name}'`);
      return Poly.sum(names.map((part) => this.symbols.named(`'${part}'`, { least: 1 })));
    });
  }

  private notePlace(size: string, place: string): void {
    const places = this.places.get(size) ?? [];
    places.push(place);
    this.places.set(size, places);
    if (places.length === 2) this.assumes.push(`'${size}' is one size wherever it stands`);
  }

  private object(operator: string, node: string, why: string): void {
    this.objection ??= { operator, node, why };
  }
}

function outputObjection(model: ModelGraph, values: ReadonlyMap<string, Value>): Objection | undefined {
  const { outputs } = model.graph;
  if (outputs.length === 0) return { operator: 'the graph', node: '', why: 'has no output' };
  for (const { name } of outputs) {
    const value = values.get(name);
    const object = (why: string): Objection => ({ operator: 'output', node: name, why });
    if (value === undefined) return object('is made by no node');
    if (value.objection !== undefined) return value.objection;
    if (value.rows === undefined || value.state !== 'rows') return object('does not hold rows');
    const { axis, outer, inner } = value.rows;
    if (axis !== 0) return object(`has its rows on axis ${axis}`);
    if (!outer.equals(Poly.one) || !inner.equals(Poly.one))
      return object(`has ${outer.toString()}*N*${inner.toString()} lines for N rows`);
  }
  return undefined;
}
