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
import { checkTexts } from '../text/check-texts';
import { eachLimited } from '../text/each-limited';
import type { Encoders } from '../text/encoders';

const { ClassifyRequest, ClassifyResponse } = tributary.nlp.v1;

const classifyMethod = 'tributary.nlp.v1.NlpService/Classify';

/** Runs of the head that one call has under way at the same time. */
const maxRunsInFlight = 4;

const options = z.strictObject({
  /** Name of the text-embedding model whose vectors the head was trained on. */
  encoder: z.string().min(1),
});
type Options = z.infer<typeof options>;

/**
 * Labels texts with a head on an encoder's vectors. Fits graphs with one FP32 input [batch, width] and one FP32 output
 * [batch, labels] of probabilities. The encoder is asked for the vectors, so all heads share one encoder, its queue and its memory.
 */
export function textClassification(encoders: Encoders): TaskDefinition<Options> {
  return {
    name: 'text-classification',
    methods: [classifyMethod],
    options,
    load(model) {
      const head = { ...checkGraph(model), encoder: model.options.encoder, labels: model.labels };
      return Promise.resolve({
        methods: new Map([[classifyMethod, (request, context) => classify(head, encoders, request, context)]]),
        async warmUp(context) {
          if (head.width !== -1) await score(head, [new Float32Array(head.width)], context);
        },
      });
    },
  };
}

interface Head {
  readonly input: string;
  readonly output: string;
  /** Of the vectors that it takes; -1: any. */
  readonly width: number;
  /** Rows of one run. */
  readonly maxRows: number;
  readonly encoder: string;
  readonly labels: readonly string[];
}

async function classify(
  head: Head,
  encoders: Encoders,
  encoded: Uint8Array,
  context: TaskContext,
): Promise<Uint8Array> {
  const { texts } = decodeMessage(ClassifyRequest, encoded);
  checkTexts(texts);
  const encoder = encoders.get(head.encoder, context);
  const encodings = await encoder.tokenizeContent(texts, context.signal);
  const vectors = await encoder.embed(encodings, context);
  const width = vectors[0]!.length;
  if (head.width !== -1 && head.width !== width) {
    const problem = `it takes vectors of ${head.width} numbers, but its encoder ${head.encoder} gives ${width}`;
    throw refusal('MODEL_UNSUPPORTED', { problem });
  }
  const scores = await score(head, vectors, context);
  return ClassifyResponse.encode({
    modelName: context.model,
    modelVersion: context.version,
    results: encodings.map(({ truncated }, index) => ({ labels: labelled(head.labels, scores[index]!), truncated })),
    timing: context.timing(),
  }).finish();
}

/** Probabilities of the labels for each vector, in order. */
async function score(head: Head, vectors: readonly Float32Array[], context: TaskContext): Promise<Float32Array[]> {
  const scores = new Array<Float32Array>(vectors.length);
  const starts = Array.from({ length: Math.ceil(vectors.length / head.maxRows) }, (_, run) => run * head.maxRows);
  await eachLimited(starts, maxRunsInFlight, async (start) => {
    const rows = vectors.slice(start, start + head.maxRows);
    const width = rows[0]!.length;
    const values = new Float32Array(rows.length * width);
    rows.forEach((row, place) => values.set(row, place * width));
    const input = { datatype: 'FP32', shape: [rows.length, width], bytes: new Uint8Array(values.buffer) } as const;
    const { outputs } = await context.infer(new Map([[head.input, input]]));
    const probabilities = float32Values(outputs.get(head.output)!);
    if (probabilities.length !== rows.length * head.labels.length) {
      const got = probabilities.length / rows.length;
      const problem = `the graph gives ${got} probabilities, but there are ${head.labels.length} labels`;
      throw refusal('MODEL_UNSUPPORTED', { problem });
    }
    rows.forEach((_, place) => {
      scores[start + place] = probabilities.subarray(place * head.labels.length, (place + 1) * head.labels.length);
    });
  });
  return scores;
}

function labelled(labels: readonly string[], scores: Float32Array): { label: string; score: number }[] {
  return bestIndices(scores, labels.length).map((index) => ({ label: labels[index]!, score: scores[index]! }));
}

function checkGraph({ inputs, outputs, labels, maxBatchSize }: TaskModelFiles<Options>): {
  input: string;
  output: string;
  width: number;
  maxRows: number;
} {
  const [input, ...otherInputs] = inputs;
  const [output, ...otherOutputs] = outputs;
  if (input?.datatype !== 'FP32' || input.shape.length !== 2 || otherInputs.length > 0) {
    throw refusal('MODEL_UNSUPPORTED', { problem: 'expected one input, FP32 [batch,width]' });
  }
  if (output?.datatype !== 'FP32' || output.shape.length !== 2 || otherOutputs.length > 0) {
    throw refusal('MODEL_UNSUPPORTED', { problem: 'expected one output, FP32 [batch,labels]' });
  }
  if (labels.length === 0) throw refusal('MODEL_UNSUPPORTED', { problem: 'expected labels' });
  if (![-1, labels.length].includes(output.shape[1]!)) {
    throw refusal('MODEL_UNSUPPORTED', {
      problem: `the graph has ${output.shape[1]} labels, but there are names for ${labels.length}`,
    });
  }
  return { input: input.name, output: output.name, width: input.shape[1]!, maxRows: maxBatchSize };
}
