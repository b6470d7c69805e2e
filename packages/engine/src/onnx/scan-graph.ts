import { ProtoError, ProtoScanner, type ProtoField } from './proto-scanner';

/** What must be known of a graph before ONNX Runtime sees it, and is not told by its session. */
export interface GraphFacts {
  /** Operators used anywhere: in the graph, its subgraphs, and the model's own functions. */
  readonly operators: ReadonlySet<string>;
  readonly inputs: readonly ValueFacts[];
  readonly outputs: readonly ValueFacts[];
  /** Weights that lie in other files, in the order of the file. */
  readonly externalData: readonly ExternalData[];
}

/** Where a tensor's elements lie, as the file says. */
export interface ExternalData {
  /** Path from the folder of the graph. */
  readonly location: string;
  readonly offset: number;
  /** Undefined: to the end of the file. */
  readonly length: number | undefined;
}

/** An input or output as the file declares it. */
export interface ValueFacts {
  readonly name: string;
  /** `tensor`, or what it is instead: `sequence`, `map`, `optional`, `sparse tensor`. */
  readonly kind: string;
  /** TensorProto.DataType; 0 where it is no tensor. */
  readonly elementType: number;
  /** False where the file declares no shape, not even a rank. */
  readonly hasShape: boolean;
}

// Field numbers of onnx.proto.
const modelProto = { graph: 7, functions: 25 };
const graphProto = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const functionProto = { node: 7 };
const nodeProto = { opType: 4, attribute: 5 };
const attributeProto = { tensor: 5, graph: 6, tensors: 10, graphs: 11, sparseTensor: 22, sparseTensors: 23 };
const sparseTensorProto = { values: 1, indices: 2 };
const tensorProto = { name: 8, externalData: 13, dataLocation: 14 };
const entryProto = { key: 1, value: 2 };
/** TensorProto.DataLocation. */
const externalLocation = 1;
const valueInfoProto = { name: 1, type: 2 };
const typeProto = { tensor: 1 };
const typeKinds: ReadonlyMap<number, string> = new Map([
  [1, 'tensor'],
  [4, 'sequence'],
  [5, 'map'],
  [8, 'sparse tensor'],
  [9, 'optional'],
]);
const tensorType = { elementType: 1, shape: 2 };

/** Deepest nesting of subgraphs; exporters make two or three. */
const maxDepth = 64;

/**
 * Reads the structure of an ONNX file, skipping over all weights.
 * @throws ProtoError where the file is no ONNX model or is cut off
 */
export function scanGraph(path: string): GraphFacts {
  return ProtoScanner.scan(path, (scanner) => new GraphReader(scanner).read());
}

class GraphReader {
  private readonly operators = new Set<string>();
  private readonly externalData: ExternalData[] = [];

  constructor(private readonly scanner: ProtoScanner) {}

  read(): GraphFacts {
    let graph: ProtoField | undefined;
    for (const field of this.scanner.fields(0, this.scanner.size)) {
      if (field.number === modelProto.graph && field.wireType === 2) graph = field;
      if (field.number === modelProto.functions && field.wireType === 2) this.readNodes(field, functionProto.node, 0);
    }
    if (graph === undefined) throw new ProtoError('the file has no graph');
    this.readGraph(graph, 0);
    const constants = new Set(
      this.children(graph, graphProto.initializer).map((tensor) => this.name(tensor, tensorProto.name)),
    );
    return {
      operators: this.operators,
      // Before IR version 4 every initializer was listed among the inputs too.
      inputs: this.children(graph, graphProto.input)
        .map((value) => this.readValue(value))
        .filter((value) => !constants.has(value.name)),
      outputs: this.children(graph, graphProto.output).map((value) => this.readValue(value)),
      externalData: this.externalData,
    };
  }

  private readGraph(graph: ProtoField, depth: number): void {
    this.readNodes(graph, graphProto.node, depth);
    for (const tensor of this.children(graph, graphProto.initializer)) this.readTensor(tensor);
    for (const tensor of this.children(graph, graphProto.sparseInitializer)) this.readSparseTensor(tensor);
  }

  private readNodes(owner: ProtoField, nodeField: number, depth: number): void {
    if (depth > maxDepth) throw new ProtoError(`subgraphs are nested more than ${maxDepth} deep`);
    for (const node of this.children(owner, nodeField)) {
      for (const field of this.scanner.fields(node.start, node.end)) {
        if (field.number === nodeProto.opType) this.operators.add(this.scanner.text(field));
        if (field.number === nodeProto.attribute) this.readAttribute(field, depth);
      }
    }
  }

  private readAttribute(attribute: ProtoField, depth: number): void {
    for (const field of this.scanner.fields(attribute.start, attribute.end)) {
      if (field.wireType !== 2) continue;
      const { number } = field;
      if (number === attributeProto.graph || number === attributeProto.graphs) this.readGraph(field, depth + 1);
      if (number === attributeProto.tensor || number === attributeProto.tensors) this.readTensor(field);
      if (number === attributeProto.sparseTensor || number === attributeProto.sparseTensors)
        this.readSparseTensor(field);
    }
  }

  private readSparseTensor(tensor: ProtoField): void {
    for (const field of this.scanner.fields(tensor.start, tensor.end)) {
      if (field.wireType !== 2) continue;
      if (field.number === sparseTensorProto.values || field.number === sparseTensorProto.indices)
        this.readTensor(field);
    }
  }

  private readTensor(tensor: ProtoField): void {
    const entries = new Map<string, string>();
    let isExternal = false;
    for (const field of this.scanner.fields(tensor.start, tensor.end)) {
      if (field.number === tensorProto.dataLocation) isExternal = field.value === externalLocation;
      if (field.number !== tensorProto.externalData || field.wireType !== 2) continue;
      entries.set(this.name(field, entryProto.key), this.name(field, entryProto.value));
    }
    if (!isExternal) return;
    const length = entries.get('length');
    this.externalData.push({
      location: entries.get('location') ?? '',
      offset: wholeNumber(entries.get('offset') ?? '0'),
      length: length === undefined ? undefined : wholeNumber(length),
    });
  }

  private readValue(value: ProtoField): ValueFacts {
    const name = this.name(value, valueInfoProto.name);
    const type = this.children(value, valueInfoProto.type)[0];
    const kinds = type === undefined ? [] : [...this.scanner.fields(type.start, type.end)];
    const kind =
      kinds.map((field) => typeKinds.get(field.number)).find((known) => known !== undefined) ?? 'untyped value';
    const tensor = kinds.find((field) => field.number === typeProto.tensor);
    if (tensor === undefined) return { name, kind, elementType: 0, hasShape: false };
    let elementType = 0;
    let hasShape = false;
    for (const field of this.scanner.fields(tensor.start, tensor.end)) {
      if (field.number === tensorType.elementType) elementType = field.value;
      if (field.number === tensorType.shape) hasShape = true;
    }
    return { name, kind, elementType, hasShape };
  }

  private name(owner: ProtoField, nameField: number): string {
    const field = this.children(owner, nameField)[0];
    return field === undefined ? '' : this.scanner.text(field);
  }

  private children(owner: ProtoField, number: number): ProtoField[] {
    const found: ProtoField[] = [];
    for (const field of this.scanner.fields(owner.start, owner.end)) {
      if (field.number === number && field.wireType === 2) found.push(field);
    }
    return found;
  }
}

function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text))
    throw new ProtoError(`external data is at '${text.slice(0, 40)}', which is no number`);
  return Number(text);
}
