import * as attention from './attention';
import * as classic from './classic';
import * as elementwise from './elementwise';
import * as flow from './flow';
import * as image from './image';
import * as indexing from './indexing';
import * as joining from './joining';
import * as linear from './linear';
import * as normalization from './normalization';
import * as quantization from './quantization';
import * as recurrent from './recurrent';
import * as reduction from './reduction';
import * as shapes from './shapes';
import type { Rule } from './rule';

// Long because it has a row for every operator, and is the one place where an operator is added.

type RuleTable = Readonly<Record<string, Rule>>;

/** ONNX's own operators. Those that are not here are unknown, and what is unknown mixes rows. */
const onnxRules: RuleTable = {
  Abs: elementwise.unary,
  Acos: elementwise.unary,
  Acosh: elementwise.unary,
  Add: elementwise.broadcasting,
  AffineGrid: image.affineGrid,
  And: elementwise.broadcasting,
  ArgMax: reduction.argument,
  ArgMin: reduction.argument,
  Asin: elementwise.unary,
  Asinh: elementwise.unary,
  Atan: elementwise.unary,
  Atanh: elementwise.unary,
  Attention: attention.attention,
  AveragePool: image.pooling,
  BatchNormalization: normalization.batchNormalization,
  Bernoulli: classic.random,
  BitCast: elementwise.unary,
  BitShift: elementwise.broadcasting,
  BitwiseAnd: elementwise.broadcasting,
  BitwiseNot: elementwise.unary,
  BitwiseOr: elementwise.broadcasting,
  BitwiseXor: elementwise.broadcasting,
  BlackmanWindow: classic.onlyFree('makes a window of the rows'),
  Cast: elementwise.cast,
  CastLike: elementwise.castLike,
  Ceil: elementwise.unary,
  Celu: elementwise.unary,
  CenterCropPad: image.centerCropPad,
  // The bounds are of one element each.
  Clip: elementwise.broadcasting,
  Col2Im: image.columnsToImage,
  Compress: indexing.compress,
  Concat: joining.concat,
  Constant: shapes.constant,
  ConstantOfShape: shapes.constantOfShape,
  Conv: image.convolution,
  ConvInteger: image.convolution,
  ConvTranspose: image.imagesOfUnknownSize,
  Cos: elementwise.unary,
  Cosh: elementwise.unary,
  CumProd: reduction.cumulate,
  CumSum: reduction.cumulate,
  DFT: reduction.fourierTransform,
  DeformConv: image.deformableConvolution,
  DepthToSpace: image.depthAndSpace,
  DequantizeLinear: quantization.quantize,
  Det: linear.lastTwoAxes,
  Div: elementwise.broadcasting,
  Dropout: elementwise.dropout,
  // Mixes: its scale is taken over the whole tensor.
  DynamicQuantizeLinear: quantization.dynamicQuantize,
  Einsum: linear.einsum,
  Elu: elementwise.unary,
  Equal: elementwise.broadcasting,
  Erf: elementwise.unary,
  Exp: elementwise.unary,
  Expand: shapes.expand,
  EyeLike: classic.eyeLike,
  Flatten: shapes.flatten,
  Floor: elementwise.unary,
  GRU: recurrent.recurrent,
  Gather: indexing.gather,
  GatherElements: indexing.gatherElements,
  GatherND: indexing.gatherNd,
  Gelu: elementwise.unary,
  Gemm: linear.gemm,
  GlobalAveragePool: image.globalPooling,
  GlobalLpPool: image.globalPooling,
  GlobalMaxPool: image.globalPooling,
  Greater: elementwise.broadcasting,
  GreaterOrEqual: elementwise.broadcasting,
  GridSample: image.gridSample,
  GroupNormalization: image.eachImage,
  HammingWindow: classic.onlyFree('makes a window of the rows'),
  HannWindow: classic.onlyFree('makes a window of the rows'),
  HardSigmoid: elementwise.unary,
  HardSwish: elementwise.unary,
  Hardmax: reduction.softmax,
  Identity: elementwise.identity,
  If: flow.conditional,
  InstanceNormalization: image.eachImage,
  IsInf: elementwise.unary,
  IsNaN: elementwise.unary,
  LRN: image.eachImage,
  LSTM: recurrent.recurrent,
  LayerNormalization: normalization.layerNormalization,
  LeakyRelu: elementwise.unary,
  Less: elementwise.broadcasting,
  LessOrEqual: elementwise.broadcasting,
  Log: elementwise.unary,
  LogSoftmax: reduction.softmax,
  Loop: flow.loop,
  LpNormalization: reduction.alongAttribute,
  LpPool: image.pooling,
  MatMul: linear.matMul,
  MatMulInteger: linear.integerMatMul,
  Max: elementwise.variadic,
  MaxPool: image.pooling,
  MaxRoiPool: classic.onlyFree('picks rows by index'),
  MaxUnpool: classic.onlyFree('takes places counted over all rows'),
  Mean: elementwise.variadic,
  MeanVarianceNormalization: normalization.meanVarianceNormalization,
  MelWeightMatrix: classic.onlyFree('makes a matrix of the rows'),
  Min: elementwise.variadic,
  Mish: elementwise.unary,
  Mod: elementwise.broadcasting,
  Mul: elementwise.broadcasting,
  Multinomial: classic.random,
  Neg: elementwise.unary,
  NonMaxSuppression: classic.onlyFree('answers as many boxes as all rows have'),
  NonZero: classic.nonZero,
  Not: elementwise.unary,
  OneHot: indexing.oneHot,
  Or: elementwise.broadcasting,
  PRelu: elementwise.broadcasting,
  Pad: image.pad,
  Pow: elementwise.broadcasting,
  QLinearConv: image.convolution,
  QLinearMatMul: linear.quantizedMatMul,
  QuantizeLinear: quantization.quantize,
  RMSNormalization: normalization.layerNormalization,
  RNN: recurrent.recurrent,
  RandomNormal: classic.random,
  RandomNormalLike: classic.random,
  RandomUniform: classic.random,
  RandomUniformLike: classic.random,
  Range: shapes.range,
  Reciprocal: elementwise.unary,
  ReduceL1: reduction.reduce,
  ReduceL2: reduction.reduce,
  ReduceLogSum: reduction.reduce,
  ReduceLogSumExp: reduction.reduce,
  ReduceMax: reduction.reduce,
  ReduceMean: reduction.reduce,
  ReduceMin: reduction.reduce,
  ReduceProd: reduction.reduce,
  ReduceSum: reduction.reduce,
  ReduceSumSquare: reduction.reduce,
  RegexFullMatch: elementwise.unary,
  Relu: elementwise.unary,
  Reshape: shapes.reshape,
  Resize: image.resize,
  ReverseSequence: recurrent.reverseSequence,
  RoiAlign: classic.onlyFree('picks rows by index'),
  RotaryEmbedding: attention.rotaryEmbedding,
  Round: elementwise.unary,
  STFT: image.shortTimeTransform,
  Scan: flow.scan,
  // The old name of ScatterElements.
  Scatter: indexing.scatterElements,
  ScatterElements: indexing.scatterElements,
  ScatterND: indexing.scatterNd,
  Selu: elementwise.unary,
  Shape: shapes.shape,
  Shrink: elementwise.unary,
  Sigmoid: elementwise.unary,
  Sign: elementwise.unary,
  // ONNX Runtime's, in ONNX's own domain.
  SimplifiedLayerNormalization: normalization.layerNormalization,
  Sin: elementwise.unary,
  Sinh: elementwise.unary,
  Size: shapes.size,
  Slice: joining.slice,
  Softmax: reduction.softmax,
  Softplus: elementwise.unary,
  Softsign: elementwise.unary,
  SpaceToDepth: image.depthAndSpace,
  Split: joining.split,
  Sqrt: elementwise.unary,
  Squeeze: shapes.squeeze,
  StringConcat: elementwise.broadcasting,
  StringNormalizer: classic.stringNormalizer,
  StringSplit: classic.onlyFree('pads to the longest row'),
  Sub: elementwise.broadcasting,
  Sum: elementwise.variadic,
  Swish: elementwise.unary,
  Tan: elementwise.unary,
  Tanh: elementwise.unary,
  TfIdfVectorizer: classic.tfIdf,
  ThresholdedRelu: elementwise.unary,
  Tile: shapes.tile,
  TopK: reduction.topK,
  Transpose: shapes.transpose,
  Trilu: linear.lastTwoAxes,
  Unique: classic.onlyFree('tells elements of all rows apart'),
  Unsqueeze: shapes.unsqueeze,
  Upsample: image.resize,
  Where: elementwise.where,
  Xor: elementwise.broadcasting,
};

/** Classic machine learning, as sklearn, XGBoost and LightGBM are exported. */
const mlRules: RuleTable = {
  ArrayFeatureExtractor: indexing.arrayFeatureExtractor,
  Binarizer: classic.elementwiseOfRows,
  CategoryMapper: classic.elementwiseOfRows,
  FeatureVectorizer: classic.joinedColumns,
  Imputer: classic.sameColumns,
  LabelEncoder: classic.elementwiseOfRows,
  LinearClassifier: classic.classifier,
  LinearRegressor: classic.regressor,
  // By the norm of each row.
  Normalizer: classic.sameColumns,
  OneHotEncoder: classic.oneHotEncoder,
  SVMClassifier: classic.classifier,
  SVMRegressor: classic.regressor,
  Scaler: classic.sameColumns,
  TreeEnsemble: classic.regressor,
  TreeEnsembleClassifier: classic.classifier,
  TreeEnsembleRegressor: classic.regressor,
  ZipMap: classic.zipMap,
};

/** Operators that optimisers and quantisers of ONNX Runtime write. */
const microsoftRules: RuleTable = {
  Attention: attention.packedAttention,
  BiasAdd: linear.biased,
  BiasGelu: elementwise.broadcasting,
  DequantizeLinear: quantization.quantize,
  DynamicQuantizeLSTM: classic.onlyFree('takes its scale over all rows'),
  DynamicQuantizeMatMul: classic.onlyFree('takes its scale over all rows'),
  EmbedLayerNormalization: attention.embedLayerNormalization,
  FastGelu: elementwise.broadcasting,
  FusedConv: image.convolution,
  FusedGemm: linear.gemm,
  FusedMatMul: linear.fusedMatMul,
  GatherBlockQuantized: indexing.gatherQuantized,
  Gelu: elementwise.unary,
  GridSample: image.gridSample,
  GroupNorm: image.eachImage,
  GroupQueryAttention: attention.groupQueryAttention,
  Inverse: linear.lastTwoAxes,
  MatMulBnb4: linear.blockedMatMul,
  MatMulIntegerToFloat: linear.integerMatMul,
  MatMulNBits: linear.blockedMatMul,
  MultiHeadAttention: attention.multiHeadAttention,
  MurmurHash3: elementwise.unary,
  NhwcConv: image.imagesOfUnknownSize,
  NhwcFusedConv: image.imagesOfUnknownSize,
  NhwcMaxPool: image.imagesOfUnknownSize,
  QAttention: attention.quantizedAttention,
  QEmbedLayerNormalization: attention.embedLayerNormalization,
  QGemm: linear.quantizedGemm,
  QLinearAdd: quantization.quantizedBinary,
  QLinearAveragePool: image.pooling,
  QLinearConcat: joining.quantizedConcat,
  QLinearConv: image.convolution,
  QLinearGlobalAveragePool: image.globalPooling,
  QLinearLeakyRelu: quantization.quantizedUnary,
  QLinearMul: quantization.quantizedBinary,
  QLinearSigmoid: quantization.quantizedUnary,
  QLinearSoftmax: quantization.quantizedSoftmax,
  QLinearWhere: quantization.quantizedWhere,
  QuantizeLinear: quantization.quantize,
  QuickGelu: elementwise.unary,
  RotaryEmbedding: attention.rotaryEmbeddingWithPositions,
  SkipLayerNormalization: normalization.skipNormalization,
  SkipSimplifiedLayerNormalization: normalization.skipNormalization,
  Tokenizer: classic.onlyFree('pads to the longest row'),
  TransposeMatMul: linear.fusedMatMul,
  Trilu: linear.lastTwoAxes,
  Unique: classic.onlyFree('tells elements of all rows apart'),
};

/** Images with channels in blocks, as ONNX Runtime saves optimised graphs. */
const blockedImageRules: RuleTable = {
  AveragePool: image.imagesOfUnknownSize,
  Conv: image.imagesOfUnknownSize,
  GlobalAveragePool: image.imagesOfUnknownSize,
  GlobalMaxPool: image.imagesOfUnknownSize,
  MaxPool: image.imagesOfUnknownSize,
  ReorderInput: image.imagesOfUnknownSize,
  ReorderOutput: image.imagesOfUnknownSize,
};

const tables: Readonly<Record<string, RuleTable>> = {
  '': onnxRules,
  'ai.onnx.ml': mlRules,
  'com.microsoft': microsoftRules,
  'com.microsoft.nchwc': blockedImageRules,
};

/** The rule of an operator; undefined where there is none. */
export function ruleOf(domain: string, operator: string): Rule | undefined {
  const table = Object.hasOwn(tables, domain) ? tables[domain]! : {};
  return Object.hasOwn(table, operator) ? table[operator] : undefined;
}

/** All operators that have a rule, with the domain before the name where it is not ONNX's own. */
export function operatorsWithRules(): string[] {
  return Object.entries(tables).flatMap(([domain, table]) =>
    Object.keys(table).map((operator) => (domain === '' ? operator : `${domain}.${operator}`)),
  );
}

/**
 * Operators that keep rows apart but whose kernels were seen to answer by company: ReduceMax and ReduceMin of ONNX Runtime 1.32 give a
 * number for one row of [N, 1, 6] with a NaN in place 3, and NaN for two. They are tried where they are used.
 */
export const kernelsToTry: ReadonlySet<string> = new Set(['ReduceMax', 'ReduceMin']);

/** Operator set from which an operator broadcasts its operands; before, they must have one shape or say how they differ. */
export function broadcastsSince(rule: Rule): number {
  if (rule === elementwise.variadic) return 8;
  return rule === elementwise.broadcasting ? 7 : 1;
}
