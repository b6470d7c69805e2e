import type { ExternalData, Graph, GraphNode, GraphValue, ModelGraph } from './graph-model';
import { readGraph } from './read-graph';

export type { ExternalData };

/** What must be known of a graph before ONNX Runtime sees it, and is not told by its session. */
export interface GraphFacts {
  /** Operators used anywhere: in the graph, its subgraphs, and the model's own functions. */
  readonly operators: ReadonlySet<string>;
  /** The same with the domain before the name where it is not ONNX's own: `com.microsoft.Attention`. */
  readonly qualifiedOperators: ReadonlySet<string>;
  /** Whether anything in the graph may go on for a number of rounds that its inputs decide. */
  readonly hasLoops: boolean;
  readonly irVersion: number;
  /** Inputs that a request must have. */
  readonly inputs: readonly ValueFacts[];
  /** Inputs that have a default in the file (since IR version 4). */
  readonly optionalInputs: readonly ValueFacts[];
  readonly outputs: readonly ValueFacts[];
  /** Classes of the first output that is a table by class (ZipMap of scikit-learn's exports), in the order of its columns; else empty. */
  readonly mapClasses: readonly string[];
  /** Weights that lie in other files, in the order of the file. */
  readonly externalData: readonly ExternalData[];
}

/** An input or output as the file declares it. */
export interface ValueFacts extends GraphValue {
  /** False where the file declares no shape, not even a rank. */
  readonly hasShape: boolean;
}

/** Since this version of the format an initializer that is an input too is the input's default; before, all of them were listed. */
const irVersionOfDefaults = 4;

/**
 * Reads the facts of an ONNX file, skipping over all weights.
 * @throws ProtoError where the file is no ONNX model or is cut off
 */
export function scanGraph(path: string): GraphFacts {
  return factsOf(readGraph(path));
}

/** The facts of a graph that was read. */
export function factsOf(model: ModelGraph): GraphFacts {
  const { irVersion, graph, externalData } = model;
  const operators = new Set<string>();
  const qualifiedOperators = new Set<string>();
  for (const { domain, operator } of allNodes(model)) {
    operators.add(operator);
    qualifiedOperators.add(domain === '' ? operator : `${domain}.${operator}`);
  }
  const constants = new Set(graph.initializers.map(({ name }) => name));
  return {
    operators,
    qualifiedOperators,
    hasLoops: qualifiedOperators.has('Loop') || qualifiedOperators.has('Scan'),
    irVersion,
    inputs: graph.inputs.filter(({ name }) => !constants.has(name)).map(toFacts),
    optionalInputs: optionalInputs(model).map(toFacts),
    outputs: graph.outputs.map(toFacts),
    mapClasses: mapClasses(graph),
    externalData,
  };
}

/** Inputs that have a default in the file. */
export function optionalInputs({ irVersion, graph }: ModelGraph): GraphValue[] {
  if (irVersion < irVersionOfDefaults) return [];
  const constants = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.filter(({ name }) => constants.has(name));
}

/** A map of ONNX Runtime has its keys in ascending order, whatever the order of the node's attribute. */
function mapClasses({ nodes, outputs }: Graph): string[] {
  const names = new Set(outputs.map(({ name }) => name));
  const zipMap = nodes.find(
    ({ operator, outputs: made }) => operator === 'ZipMap' && made.some((name) => names.has(name)),
  );
  const numbers = zipMap?.attributes.get('classlabels_int64s');
  const texts = zipMap?.attributes.get('classlabels_strings');
  if (numbers?.kind === 'ints') return [...(numbers.values ?? [])].sort((a, b) => a - b).map(String);
  if (texts?.kind !== 'texts') return [];
  return [...(texts.values ?? [])].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function toFacts(value: GraphValue): ValueFacts {
  return { ...value, hasShape: value.shape !== undefined };
}

function* allNodes({ graph, functions }: ModelGraph): Generator<GraphNode> {
  yield* nodesOf(graph.nodes);
  for (const { nodes } of functions) yield* nodesOf(nodes);
}

function* nodesOf(nodes: Graph['nodes']): Generator<GraphNode> {
  for (const node of nodes) {
    yield node;
    for (const attribute of node.attributes.values())
      if (attribute.kind === 'graph') yield* nodesOf(attribute.value.nodes);
  }
}
