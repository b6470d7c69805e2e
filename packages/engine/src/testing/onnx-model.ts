import type { Datatype } from '@tributary/contract';
import { ProtoWriter } from '../onnx/proto-writer';

/** TensorProto.DataType of each datatype that ONNX and the Open Inference Protocol share (onnx.proto). */
export const onnxTypeNumbers: Readonly<Record<Datatype, number>> = {
  FP32: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  BYTES: 8,
  BOOL: 9,
  FP16: 10,
  FP64: 11,
  UINT32: 12,
  UINT64: 13,
  BF16: 16,
};

/** An input or output of a graph. A string is a symbolic dimension; `shape: null` declares none at all. */
export interface OnnxValue {
  readonly name: string;
  /**
   * A number is a raw TensorProto.DataType, for types that cannot be served (17: float8e4m3fn); `sequence` is a sequence of
   * tensors of floats, `table` a sequence of maps from whole numbers to floats; `undeclared` leaves the type to the runtime, which
   * works for outputs.
   */
  readonly datatype: Datatype | number | 'sequence' | 'table' | 'undeclared';
  readonly shape: readonly (number | string)[] | null;
}

/** A constant of the graph; `data` holds its row-major little-endian bytes, its strings, or the name of the file that is its bytes. */
export interface OnnxInitializer {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly data: ArrayBufferView | readonly string[] | { readonly location: string };
}

export type OnnxAttribute =
  | { readonly name: string; readonly int: number }
  | { readonly name: string; readonly float: number }
  | { readonly name: string; readonly text: string }
  | { readonly name: string; readonly ints: readonly number[] }
  | { readonly name: string; readonly texts: readonly string[] }
  /** In a function: the attribute of that name of the calling node, a whole number. */
  | { readonly name: string; readonly reference: string }
  | { readonly name: string; readonly tensor: OnnxInitializer }
  | { readonly name: string; readonly graph: OnnxGraph };

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: readonly OnnxAttribute[];
  /** Operator set, e.g. `com.microsoft`; default: ONNX's own. */
  readonly domain?: string;
}

export interface OnnxGraph {
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers?: readonly OnnxInitializer[];
}

/** A function local to the model, callable as an operator of `domain`. */
export interface OnnxFunction {
  readonly name: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly OnnxNode[];
}

// ONNX 1.12: old enough for every runtime of the last years, new enough for the operators used here.
const irVersion = 8;
const opsetVersion = 17;

/** The bytes of `model.onnx` for a small graph. */
export function onnxModel(
  graph: OnnxGraph,
  functions: readonly OnnxFunction[] = [],
  versions: { readonly ir?: number; readonly opset?: number } = {},
): Uint8Array {
  const { ir = irVersion, opset = opsetVersion } = versions;
  const model = new ProtoWriter().varint(1, ir).string(2, 'tributary-testing').message(7, writeGraph(graph));
  for (const domain of ['', 'com.microsoft', 'ai.onnx.ml', ...new Set(functions.map((f) => f.domain))]) {
    model.message(8, writeOpset(domain, opset));
  }
  for (const f of functions) model.message(25, writeFunction(f));
  return model.finish();
}

function writeOpset(domain: string, opset = opsetVersion): ProtoWriter {
  return new ProtoWriter().string(1, domain).varint(2, domain === '' ? opset : 1);
}

function writeFunction(f: OnnxFunction): ProtoWriter {
  const writer = new ProtoWriter().string(1, f.name);
  for (const input of f.inputs) writer.string(4, input);
  for (const output of f.outputs) writer.string(5, output);
  for (const node of f.nodes) writer.message(7, writeNode(node));
  return writer.message(9, writeOpset('')).string(10, f.domain);
}

function writeGraph(graph: OnnxGraph): ProtoWriter {
  const writer = new ProtoWriter();
  for (const node of graph.nodes) writer.message(1, writeNode(node));
  writer.string(2, 'graph');
  for (const initializer of graph.initializers ?? []) writer.message(5, writeTensor(initializer));
  for (const value of graph.inputs) writer.message(11, writeValue(value));
  for (const value of graph.outputs) writer.message(12, writeValue(value));
  return writer;
}

function writeNode(node: OnnxNode): ProtoWriter {
  const writer = new ProtoWriter();
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(4, node.op);
  for (const attribute of node.attributes ?? []) writer.message(5, writeAttribute(attribute));
  return node.domain === undefined ? writer : writer.string(7, node.domain);
}

function writeAttribute(attribute: OnnxAttribute): ProtoWriter {
  const writer = new ProtoWriter().string(1, attribute.name);
  if ('float' in attribute) return writer.float(2, attribute.float).varint(20, 1);
  if ('int' in attribute) return writer.varint(3, attribute.int).varint(20, 2);
  if ('text' in attribute) return writer.string(4, attribute.text).varint(20, 3);
  if ('tensor' in attribute) return writer.message(5, writeTensor(attribute.tensor)).varint(20, 4);
  if ('graph' in attribute) return writer.message(6, writeGraph(attribute.graph)).varint(20, 5);
  if ('reference' in attribute) return writer.varint(20, 2).string(21, attribute.reference);
  if ('texts' in attribute) {
    for (const text of attribute.texts) writer.string(9, text);
    return writer.varint(20, 8);
  }
  for (const value of attribute.ints) writer.varint(8, value);
  return writer.varint(20, 7);
}

function writeTensor(tensor: OnnxInitializer): ProtoWriter {
  const writer = new ProtoWriter();
  for (const dimension of tensor.shape) writer.varint(1, dimension);
  writer.varint(2, onnxTypeNumbers[tensor.datatype]);
  if (ArrayBuffer.isView(tensor.data)) {
    const { buffer, byteOffset, byteLength } = tensor.data;
    writer.string(8, tensor.name).bytes(9, new Uint8Array(buffer, byteOffset, byteLength));
  } else if ('location' in tensor.data) {
    const entry = new ProtoWriter().string(1, 'location').string(2, tensor.data.location);
    writer.string(8, tensor.name).message(13, entry).varint(14, 1);
  } else {
    for (const text of tensor.data) writer.string(6, text);
    writer.string(8, tensor.name);
  }
  return writer;
}

function writeValue(value: OnnxValue): ProtoWriter {
  const { datatype } = value;
  if (datatype === 'undeclared') return new ProtoWriter().string(1, value.name);
  const isComposed = datatype === 'sequence' || datatype === 'table';
  const tensorType = new ProtoWriter().varint(
    1,
    typeof datatype === 'number' ? datatype : onnxTypeNumbers[isComposed ? 'FP32' : datatype],
  );
  if (value.shape !== null) {
    const shape = new ProtoWriter();
    for (const dimension of value.shape) {
      shape.message(
        1,
        typeof dimension === 'number' ? new ProtoWriter().varint(1, dimension) : new ProtoWriter().string(2, dimension),
      );
    }
    tensorType.message(2, shape);
  }
  let type = new ProtoWriter().message(1, tensorType);
  if (datatype === 'table') {
    type = new ProtoWriter().message(5, new ProtoWriter().varint(1, onnxTypeNumbers.INT64).message(2, type));
  }
  if (isComposed) type = new ProtoWriter().message(4, new ProtoWriter().message(1, type));
  return new ProtoWriter().string(1, value.name).message(2, type);
}
