import { decodeMessage, tributary } from '@tributary/contract';
import {
  bestIndices,
  float32Values,
  type TaskContext,
  type TaskDefinition,
  type TaskModelFiles,
} from '@tributary/engine/task';
import { z } from 'zod';
import { refusal } from '../refusals';
import { defaultMaxMegapixels, preparePixels, type PixelLayout } from '../picture/prepare-pixels';

const { ClassifyRequest, ClassifyResponse } = tributary.image.v1;

const classifyMethod = 'tributary.image.v1.ImageService/Classify';

/** Classes returned where the request asks for no number of them. */
const defaultTopK = 5;

const options = z.strictObject({
  /** How the model sees a picture; the values that must be one word name what the service does, so that a card can be read alone. */
  image: z.strictObject({
    width: z.int().min(1).max(4096),
    height: z.int().min(1).max(4096),
    cropFraction: z.number().gt(0).max(1),
    resize: z.literal('bicubic'),
    layout: z.literal('NHWC'),
    channels: z.literal('RGB'),
    /** Most pixels that are decoded, in millions; of a JPEG, after it was shrunk in decoding. */
    maxMegapixels: z.number().gt(0).max(1000).default(defaultMaxMegapixels),
  }),
});
type Options = z.infer<typeof options>;

/**
 * Names what a picture shows. Fits graphs with one UINT8 input [batch, height, width, 3] and one FP32 output [batch, classes] of
 * probabilities; labels, where there are any, name the classes in order.
 */
export const imageClassification: TaskDefinition<Options> = {
  name: 'image-classification',
  methods: [classifyMethod],
  options,
  load(model) {
    const graph = checkGraph(model);
    const layout = model.options.image;
    const classifier = { ...graph, layout, labels: model.labels };
    return Promise.resolve({
      methods: new Map([[classifyMethod, (request, context) => classify(classifier, request, context)]]),
    });
  },
};

interface Classifier {
  readonly input: string;
  readonly output: string;
  readonly layout: PixelLayout;
  readonly labels: readonly string[];
}

async function classify(classifier: Classifier, encoded: Uint8Array, context: TaskContext): Promise<Uint8Array> {
  const request = decodeMessage(ClassifyRequest, encoded);
  const { layout } = classifier;
  const pixels = await preparePixels(request.image, layout, 'image');
  const shape = [1, layout.height, layout.width, 3];
  const { outputs } = await context.infer(new Map([[classifier.input, { datatype: 'UINT8', shape, bytes: pixels }]]));
  const scores = float32Values(outputs.get(classifier.output)!);
  const classes = bestIndices(scores, request.topK || defaultTopK).map((index) => ({
    index,
    label: classifier.labels[index] ?? '',
    score: scores[index]!,
  }));
  return ClassifyResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    classes,
    timing: context.timing(),
  }).finish();
}

/** Names of the graph's input and output, once it is sure that pictures fit in and classes come out. */
function checkGraph({ inputs, outputs, labels, options: { image } }: TaskModelFiles<Options>): {
  input: string;
  output: string;
} {
  const [input, ...otherInputs] = inputs;
  const [output, ...otherOutputs] = outputs;
  const pixels = [image.height, image.width, 3];
  const takesPixels =
    input?.datatype === 'UINT8' &&
    input.shape.length === 4 &&
    pixels.every((size, index) => [size, -1].includes(input.shape[index + 1]!));
  if (!takesPixels || otherInputs.length > 0) {
    throw refusal('MODEL_UNSUPPORTED', { problem: `expected one input, UINT8 [batch,${pixels.join(',')}]` });
  }
  if (output?.datatype !== 'FP32' || output.shape.length !== 2 || otherOutputs.length > 0) {
    throw refusal('MODEL_UNSUPPORTED', { problem: 'expected one output, FP32 [batch,classes]' });
  }
  const classes = output.shape[1]!;
  if (labels.length > 0 && classes !== -1 && classes !== labels.length) {
    throw refusal('MODEL_UNSUPPORTED', {
      problem: `the graph has ${classes} classes, but there are ${labels.length} labels`,
    });
  }
  return { input: input.name, output: output.name };
}
