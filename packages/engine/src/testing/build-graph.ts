import type { Datatype } from '@tributary/contract';
import {
  onnxModel,
  type OnnxAttribute,
  type OnnxFunction,
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxValue,
} from './onnx-model';

/** Value of an attribute: whole numbers stand for themselves, real ones are wrapped. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly texts: readonly string[] }
  | { readonly tensor: Constant }
  | { readonly graph: OnnxGraph }
  | { readonly reference: string };

/** A constant without its name. */
export type Constant = Omit<OnnxInitializer, 'name'>;

/** A graph in few words; the first axis of its inputs is `N`. */
export interface BuiltGraph {
  readonly nodes: readonly OnnxNode[];
  /** FP32 where no datatype is given. Default: `x` of shape [N, 4]. */
  readonly inputs?: Readonly<Record<string, Dimensions | readonly [Datatype, Dimensions]>>;
  readonly constants?: Readonly<Record<string, Constant>>;
  /** Default: `y`. */
  readonly outputs?: readonly string[];
  readonly functions?: readonly OnnxFunction[];
  readonly opset?: number;
  readonly ir?: number;
}

type Dimensions = readonly (number | string)[];

/** A node of the given operator; with a colon before it its domain: `com.microsoft:Gelu`. */
export function node(
  operator: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue>> = {},
): OnnxNode {
  const [op = '', domain] = operator.split(':').reverse();
  return {
    op,
    inputs,
    outputs,
    attributes: Object.entries(attributes).map(([name, value]) => toAttribute(name, value)),
    ...(domain === undefined ? {} : { domain }),
  };
}

function toAttribute(name: string, value: AttributeValue): OnnxAttribute {
  if (typeof value === 'number') return { name, int: value };
  if (typeof value === 'string') return { name, text: value };
  if (!('tensor' in value))
    return Array.isArray(value) ? { name, ints: value } : { name, ...(value as { float: number }) };
  return { name, tensor: { name: '', ...value.tensor } };
}

/** A vector of INT64. */
export function int64s(...values: readonly number[]): Constant {
  return { datatype: 'INT64', shape: [values.length], data: BigInt64Array.from(values, BigInt) };
}

/** A number of INT64 without dimensions. */
export function int64Scalar(value: number): Constant {
  return { ...int64s(value), shape: [] };
}

/** A tensor of FP32; of ones where no values are given. */
export function fp32s(shape: readonly number[], values?: readonly number[]): Constant {
  const count = shape.reduce((product, size) => product * size, 1);
  return { datatype: 'FP32', shape, data: Float32Array.from(values ?? Array.from({ length: count }, () => 1)) };
}

/** A subgraph that gives what its last node makes, from values of the graph around it and from `inputs`. */
export function subgraph(
  nodes: readonly OnnxNode[],
  outputs: readonly string[] = nodes.at(-1)?.outputs ?? [],
  inputs: readonly OnnxValue[] = [],
): OnnxGraph {
  return { nodes, inputs, outputs: outputs.map((name) => ({ name, datatype: 'undeclared', shape: null })) };
}

/** The bytes of `model.onnx`. Types of outputs are left to the runtime. */
export function buildGraph({
  nodes,
  inputs = { x: ['N', 4] },
  constants = {},
  outputs = ['y'],
  functions = [],
  opset = 17,
  ir = 9,
}: BuiltGraph): Uint8Array {
  return onnxModel(
    {
      nodes,
      inputs: Object.entries(inputs).map(([name, given]) => {
        const [first, second] = given;
        return Array.isArray(second)
          ? { name, datatype: first as Datatype, shape: second as Dimensions }
          : { name, datatype: 'FP32', shape: given as Dimensions };
      }),
      outputs: outputs.map((name) => ({ name, datatype: 'undeclared', shape: null })),
      initializers: Object.entries(constants).map(([name, constant]) => ({ name, ...constant })),
    },
    functions,
    { opset, ir },
  );
}
