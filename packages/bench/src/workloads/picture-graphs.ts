import { onnxModel } from '@tributary/engine/testing';
import { GraphBuilder } from './graph-builder';

/** Shape of a picture as a tensor: 602 112 bytes in FP32. */
export const pictureShape: readonly number[] = [1, 3, 224, 224];

/** `mean` FP32 [1, 1] of all values of `picture` FP32 [1, 3, 224, 224]: next to no work, but no byte of the input may be missing. */
export function pictureMean(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'picture', datatype: 'FP32', shape: pictureShape }],
    outputs: [{ name: 'mean', datatype: 'FP32', shape: [1, 1] }],
    nodes: [
      { op: 'Flatten', inputs: ['picture'], outputs: ['values'], attributes: [{ name: 'axis', int: 1 }] },
      {
        op: 'ReduceMean',
        inputs: ['values'],
        outputs: ['mean'],
        attributes: [
          { name: 'axes', ints: [1] },
          { name: 'keepdims', int: 1 },
        ],
      },
    ],
  });
}

/** Expansion, channels, repeats and first stride of each stage: MobileNetV2 (Sandler et al. 2018, table 2). */
const stages = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
] as const;
const stemChannels = 32;
const headChannels = 1280;
const classes = 1000;

/**
 * MobileNetV2 with drawn weights: `picture` FP32 [batch, 3, 224, 224] to `classes` FP32 [batch, 1000]. 300 million
 * multiplications, 5 to 8 ms on one core.
 */
export function convolutionNetwork(): Uint8Array {
  const graph = new GraphBuilder(2);
  const [zero, six] = [graph.float(0), graph.float(6)];
  const convolve = (input: string, from: number, to: number, size: number, stride: number, groups: number): string => {
    const fanIn = (from / groups) * size * size;
    // He's initialisation, drawn uniformly: values keep their size through the layers.
    const kernel = graph.weights([to, from / groups, size, size], Math.sqrt(6 / fanIn));
    return graph.op(
      'Conv',
      [input, kernel, graph.weights([to], 0.05)],
      [
        { name: 'kernel_shape', ints: [size, size] },
        { name: 'strides', ints: [stride, stride] },
        { name: 'pads', ints: Array.from({ length: 4 }, () => Math.floor(size / 2)) },
        { name: 'group', int: groups },
      ],
    );
  };
  const clip = (input: string): string => graph.op('Clip', [input, zero, six]);
  let last = clip(convolve('picture', 3, stemChannels, 3, 2, 1));
  let channels: number = stemChannels;
  for (const [expansion, to, repeats, firstStride] of stages) {
    for (let repeat = 0; repeat < repeats; repeat++) {
      const stride = repeat === 0 ? firstStride : 1;
      const wide = channels * expansion;
      const expanded = expansion === 1 ? last : clip(convolve(last, channels, wide, 1, 1, 1));
      const filtered = clip(convolve(expanded, wide, wide, 3, stride, wide));
      const narrowed = convolve(filtered, wide, to, 1, 1, 1);
      last = stride === 1 && channels === to ? graph.op('Add', [last, narrowed]) : narrowed;
      channels = to;
    }
  }
  last = clip(convolve(last, channels, headChannels, 1, 1, 1));
  last = graph.op('Flatten', [graph.op('GlobalAveragePool', [last])], [{ name: 'axis', int: 1 }]);
  const head = graph.weights([headChannels, classes], 1 / Math.sqrt(headChannels));
  graph.op('Gemm', [last, head, graph.weights([classes], 0.05)], [], 'classes');
  return graph.finish({
    inputs: [{ name: 'picture', datatype: 'FP32', shape: ['batch', ...pictureShape.slice(1)] }],
    outputs: [{ name: 'classes', datatype: 'FP32', shape: ['batch', classes] }],
  });
}
