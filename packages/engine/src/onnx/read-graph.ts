import { ProtoError, ProtoScanner, type ProtoField } from './proto-scanner';
import type {
  ExternalData,
  Graph,
  GraphAttribute,
  GraphFunction,
  GraphNode,
  GraphValue,
  ModelGraph,
} from './graph-model';
import { readTensor, wholeNumber, type GraphTensor } from './read-tensor';

// Field numbers of onnx.proto.
const modelProto = { irVersion: 1, graph: 7, opset: 8, functions: 25 };
const opsetProto = { domain: 1, version: 2 };
const graphProto = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 };
const functionProto = { name: 1, input: 4, output: 5, node: 7, opset: 9, domain: 10, attribute: 11, overload: 13 };
const nodeProto = { input: 1, output: 2, name: 3, opType: 4, attribute: 5, domain: 7, overload: 8 };
const attributeProto = {
  name: 1,
  float: 2,
  int: 3,
  text: 4,
  tensor: 5,
  graph: 6,
  floats: 7,
  ints: 8,
  texts: 9,
  tensors: 10,
  graphs: 11,
  type: 20,
  reference: 21,
  sparseTensor: 22,
  sparseTensors: 23,
};
const sparseTensorProto = { values: 1, indices: 2, dims: 3 };
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
const shapeProto = { dimension: 1 };
const dimensionProto = { value: 1, name: 2 };

/** AttributeProto.AttributeType; the list of `attributeProto` tells what old files, which have no type, mean. */
const attributeTypes: ReadonlyMap<number, keyof typeof attributeProto> = new Map([
  [1, 'float'],
  [2, 'int'],
  [3, 'text'],
  [4, 'tensor'],
  [5, 'graph'],
  [6, 'floats'],
  [7, 'ints'],
  [8, 'texts'],
  [11, 'sparseTensor'],
]);

/** Deepest nesting of subgraphs; exporters make two or three. */
const maxDepth = 64;
/** Longest list of numbers that is kept: axes, pads and permutations are short, trees are not. */
const maxListLength = 1024;
const maxTextBytes = 4096;

/**
 * Reads the structure of an ONNX file, skipping over all weights. Synchronous: for worker threads.
 * @throws ProtoError where the file is no ONNX model or is cut off
 */
export function readGraph(path: string): ModelGraph {
  return ProtoScanner.scan(path, (scanner) => new GraphReader(scanner).read());
}

class GraphReader {
  private readonly externalData: ExternalData[] = [];

  constructor(private readonly scanner: ProtoScanner) {}

  read(): ModelGraph {
    const whole: ProtoField = { number: 0, wireType: 2, value: 0, start: 0, end: this.scanner.size };
    let irVersion = 0;
    let graph: ProtoField | undefined;
    const opsets = new Map<string, number>();
    const functions: GraphFunction[] = [];
    for (const field of this.scanner.fields(whole.start, whole.end)) {
      if (field.number === modelProto.irVersion) irVersion = field.value;
      if (field.wireType !== 2) continue;
      if (field.number === modelProto.graph) graph = field;
      if (field.number === modelProto.opset) this.readOpset(field, opsets);
      if (field.number === modelProto.functions) functions.push(this.readFunction(field));
    }
    if (graph === undefined) throw new ProtoError('the file has no graph');
    return { irVersion, opsets, graph: this.readGraph(graph, 0), functions, externalData: this.externalData };
  }

  private readGraph(owner: ProtoField, depth: number): Graph {
    if (depth > maxDepth) throw new ProtoError(`subgraphs are nested more than ${maxDepth} deep`);
    const nodes: GraphNode[] = [];
    const initializers: GraphTensor[] = [];
    const inputs: GraphValue[] = [];
    const outputs: GraphValue[] = [];
    for (const field of this.messages(owner)) {
      if (field.number === graphProto.node) nodes.push(this.readNode(field, depth));
      if (field.number === graphProto.initializer) initializers.push(this.readTensor(field));
      if (field.number === graphProto.sparseInitializer) initializers.push(this.readSparseTensor(field));
      if (field.number === graphProto.input) inputs.push(this.readValue(field));
      if (field.number === graphProto.output) outputs.push(this.readValue(field));
    }
    return { nodes, initializers, inputs, outputs };
  }

  private readFunction(owner: ProtoField): GraphFunction {
    let [name, domain, overload] = ['', '', ''];
    const inputs: string[] = [];
    const outputs: string[] = [];
    const nodes: GraphNode[] = [];
    const opsets = new Map<string, number>();
    const defaults = new Map<string, GraphAttribute>();
    for (const field of this.messages(owner)) {
      if (field.number === functionProto.name) name = this.scanner.text(field);
      if (field.number === functionProto.domain) domain = this.scanner.text(field);
      if (field.number === functionProto.overload) overload = this.scanner.text(field);
      if (field.number === functionProto.input) inputs.push(this.scanner.text(field));
      if (field.number === functionProto.output) outputs.push(this.scanner.text(field));
      if (field.number === functionProto.node) nodes.push(this.readNode(field, 0));
      if (field.number === functionProto.opset) this.readOpset(field, opsets);
      if (field.number === functionProto.attribute) defaults.set(...this.readAttribute(field, 0));
    }
    return { domain: ownDomain(domain), name, overload, inputs, outputs, nodes, opsets, defaults };
  }

  private readOpset(owner: ProtoField, opsets: Map<string, number>): void {
    let domain = '';
    let version = 1;
    for (const field of this.scanner.fields(owner.start, owner.end)) {
      if (field.number === opsetProto.domain && field.wireType === 2) domain = this.scanner.text(field);
      if (field.number === opsetProto.version) version = field.value;
    }
    opsets.set(ownDomain(domain), version);
  }

  private readNode(owner: ProtoField, depth: number): GraphNode {
    let [name, domain, operator, overload] = ['', '', '', ''];
    const inputs: string[] = [];
    const outputs: string[] = [];
    const attributes = new Map<string, GraphAttribute>();
    for (const field of this.messages(owner)) {
      if (field.number === nodeProto.input) inputs.push(this.scanner.text(field));
      if (field.number === nodeProto.output) outputs.push(this.scanner.text(field));
      if (field.number === nodeProto.name) name = this.scanner.text(field);
      if (field.number === nodeProto.opType) operator = this.scanner.text(field);
      if (field.number === nodeProto.domain) domain = this.scanner.text(field);
      if (field.number === nodeProto.overload) overload = this.scanner.text(field);
      if (field.number === nodeProto.attribute) attributes.set(...this.readAttribute(field, depth));
    }
    return { name, domain: ownDomain(domain), operator, overload, inputs, outputs, attributes };
  }

  private readAttribute(owner: ProtoField, depth: number): [name: string, attribute: GraphAttribute] {
    let name = '';
    let reference = '';
    let type: keyof typeof attributeProto | undefined;
    const fields = [...this.scanner.fields(owner.start, owner.end)];
    // All of them: graphs and tensors in a list are read for the external data that they may have.
    let content: GraphAttribute | undefined;
    for (const field of fields) {
      if (field.number === attributeProto.type) type = attributeTypes.get(field.value);
      if (field.wireType !== 2) continue;
      if (field.number === attributeProto.name) name = this.scanner.text(field);
      if (field.number === attributeProto.reference) reference = this.scanner.text(field);
      if (field.number === attributeProto.graph || field.number === attributeProto.graphs)
        content = { kind: 'graph', value: this.readGraph(field, depth + 1) };
      if (field.number === attributeProto.tensor || field.number === attributeProto.tensors)
        content = { kind: 'tensor', value: this.readTensor(field) };
      if (field.number === attributeProto.sparseTensor || field.number === attributeProto.sparseTensors)
        content = { kind: 'tensor', value: this.readSparseTensor(field) };
    }
    if (reference !== '') return [name, { kind: 'reference', name: reference }];
    type ??= (Object.keys(attributeProto) as (keyof typeof attributeProto)[]).find(
      (key) => !['name', 'type'].includes(key) && fields.some(({ number }) => number === attributeProto[key]),
    );
    const ofType = type === undefined ? [] : fields.filter(({ number }) => number === attributeProto[type]);
    if (type === 'int') return [name, { kind: 'int', value: ofType.at(-1)?.value ?? 0 }];
    if (type === 'float') return [name, { kind: 'float', value: this.floats(ofType).at(-1) ?? 0 }];
    if (type === 'text') return [name, { kind: 'text', value: this.shortText(ofType.at(-1)) }];
    if (type === 'texts') return [name, { kind: 'texts', values: this.shortTexts(ofType), count: ofType.length }];
    if (type === 'ints') return [name, listed('ints', this.integers(ofType))];
    // Of long lists only the length is kept: trees have a hundred thousand thresholds.
    if (type === 'floats' && ofType.length > maxListLength)
      return [name, { kind: 'floats', values: undefined, count: ofType.length, greatest: 0 }];
    if (type === 'floats') return [name, listed('floats', this.floats(ofType))];
    return [name, content ?? { kind: 'other' }];
  }

  private shortText(field: ProtoField | undefined): string | undefined {
    if (field === undefined) return '';
    return field.end - field.start > maxTextBytes ? undefined : this.scanner.text(field);
  }

  private shortTexts(fields: readonly ProtoField[]): string[] | undefined {
    if (fields.length > maxListLength) return undefined;
    const texts = fields.map((field) => this.shortText(field));
    return texts.every((text) => text !== undefined) ? texts : undefined;
  }

  private integers(fields: readonly ProtoField[]): number[] {
    const values: number[] = [];
    for (const field of fields) for (const value of this.scanner.varints(field)) values.push(value);
    return values;
  }

  private floats(fields: readonly ProtoField[]): number[] {
    const values: number[] = [];
    for (const field of fields) {
      const bytes = this.scanner.content(field);
      for (let at = 0; at + 4 <= bytes.length; at += 4) values.push(bytes.readFloatLE(at));
    }
    return values;
  }

  private readTensor(owner: ProtoField): GraphTensor {
    const tensor = readTensor(this.scanner, owner);
    if (tensor.external !== undefined) this.externalData.push(externalData(tensor.external));
    return tensor;
  }

  /** A sparse tensor as one whose elements are not known. */
  private readSparseTensor(owner: ProtoField): GraphTensor {
    let name = '';
    let elementType = 0;
    const shape: number[] = [];
    for (const field of this.scanner.fields(owner.start, owner.end)) {
      if (field.number === sparseTensorProto.dims) shape.push(...this.scanner.varints(field));
      if (field.wireType !== 2) continue;
      if (field.number === sparseTensorProto.values) ({ name, elementType } = this.readTensor(field));
      if (field.number === sparseTensorProto.indices) this.readTensor(field);
    }
    return { name, elementType, shape, values: undefined, external: undefined };
  }

  private readValue(owner: ProtoField): GraphValue {
    let name = '';
    let type: ProtoField | undefined;
    for (const field of this.messages(owner)) {
      if (field.number === valueInfoProto.name) name = this.scanner.text(field);
      if (field.number === valueInfoProto.type) type ??= field;
    }
    const kinds = type === undefined ? [] : [...this.scanner.fields(type.start, type.end)];
    const kind =
      kinds.map((field) => typeKinds.get(field.number)).find((known) => known !== undefined) ?? 'untyped value';
    const tensor = kinds.find((field) => field.number === typeProto.tensor);
    if (tensor === undefined) return { name, kind, elementType: 0, shape: undefined };
    let elementType = 0;
    let shape: GraphValue['shape'];
    for (const field of this.scanner.fields(tensor.start, tensor.end)) {
      if (field.number === tensorType.elementType) elementType = field.value;
      if (field.number === tensorType.shape && field.wireType === 2) shape = this.readShape(field);
    }
    return { name, kind, elementType, shape };
  }

  private readShape(owner: ProtoField): (number | string | undefined)[] {
    const shape: (number | string | undefined)[] = [];
    for (const dimension of this.messages(owner)) {
      if (dimension.number !== shapeProto.dimension) continue;
      let size: number | string | undefined;
      for (const field of this.scanner.fields(dimension.start, dimension.end)) {
        if (field.number === dimensionProto.value && field.value > 0) size = field.value;
        if (field.number === dimensionProto.name && field.wireType === 2) {
          const text = this.scanner.text(field);
          if (text !== '') size = text;
        }
      }
      shape.push(size);
    }
    return shape;
  }

  /** The fields of a message that have content: texts and messages. */
  private *messages(owner: ProtoField): Generator<ProtoField> {
    for (const field of this.scanner.fields(owner.start, owner.end)) if (field.wireType === 2) yield field;
  }
}

function listed(kind: 'ints' | 'floats', values: readonly number[]): GraphAttribute {
  const greatest = values.reduce((most, value) => Math.max(most, value), 0);
  return { kind, values: values.length > maxListLength ? undefined : values, count: values.length, greatest };
}

function ownDomain(domain: string): string {
  return domain === 'ai.onnx' ? '' : domain;
}

function externalData(entries: ReadonlyMap<string, string>): ExternalData {
  const length = entries.get('length');
  return {
    location: entries.get('location') ?? '',
    offset: wholeNumber(entries.get('offset') ?? '0'),
    length: length === undefined ? undefined : wholeNumber(length),
  };
}
