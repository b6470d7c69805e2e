import type { Datatype } from '@tributary/contract';
import { onnxModel, onnxTypeNumbers, type OnnxAttribute, type OnnxValue } from './onnx-model';
import { loopBody } from './run-graphs';

/** A graph of one operator, all of whose sizes are the caller's. */
export interface OperatorGraph {
  /** Name of a model: the operator and its datatype. */
  readonly name: string;
  readonly model: Uint8Array;
  readonly inputs: readonly { readonly name: string; readonly datatype: Datatype; readonly rank: number }[];
}

type Kind = `${Datatype} ${number}`;

/** An operator: its inputs as datatype and rank ('' leaves one out), datatypes of its outputs, attributes, domain. */
interface OperatorRow {
  readonly op: string;
  readonly inputs: readonly (Kind | '')[];
  readonly outputs: readonly Datatype[];
  readonly attributes: readonly OnnxAttribute[];
  readonly domain: string | undefined;
}

const floatMaps =
  'Abs Acosh Asin Atanh Ceil Celu Cos Cosh Elu Erf Exp Floor HardSigmoid HardSwish Hardmax Identity LeakyRelu Log LogSoftmax LpNormalization ' +
  'Neg Reciprocal Relu Round Selu Sigmoid Sign Sin Softmax Softplus Softsign Sqrt Tan Tanh ThresholdedRelu Flatten Transpose EyeLike Trilu';
const pictureMaps = 'GlobalAveragePool GlobalMaxPool GlobalLpPool MeanVarianceNormalization';
const reductions =
  'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSumSquare';

const rows: readonly OperatorRow[] = [
  ...words(floatMaps).map((op) => row(op, ['FP32 2'], ['FP32'])),
  ...words(pictureMaps).map((op) => row(op, ['FP32 4'], ['FP32'])),
  ...words(reductions).map((op) => row(op, ['FP32 2'], ['FP32'])),
  ...words('Div Mod').flatMap((op) =>
    (['INT32', 'INT64', 'INT8'] as const).map((type) => row(op, [`${type} 1`, `${type} 1`], [type])),
  ),
  ...words('Add Sub Mul Pow Max Min').map((op) => row(op, ['INT64 2', 'INT64 2'], ['INT64'])),
  ...words('Equal Less GreaterOrEqual').map((op) => row(op, ['INT64 2', 'INT64 2'], ['BOOL'])),
  row('Mod', ['FP32 1', 'FP32 1'], ['FP32'], [{ name: 'fmod', int: 1 }]),
  row('BitShift', ['UINT64 1', 'UINT64 1'], ['UINT64'], [{ name: 'direction', text: 'LEFT' }]),
  row('Neg', ['INT64 1'], ['INT64']),
  row('Abs', ['INT64 1'], ['INT64']),
  row('PRelu', ['FP32 2', 'FP32 2'], ['FP32']),
  row('Where', ['BOOL 2', 'FP32 2', 'FP32 2'], ['FP32']),
  row('Clip', ['FP32 2', 'FP32 0', 'FP32 0'], ['FP32']),
  row('Cast', ['FP32 2'], ['INT64'], [{ name: 'to', int: onnxTypeNumbers.INT64 }]),
  row('Cast', ['BYTES 1'], ['FP32'], [{ name: 'to', int: onnxTypeNumbers.FP32 }]),
  row('IsNaN', ['FP32 2'], ['BOOL']),
  row('Shape', ['FP32 2'], ['INT64']),
  row('Size', ['FP32 2'], ['INT64']),
  row('NonZero', ['FP32 2'], ['INT64']),
  row('Det', ['FP32 2'], ['FP32']),
  row('DepthToSpace', ['FP32 4'], ['FP32'], [{ name: 'blocksize', int: 2 }]),
  row('SpaceToDepth', ['FP32 4'], ['FP32'], [{ name: 'blocksize', int: 2 }]),
  // Products.
  row('MatMul', ['FP32 2', 'FP32 2'], ['FP32']),
  row('Gemm', ['FP32 2', 'FP32 2', 'FP32 1'], ['FP32']),
  row('MatMulInteger', ['UINT8 2', 'UINT8 2'], ['INT32']),
  row('Einsum', ['FP32 2', 'FP32 2'], ['FP32'], [{ name: 'equation', text: 'ij,jk->ik' }]),
  row('Conv', ['FP32 4', 'FP32 4', 'FP32 1'], ['FP32']),
  row('ConvInteger', ['UINT8 4', 'UINT8 4'], ['INT32']),
  row('ConvTranspose', ['FP32 4', 'FP32 4'], ['FP32']),
  row('MaxPool', ['FP32 4'], ['FP32'], [{ name: 'kernel_shape', ints: [2, 2] }]),
  row('AveragePool', ['FP32 4'], ['FP32'], [{ name: 'kernel_shape', ints: [2, 2] }]),
  row('LpPool', ['FP32 4'], ['FP32'], [{ name: 'kernel_shape', ints: [2, 2] }]),
  row('RoiAlign', ['FP32 4', 'FP32 2', 'INT64 1'], ['FP32']),
  row('MaxRoiPool', ['FP32 4', 'FP32 2'], ['FP32'], [{ name: 'pooled_shape', ints: [2, 2] }]),
  row('MaxUnpool', ['FP32 4', 'INT64 4'], ['FP32'], [{ name: 'kernel_shape', ints: [2, 2] }]),
  row('GridSample', ['FP32 4', 'FP32 4'], ['FP32']),
  row('BatchNormalization', ['FP32 4', 'FP32 1', 'FP32 1', 'FP32 1', 'FP32 1'], ['FP32']),
  row('InstanceNormalization', ['FP32 4', 'FP32 1', 'FP32 1'], ['FP32']),
  row('LayerNormalization', ['FP32 2', 'FP32 1', 'FP32 1'], ['FP32']),
  row('LRN', ['FP32 4'], ['FP32'], [{ name: 'size', int: 3 }]),
  ...words('LSTM GRU RNN').map((op) =>
    row(op, ['FP32 3', 'FP32 3', 'FP32 3'], ['FP32'], [{ name: 'hidden_size', int: 2 }]),
  ),
  row('LSTM', ['FP32 3', 'FP32 3', 'FP32 3', '', 'INT32 1'], ['FP32'], [{ name: 'hidden_size', int: 2 }]),
  // Sizes and places that are values.
  row('Expand', ['FP32 1', 'INT64 1'], ['FP32']),
  row('Tile', ['FP32 1', 'INT64 1'], ['FP32']),
  row('ConstantOfShape', ['INT64 1'], ['FP32']),
  row('Range', ['INT64 0', 'INT64 0', 'INT64 0'], ['INT64']),
  row('Range', ['FP32 0', 'FP32 0', 'FP32 0'], ['FP32']),
  row('OneHot', ['INT64 1', 'INT64 1', 'FP32 1'], ['FP32']),
  row('Resize', ['FP32 2', '', 'FP32 1'], ['FP32']),
  row('Reshape', ['FP32 2', 'INT64 1'], ['FP32'], [{ name: 'allowzero', int: 1 }]),
  row('Pad', ['FP32 1', 'INT64 1'], ['FP32']),
  row('Pad', ['FP32 1', 'INT64 1'], ['FP32'], [{ name: 'mode', text: 'reflect' }]),
  row('Slice', ['FP32 1', 'INT64 1', 'INT64 1', 'INT64 1', 'INT64 1'], ['FP32']),
  row('Split', ['FP32 1', 'INT64 1'], ['FP32', 'FP32']),
  row('Squeeze', ['FP32 2', 'INT64 1'], ['FP32']),
  row('Unsqueeze', ['FP32 2', 'INT64 1'], ['FP32']),
  row('Concat', ['FP32 2', 'FP32 2'], ['FP32'], [{ name: 'axis', int: 1 }]),
  row('Gather', ['FP32 2', 'INT64 1'], ['FP32']),
  row('GatherElements', ['FP32 2', 'INT64 2'], ['FP32']),
  row('GatherND', ['FP32 2', 'INT64 2'], ['FP32']),
  row('ScatterElements', ['FP32 2', 'INT64 2', 'FP32 2'], ['FP32']),
  row('ScatterND', ['FP32 2', 'INT64 2', 'FP32 1'], ['FP32']),
  row('Compress', ['FP32 2', 'BOOL 1'], ['FP32'], [{ name: 'axis', int: 0 }]),
  row('CumSum', ['FP32 2', 'INT64 0'], ['FP32']),
  row('ReduceSum', ['FP32 2', 'INT64 1'], ['FP32']),
  row('ArgMax', ['FP32 2'], ['INT64']),
  row('ArgMin', ['FP32 2'], ['INT64']),
  row('TopK', ['FP32 2', 'INT64 1'], ['FP32', 'INT64'], [{ name: 'axis', int: 1 }]),
  row('Unique', ['FP32 2'], ['FP32'], [{ name: 'axis', int: 0 }]),
  row('ReverseSequence', ['FP32 2', 'INT64 1'], ['FP32']),
  row('NonMaxSuppression', ['FP32 3', 'FP32 3', 'INT64 1', 'FP32 1', 'FP32 1'], ['INT64']),
  row('HannWindow', ['INT64 0'], ['FP32']),
  row('MelWeightMatrix', ['INT64 0', 'INT64 0', 'INT64 0', 'FP32 0', 'FP32 0'], ['FP32']),
  row('STFT', ['FP32 3', 'INT64 0', 'FP32 1'], ['FP32']),
  row('Multinomial', ['FP32 2'], ['INT32'], [{ name: 'sample_size', int: 4 }]),
  row('Bernoulli', ['FP32 2'], ['FP32']),
  row('QuantizeLinear', ['FP32 2', 'FP32 0', 'UINT8 0'], ['UINT8']),
  row('DequantizeLinear', ['UINT8 2', 'FP32 0', 'UINT8 0'], ['FP32']),
  row('DynamicQuantizeLinear', ['FP32 2'], ['UINT8', 'FP32', 'UINT8']),
  row(
    'StringNormalizer',
    ['BYTES 1'],
    ['BYTES'],
    [
      { name: 'case_change_action', text: 'UPPER' },
      { name: 'locale', text: 'C' },
    ],
  ),
  row('Loop', ['INT64 0', 'BOOL 0', 'FP32 1'], ['FP32'], [{ name: 'body', graph: loopBody() }]),
  // Other sets of operators.
  row('Normalizer', ['FP32 2'], ['FP32'], [{ name: 'norm', text: 'L2' }], 'ai.onnx.ml'),
  row('Binarizer', ['FP32 2'], ['FP32'], [{ name: 'threshold', float: 0.5 }], 'ai.onnx.ml'),
  row('ArrayFeatureExtractor', ['FP32 2', 'INT64 1'], ['FP32'], [], 'ai.onnx.ml'),
  ...words('Gelu QuickGelu Inverse').map((op) => row(op, ['FP32 2'], ['FP32'], [], 'com.microsoft')),
  row('FusedMatMul', ['FP32 2', 'FP32 2'], ['FP32'], [], 'com.microsoft'),
  row('BiasGelu', ['FP32 2', 'FP32 1'], ['FP32'], [], 'com.microsoft'),
  row('SkipLayerNormalization', ['FP32 3', 'FP32 3', 'FP32 1'], ['FP32'], [], 'com.microsoft'),
  row('ExpandDims', ['FP32 2', 'INT32 0'], ['FP32'], [], 'com.microsoft'),
  row('Attention', ['FP32 3', 'FP32 2', 'FP32 1'], ['FP32'], [{ name: 'num_heads', int: 2 }], 'com.microsoft'),
  row('CDist', ['FP32 2', 'FP32 2'], ['FP32'], [{ name: 'metric', text: 'euclidean' }], 'com.microsoft'),
];

/**
 * Graphs of one operator each, for tests that send what nobody expects: a spread over ONNX's own operators, and some of `ai.onnx.ml`
 * and `com.microsoft`, among them all that were seen to end a process.
 */
export function operatorGraphs(): OperatorGraph[] {
  return rows.map(({ op, inputs, outputs, attributes, domain }, position) => {
    const given = inputs.flatMap((kind, index) => {
      if (kind === '') return [];
      const [datatype, rank] = kind.split(' ') as [Datatype, string];
      return [{ name: `input${index}`, datatype, rank: Number(rank) }];
    });
    const model = onnxModel({
      inputs: given.map(({ name, datatype, rank }): OnnxValue => {
        const shape = Array.from({ length: rank }, (_, dimension) => `${name}_${dimension}`);
        return { name, datatype, shape };
      }),
      outputs: outputs.map((datatype, index) => ({ name: `output${index}`, datatype, shape: null })),
      nodes: [
        {
          op,
          inputs: inputs.map((kind, index) => (kind === '' ? '' : `input${index}`)),
          outputs: outputs.map((_, index) => `output${index}`),
          attributes,
          ...(domain === undefined ? {} : { domain }),
        },
      ],
    });
    return { name: `${op}-${position}`, model, inputs: given };
  });
}

function words(text: string): string[] {
  return text.split(' ');
}

function row(
  op: string,
  inputs: readonly (Kind | '')[],
  outputs: readonly Datatype[],
  attributes: readonly OnnxAttribute[] = [],
  domain?: string,
): OperatorRow {
  return { op, inputs, outputs, attributes, domain };
}
