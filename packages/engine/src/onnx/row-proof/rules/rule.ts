import type { Graph, GraphAttribute, GraphNode } from '../../graph-model';
import type { GraphTensor } from '../../read-tensor';
import { numberOf } from '../arithmetic';
import { NotProved } from '../not-proved';
import { Poly, type Term } from '../poly';
import type { Symbols } from '../symbols';
import { SymbolicArray } from '../symbolic-array';
import { Value } from '../value';

/**
 * What an operator does to the rows: gives the states of its outputs.
 * @throws NotProved where rows meet other rows, or where that cannot be told
 */
export type Rule = (node: RuleNode) => Value | readonly Value[];

/** What a rule may ask of the walk that applies it. */
export interface RuleContext {
  readonly symbols: Symbols;
  /** Version of ONNX's own operators in force. */
  readonly opset: number;
  /**
   * An unknown number of this node, the same each time the node is walked. Without `least` nothing is known of it; the tag tells several
   * of one node apart.
   */
  fresh(tag: string, least?: number): Poly;
  /** What this node cannot prove. */
  mixed(why: string): Value;
  /** States of a subgraph's outputs, given those of its inputs. */
  runGraph(graph: Graph, inputs: readonly Value[], tag: string): Value[];
}

const integerTypes = new Set([6, 7, 9]);
const floatTypes = new Set([1, 11]);
/** Most real numbers whose values are followed: scales of sizes are few, weights are many. */
const maxReals = 64;
/** FLOAT, FLOAT16, DOUBLE and BFLOAT16 of TensorProto.DataType. */
export const realTypes: ReadonlySet<number> = new Set([1, 10, 11, 16]);

/** A node with the states of its inputs, as rules see it. */
export class RuleNode {
  readonly operator: string;
  readonly domain: string;

  constructor(
    private readonly node: GraphNode,
    private readonly attributes: ReadonlyMap<string, GraphAttribute>,
    /** Undefined where an optional input is left out. */
    readonly inputs: readonly (Value | undefined)[],
    readonly context: RuleContext,
  ) {
    this.operator = node.operator;
    this.domain = node.domain;
  }

  get symbols(): Symbols {
    return this.context.symbols;
  }

  get opset(): number {
    return this.context.opset;
  }

  get outputCount(): number {
    return this.node.outputs.length;
  }

  /** Whether anything may read output `index`. */
  hasOutput(index: number): boolean {
    return (this.node.outputs[index] ?? '') !== '';
  }

  /** @throws NotProved where the input is left out */
  input(index: number): Value {
    const value = this.inputs[index];
    if (value === undefined) throw new NotProved(`lacks input ${index}`);
    return value;
  }

  optional(index: number): Value | undefined {
    return this.inputs[index];
  }

  /** The inputs that are there. */
  get present(): Value[] {
    return this.inputs.filter((value) => value !== undefined);
  }

  fresh(tag: string | number = '', least?: number): Poly {
    return this.context.fresh(String(tag), least);
  }

  has(name: string): boolean {
    return this.attributes.has(name);
  }

  attribute(name: string): GraphAttribute | undefined {
    return this.attributes.get(name);
  }

  int(name: string): number | undefined;
  int(name: string, otherwise: number): number;
  int(name: string, otherwise?: number): number | undefined {
    const attribute = this.attributes.get(name);
    return attribute?.kind === 'int' ? attribute.value : otherwise;
  }

  text(name: string, otherwise = ''): string {
    const attribute = this.attributes.get(name);
    return attribute?.kind === 'text' ? (attribute.value ?? '') : otherwise;
  }

  /** @throws NotProved where the list is too long to be kept */
  ints(name: string): readonly number[] | undefined {
    const attribute = this.attributes.get(name);
    if (attribute?.kind !== 'ints') return undefined;
    if (attribute.values === undefined) throw new NotProved(`has a long list in '${name}'`);
    return attribute.values;
  }

  /** How many numbers or texts a list has; 0 where it is not there. */
  count(name: string): number {
    const attribute = this.attributes.get(name);
    return attribute !== undefined && 'count' in attribute ? attribute.count : 0;
  }

  /** @throws NotProved where the subgraph is not there */
  graph(name: string): Graph {
    const attribute = this.attributes.get(name);
    if (attribute?.kind !== 'graph') throw new NotProved(`lacks '${name}'`);
    return attribute.value;
  }

  /** Axes from the attribute `axes`, or from an input. @throws NotProved where they are not known */
  axes(inputIndex: number): readonly number[] | undefined {
    const axes = this.ints('axes');
    if (axes !== undefined) return axes;
    const value = this.optional(inputIndex);
    if (value === undefined) return undefined;
    if (value.integers === undefined) throw new NotProved('has axes that are not known');
    return value.integers;
  }

  /** Dimensions from a shape operand: polynomials, or unknown ones. */
  dimensions(index: number): Poly[] {
    const value = this.input(index);
    if (value.array !== undefined) {
      return value.array.elements.map((element) => {
        if (!(element instanceof Poly)) throw new NotProved('has a size that is not whole');
        return element;
      });
    }
    if (value.state !== 'free') throw new NotProved('takes a shape from the rows');
    const count = value.shape?.[0]?.constant;
    if (count === undefined || count > 64) throw new NotProved('has a shape that is not known');
    return Array.from({ length: count }, (_, axis) => this.fresh(axis));
  }
}

/** A constant of the graph: its elements, where shapes may be computed with them. */
export function tensorValue({ elementType, shape, values }: GraphTensor): Value {
  const isFloat = realTypes.has(elementType);
  const isExact = integerTypes.has(elementType) || floatTypes.has(elementType);
  const isFollowed = values !== undefined && isExact && (!isFloat || values.length <= maxReals);
  if (!isFollowed || !values.every(Number.isFinite))
    return Value.free(
      shape.map((size) => Poly.of(size)),
      { isFloat },
    );
  return Value.known(new SymbolicArray(shape, values.map(constantTerm)), isFloat);
}

/** A number as a term, whatever its size: the ends of slices are the largest numbers there are. */
export function constantTerm(value: number): Term {
  return Number.isInteger(value) && Math.abs(value) <= 2 ** 63 ? Poly.of(value) : Math.fround(value);
}

/** An axis from 0, where it may count from the end. @throws NotProved where that cannot be told */
export function fromStart(axis: number, rank: number | undefined): number {
  if (axis >= 0) return axis;
  if (rank === undefined) throw new NotProved('has an operand whose number of dimensions is not known');
  return axis + rank;
}

/** Whether a term is a polynomial that varies with the rows. */
export function variesWithRows(term: Term | undefined): boolean {
  return term instanceof Poly && term.variesWithRows;
}

/** A known whole number of a value with one element. */
export function singleInteger(value: Value | undefined): number | undefined {
  const number = numberOf(value?.uniform);
  return number !== undefined && Number.isInteger(number) ? number : undefined;
}
