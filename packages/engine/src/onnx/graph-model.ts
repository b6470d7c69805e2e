import type { GraphTensor } from './read-tensor';

/** An ONNX file without its weights. */
export interface ModelGraph {
  readonly irVersion: number;
  /** Operator set of each domain; '' is ONNX's own. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly graph: Graph;
  /** The model's own functions, which nodes call like operators. */
  readonly functions: readonly GraphFunction[];
  /** Weights that lie in other files, in the order of the file. */
  readonly externalData: readonly ExternalData[];
}

export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly GraphTensor[];
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
}

export interface GraphNode {
  readonly name: string;
  /** '' for ONNX's own operators, which some files call `ai.onnx`. */
  readonly domain: string;
  readonly operator: string;
  /** Tells functions of one name apart. */
  readonly overload: string;
  /** Names of values; '' where an optional one is left out. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, GraphAttribute>;
}

/** Value of an attribute. Long lists and texts are counted, not kept. */
export type GraphAttribute =
  | { readonly kind: 'int' | 'float'; readonly value: number }
  /** Undefined: longer than 4,096 bytes. */
  | { readonly kind: 'text'; readonly value: string | undefined }
  /** `values` is undefined above 1,024 numbers. */
  | {
      readonly kind: 'ints' | 'floats';
      readonly values: readonly number[] | undefined;
      readonly count: number;
      /** The greatest of the numbers, 0 at least. */
      readonly greatest: number;
    }
  /** `values` is undefined above 1,024 texts, or where one of them is longer than 4,096 bytes. */
  | { readonly kind: 'texts'; readonly values: readonly string[] | undefined; readonly count: number }
  | { readonly kind: 'tensor'; readonly value: GraphTensor }
  | { readonly kind: 'graph'; readonly value: Graph }
  /** In a function: the attribute of that name of the node that calls it. */
  | { readonly kind: 'reference'; readonly name: string }
  | { readonly kind: 'other' };

export interface GraphFunction {
  readonly domain: string;
  readonly name: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly GraphNode[];
  readonly opsets: ReadonlyMap<string, number>;
  /** Values of attributes that a calling node need not give. */
  readonly defaults: ReadonlyMap<string, GraphAttribute>;
}

/** An input or output as the file declares it. */
export interface GraphValue {
  readonly name: string;
  /** `tensor`, or what it is instead: `sequence`, `map`, `optional`, `sparse tensor`. */
  readonly kind: string;
  /** TensorProto.DataType; 0 where it is no tensor. */
  readonly elementType: number;
  /** Sizes: numbers, names, or undefined where there is neither. Undefined as a whole where no shape is declared, not even a rank. */
  readonly shape: readonly (number | string | undefined)[] | undefined;
}

/** Where a tensor's elements lie, as the file says. */
export interface ExternalData {
  /** Path from the folder of the graph. */
  readonly location: string;
  readonly offset: number;
  /** Undefined: to the end of the file. */
  readonly length: number | undefined;
}
