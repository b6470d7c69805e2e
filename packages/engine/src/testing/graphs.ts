import type { Datatype } from '@tributary/contract';
import { onnxModel, onnxTypeNumbers, type OnnxInitializer, type OnnxNode } from './onnx-model';

type Dimensions = readonly (number | string)[];

/** `output` is `input`, bit by bit, of any datatype and shape. */
export function identity(datatype: Datatype, shape: Dimensions): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype, shape }],
    outputs: [{ name: 'output', datatype, shape }],
    nodes: [{ op: 'Identity', inputs: ['input'], outputs: ['output'] }],
  });
}

/** `sum` is `a + b`, FP32. */
export function add(shape: Dimensions): Uint8Array {
  return onnxModel({
    inputs: [
      { name: 'a', datatype: 'FP32', shape },
      { name: 'b', datatype: 'FP32', shape },
    ],
    outputs: [{ name: 'sum', datatype: 'FP32', shape }],
    nodes: [{ op: 'Add', inputs: ['a', 'b'], outputs: ['sum'] }],
  });
}

/** `output` is `input` times `factor`, FP32 [batch, 4]: versions can be told apart by their answers. */
export function scale(factor: number): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['batch', 4] }],
    nodes: [{ op: 'Mul', inputs: ['input', 'factor'], outputs: ['output'] }],
    initializers: [{ name: 'factor', datatype: 'FP32', shape: [1], data: Float32Array.of(factor) }],
  });
}

/** FP32 weights that look random and are the same everywhere: uniform in [-scale, scale). */
export function weights(name: string, shape: readonly number[], scale: number): OnnxInitializer {
  const data = new Float32Array(shape.reduce((product, dimension) => product * dimension, 1));
  let state = 2463534242 ^ name.length;
  for (let i = 0; i < data.length; i++) {
    // xorshift32
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    data[i] = ((state >>> 0) / 2 ** 31 - 1) * scale;
  }
  return { name, datatype: 'FP32', shape, data };
}

/** A perceptron with rectified hidden layers: `input` FP32 [batch, sizes[0]] to `output` FP32 [batch, last size]. */
export function mlp(...sizes: readonly number[]): Uint8Array {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxInitializer[] = [];
  let last = 'input';
  for (let layer = 1; layer < sizes.length; layer++) {
    const from = sizes[layer - 1]!;
    const to = sizes[layer]!;
    const isLast = layer === sizes.length - 1;
    const linear = isLast ? 'output' : `linear${layer}`;
    initializers.push(weights(`weights${layer}`, [from, to], 1 / Math.sqrt(from)), weights(`bias${layer}`, [to], 0.1));
    nodes.push({ op: 'Gemm', inputs: [last, `weights${layer}`, `bias${layer}`], outputs: [linear] });
    if (!isLast) nodes.push({ op: 'Relu', inputs: [linear], outputs: [`hidden${layer}`] });
    last = `hidden${layer}`;
  }
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', sizes[0]!] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['batch', sizes.at(-1)!] }],
    nodes,
    initializers,
  });
}

/** `output` is `input` minus the mean over the batch: rows are answered differently in company. FP32 [batch, 4]. */
export function batchMixing(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['batch', 4] }],
    nodes: [
      {
        op: 'ReduceMean',
        inputs: ['input'],
        outputs: ['mean'],
        attributes: [
          { name: 'axes', ints: [0] },
          { name: 'keepdims', int: 1 },
        ],
      },
      { op: 'Sub', inputs: ['input', 'mean'], outputs: ['output'] },
    ],
  });
}

/** `output` is `input` quantised by the scale of the whole batch and back. FP32 [batch, 4]. */
export function dynamicallyQuantized(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['batch', 4] }],
    nodes: [
      { op: 'DynamicQuantizeLinear', inputs: ['input'], outputs: ['quantized', 'scale', 'zero'] },
      { op: 'DequantizeLinear', inputs: ['quantized', 'scale', 'zero'], outputs: ['output'] },
    ],
  });
}

/**
 * Never ends where `forever` (BOOL scalar) is true; else answers `output` = `input` at once. FP32 [4].
 * A run of it cannot be stopped: only for processes that may be killed.
 */
export function endless(): Uint8Array {
  return onnxModel({
    inputs: [
      { name: 'input', datatype: 'FP32', shape: [4] },
      { name: 'forever', datatype: 'BOOL', shape: [] },
    ],
    outputs: [{ name: 'output', datatype: 'FP32', shape: [4] }],
    nodes: [
      {
        op: 'Loop',
        inputs: ['', 'forever', 'input'],
        outputs: ['output'],
        attributes: [
          {
            name: 'body',
            graph: {
              inputs: [
                { name: 'iteration', datatype: 'INT64', shape: [] },
                { name: 'going', datatype: 'BOOL', shape: [] },
                { name: 'state', datatype: 'FP32', shape: [4] },
              ],
              outputs: [
                { name: 'goes_on', datatype: 'BOOL', shape: [] },
                { name: 'next_state', datatype: 'FP32', shape: [4] },
              ],
              nodes: [
                { op: 'Identity', inputs: ['going'], outputs: ['goes_on'] },
                { op: 'Identity', inputs: ['state'], outputs: ['next_state'] },
              ],
            },
          },
        ],
      },
    ],
  });
}

/**
 * Takes long on purpose: `input` FP32 [batch, size] through `layers` products with [size, size] matrices; a row costs about
 * 2 * layers * size^2 operations. `output` FP32 [batch, size].
 */
export function slow(size: number, layers: number): Uint8Array {
  const nodes: OnnxNode[] = [];
  for (let layer = 0; layer < layers; layer++) {
    const from = layer === 0 ? 'input' : `product${layer - 1}`;
    nodes.push({
      op: 'MatMul',
      inputs: [from, 'weights'],
      outputs: [layer === layers - 1 ? 'output' : `product${layer}`],
    });
  }
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', size] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['batch', size] }],
    nodes,
    initializers: [weights('weights', [size, size], 1 / Math.sqrt(size))],
  });
}

/** `row` of a table FP32 [rows, 2] by `id` INT64 [batch]; an id outside the table is an error inside the run. */
export function lookup(rows: number): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'id', datatype: 'INT64', shape: ['batch'] }],
    outputs: [{ name: 'row', datatype: 'FP32', shape: ['batch', 2] }],
    nodes: [{ op: 'Gather', inputs: ['table', 'id'], outputs: ['row'] }],
    initializers: [weights('table', [rows, 2], 1)],
  });
}

/** Types ONNX knows and this engine does not serve. */
export const unservedOnnxTypes = { BFLOAT16: 16, FLOAT8E4M3FN: 17, UINT4: 21, INT4: 22 } as const;

/** An identity over a raw ONNX type number, see {@link unservedOnnxTypes}. */
export function identityOfOnnxType(onnxType: number): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: onnxType, shape: ['batch', 4] }],
    outputs: [{ name: 'output', datatype: onnxType, shape: ['batch', 4] }],
    nodes: [{ op: 'Identity', inputs: ['input'], outputs: ['output'] }],
  });
}

/** Casts FP32 [batch, 4] into any numeric datatype. */
export function castTo(datatype: Datatype): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['batch', 4] }],
    outputs: [{ name: 'output', datatype, shape: ['batch', 4] }],
    nodes: [
      {
        op: 'Cast',
        inputs: ['input'],
        outputs: ['output'],
        attributes: [{ name: 'to', int: onnxTypeNumbers[datatype] }],
      },
    ],
  });
}
