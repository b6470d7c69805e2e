import type { Graph, GraphAttribute, GraphFunction, GraphNode, ModelGraph } from '../graph-model';
import { NeverProved, NotProved, ProofTooLong } from './not-proved';
import type { Poly } from './poly';
import type { Symbols } from './symbols';
import { RuleNode, tensorValue, type Rule, type RuleContext } from './rules/rule';
import { broadcastsSince, kernelsToTry, ruleOf } from './rules/table';
import { Value } from './value';

/** Most nodes that a proof walks, rounds of loops and calls of functions counted each time. Large exports have ten thousand. */
const maxSteps = 300_000;
/** Longest time of a proof. */
const maxProofMs = 5000;
/** Deepest nesting of subgraphs and functions. */
const maxDepth = 64;

/** What the call of a function gives to its nodes. */
interface FunctionCall {
  readonly attributes: ReadonlyMap<string, GraphAttribute>;
  /** Inputs of the function that the call leaves out. */
  readonly missing: ReadonlySet<string>;
}

/** Operators that walk a subgraph: they need not be proved only because their own inputs are free. */
const flowOperators: ReadonlySet<string> = new Set(['If', 'Loop', 'Scan']);

/** Applies the rules to the nodes of a graph, its subgraphs and its functions, in order. */
export class GraphWalk implements RuleContext {
  /** Operators met over rows whose kernels must be tried. */
  readonly triedKernels = new Set<string>();
  private readonly functions: ReadonlyMap<string, GraphFunction>;
  private scopes: Map<string, Value>[] = [];
  private opsets: ReadonlyMap<string, number>;
  private readonly path: (string | number)[] = [];
  private node: GraphNode | undefined;
  private call: FunctionCall = { attributes: new Map(), missing: new Set() };
  private steps = 0;
  private readonly endsAtMs = performance.now() + maxProofMs;

  constructor(
    model: ModelGraph,
    readonly symbols: Symbols,
  ) {
    this.functions = new Map(model.functions.map((f) => [functionKey(f.domain, f.name, f.overload), f]));
    this.opsets = model.opsets;
  }

  get opset(): number {
    return this.opsets.get('') ?? 1;
  }

  /**
   * Walks the main graph.
   * @param values states of inputs and initializers; those of all other values are added
   */
  run(graph: Graph, values: Map<string, Value>): void {
    this.scopes = [values];
    this.runNodes(graph.nodes);
  }

  fresh(tag: string, least?: number): Poly {
    return this.symbols.named(`${this.path.join('/')}:${tag}`, { least, label: '?' });
  }

  mixed(why: string): Value {
    const { operator = 'the graph', name = '', outputs = [] } = this.node ?? {};
    return Value.mixed({ operator, node: name === '' ? (outputs[0] ?? '') : name, why });
  }

  runGraph(graph: Graph, inputs: readonly Value[], tag: string): Value[] {
    const scope = new Map<string, Value>();
    for (const [index, { name }] of graph.inputs.entries()) {
      const value = inputs[index];
      if (value !== undefined) scope.set(name, value);
    }
    for (const tensor of graph.initializers) scope.set(tensor.name, tensorValue(tensor));
    return this.inside(tag, [...this.scopes, scope], () => {
      this.runNodes(graph.nodes);
      return graph.outputs.map(({ name }) => this.lookUp(name));
    });
  }

  private runFunction(
    f: GraphFunction,
    inputs: readonly (Value | undefined)[],
    attributes: GraphNode['attributes'],
  ): Value[] {
    const scope = new Map<string, Value>();
    for (const [index, name] of f.inputs.entries()) {
      const value = inputs[index];
      if (value !== undefined) scope.set(name, value);
    }
    const { opsets, call } = this;
    this.opsets = f.opsets;
    this.call = {
      attributes: new Map([...f.defaults, ...attributes]),
      // Nodes of the function leave out in turn what the call leaves out.
      missing: new Set(f.inputs.filter((name) => !scope.has(name))),
    };
    try {
      return this.inside('function', [scope], () => {
        this.runNodes(f.nodes);
        return f.outputs.map((name) => this.lookUp(name));
      });
    } finally {
      this.opsets = opsets;
      this.call = call;
    }
  }

  private inside<T>(tag: string, scopes: Map<string, Value>[], run: () => T): T {
    if (this.path.length >= maxDepth * 2) throw new ProofTooLong();
    const outerScopes = this.scopes;
    this.scopes = scopes;
    this.path.push(tag);
    try {
      return run();
    } finally {
      this.scopes = outerScopes;
      this.path.pop();
    }
  }

  private runNodes(nodes: readonly GraphNode[]): void {
    const scope = this.scopes.at(-1)!;
    const outer = this.node;
    for (const [index, node] of nodes.entries()) {
      if (++this.steps > maxSteps || (this.steps % 64 === 0 && performance.now() > this.endsAtMs))
        throw new ProofTooLong();
      this.node = node;
      this.path.push(index);
      try {
        const results = this.apply(node);
        for (const [place, name] of node.outputs.entries()) {
          if (name !== '') scope.set(name, results[place] ?? this.mixed('has an output without a rule'));
        }
      } finally {
        this.path.pop();
        this.node = outer;
      }
    }
  }

  /** States of a node's outputs; mixed ones where it cannot be proved. */
  private apply(node: GraphNode): readonly Value[] {
    const all = (value: Value): Value[] => node.outputs.map(() => value);
    try {
      const inputs = node.inputs.map((name) =>
        name === '' || this.call.missing.has(name) ? undefined : this.lookUp(name),
      );
      while (inputs.length > 0 && inputs.at(-1) === undefined) inputs.pop();
      const attributes = resolved(node.attributes, this.call.attributes);
      const f =
        this.functions.size === 0
          ? undefined
          : this.functions.get(functionKey(node.domain, node.operator, node.overload));
      if (f !== undefined) return this.runFunction(f, inputs, attributes);
      const rule = ruleOf(node.domain, node.operator);
      if (rule === undefined) return all(this.mixed('has no rule in the row proof'));
      const mixedInput = inputs.find((value) => value?.state === 'mixed');
      if (mixedInput !== undefined) return all(mixedInput);
      const ruleNode = new RuleNode(node, attributes, inputs, this);
      this.assertOpset(ruleNode, rule);
      const result = this.applyRule(rule, ruleNode, all);
      const isTried = kernelsToTry.has(node.operator) && node.domain === '' && inputs[0]?.state === 'rows';
      if (isTried) this.triedKernels.add(node.operator);
      return result instanceof Value ? [result] : result;
    } catch (error) {
      if (error instanceof ProofTooLong) throw error;
      return all(this.mixed(error instanceof NotProved ? error.message : 'has inputs that its rule does not expect'));
    }
  }

  private applyRule(rule: Rule, node: RuleNode, all: (value: Value) => Value[]): Value | readonly Value[] {
    try {
      return rule(node);
    } catch (error) {
      const isFree = node.present.every(({ state }) => state === 'free');
      if (error instanceof ProofTooLong || error instanceof NeverProved || !isFree) throw error;
      if (flowOperators.has(node.operator) && node.domain === '') throw error;
      // Nothing but what is the same for all rows went in, so nothing else comes out.
      return all(Value.free());
    }
  }

  /** What old operator sets did otherwise. @throws NotProved */
  private assertOpset(node: RuleNode, rule: Rule): void {
    const { operator, domain, opset } = node;
    if (domain !== '' || opset >= 8) return;
    const isOld =
      opset < 7 &&
      ((node.has('axis') && node.has('broadcast')) ||
        (['Dropout', 'BatchNormalization'].includes(operator) && node.int('is_test', 0) === 0) ||
        (operator === 'Concat' && !node.has('axis')));
    if (isOld) throw new NotProved(`is of operator set ${opset}, which is not followed`);
    const { present } = node;
    const withRows = present.filter(({ hasRows }) => hasRows);
    if (opset >= broadcastsSince(rule) || withRows.length === 0) return;
    // A shorter operand that ends before the row axis is broadcast by the attribute.
    const isBelowRows = (value: Value): boolean =>
      node.int('broadcast', 0) !== 0 &&
      value.rank !== undefined &&
      withRows.every((other) => other.rank !== undefined && value.rank! < other.rank - other.rows!.axis);
    if (present.some((value) => !value.hasRows && !isBelowRows(value)))
      throw new NotProved(`is of operator set ${opset}, which does not broadcast`);
  }

  private lookUp(name: string): Value {
    for (let index = this.scopes.length - 1; index >= 0; index--) {
      const value = this.scopes[index]!.get(name);
      if (value !== undefined) return value;
    }
    throw new NotProved(`reads '${name}', which is not there`);
  }
}

function functionKey(domain: string, name: string, overload: string): string {
  return JSON.stringify([domain, name, overload]);
}

/** Attributes with those of the calling node in the place of references to them. */
function resolved(
  attributes: GraphNode['attributes'],
  callAttributes: GraphNode['attributes'],
): GraphNode['attributes'] {
  if (![...attributes.values()].some(({ kind }) => kind === 'reference')) return attributes;
  const result = new Map<string, GraphAttribute>();
  for (const [name, attribute] of attributes) {
    const value = attribute.kind === 'reference' ? callAttributes.get(attribute.name) : attribute;
    if (value !== undefined) result.set(name, value);
  }
  return result;
}
