import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BareForms, FormFiles } from '../bare/bare-forms';
import type { FigureRatio } from '../measure/figures';
import { spread } from '../measure/statistics';
import { ChildProgram } from '../process/child-program';
import { atMost, type Bench, type Key, type KeyName } from './key';

/** Runs of each form in a round. */
const runsARound = 40;
const quickRunsARound = 10;

interface FormKey {
  readonly name: KeyName;
  readonly meaning: string;
  /** Folder of the model, from the root. */
  readonly folder: string;
  /** Name of its build under models/build. */
  readonly model: string;
  readonly atMost: number;
  /** What is wrong with the shipped form's first output beside that of fp32. */
  readonly faultOf: (float32: Float32Array, shipped: Float32Array) => string | undefined;
}

/** One sentence of 32 tokens through the encoder as it is shipped, and through the graph it was made from. */
export const modelEncoderOverFp32: Key = formKey({
  name: 'model.encoder_over_fp32',
  meaning: 'bge-small-en, 32 tokens, one thread: run time of the shipped form / the fp32 graph',
  folder: 'models/nlp/bge-small-en',
  model: 'bge-small-en',
  atMost: 0.75,
  faultOf: (float32, shipped) => {
    // The fp32 graph answers every token; the first one is the sentence.
    const likeness = cosine(float32.subarray(0, shipped.length), shipped);
    return likeness >= 0.9995 ? undefined : `the cosine of the two answers is ${likeness.toFixed(6)}, below .9995`;
  },
});

/** One picture through the image network as it is shipped, and in fp32. */
export const modelImageOverFp32: Key = formKey({
  name: 'model.image_over_fp32',
  meaning: 'efficientnet-lite0, one picture, one thread: run time of the shipped form / the fp32 graph',
  folder: 'models/image/efficientnet-lite0',
  model: 'efficientnet-lite0',
  atMost: 0.85,
  faultOf: (float32, shipped) => {
    const [expected, got] = [indexOfLargest(float32), indexOfLargest(shipped)];
    return expected === got ? undefined : `the first class is ${got}, in fp32 it is ${expected}`;
  },
});

function formKey({ name, meaning, folder, model, atMost: limit, faultOf }: FormKey): Key {
  return {
    name,
    meaning,
    target: atMost(limit),
    steps: ({ rounds }) => rounds + 1,
    async measure(bench) {
      const files = await filesOf(bench, folder, model);
      const process = new ChildProgram<BareForms>(bench.group, model, join(__dirname, '../bare/bare-forms-process.js'));
      const { float32, shipped } = await process.ask('load', files);
      const fault = faultOf(float32, shipped);
      if (fault !== undefined) throw new Error(`${model}: ${fault}`);
      return measureForms(bench, process);
    },
  };
}

async function measureForms(bench: Bench, process: ChildProgram<BareForms>): Promise<FigureRatio> {
  const runs = bench.quick ? quickRunsARound : runsARound;
  const rounds: Awaited<ReturnType<BareForms['time']>>[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const times = await process.ask('time', { runs });
    rounds.push(times);
    bench.progress.step(`shipped ${times.shipped.toFixed(1)} ms, fp32 ${times.float32.toFixed(1)} ms`);
  }
  const ratios = rounds.map(({ shipped, float32 }) => shipped / float32);
  return {
    ...{ ratios, ratio: spread(ratios), refusals: [] },
    numerator: { name: 'shipped', milliseconds: spread(rounds.map(({ shipped }) => shipped)) },
    denominator: { name: 'fp32', milliseconds: spread(rounds.map(({ float32 }) => float32)) },
  };
}

/** The fp32 graph is too large for git: the model's build makes it from the published weights and keeps it. */
async function filesOf({ root, progress }: Bench, folder: string, model: string): Promise<FormFiles> {
  const build = join(root, 'models/build/run');
  const made = await promisify(execFile)(build, [model, 'float32']).catch((error: unknown) => {
    const words = (error as { readonly stderr?: string }).stderr?.trim().split('\n').at(-1);
    throw new Error(`no fp32 graph of ${model} to compare with: ${words || String(error)}`);
  });
  const float32 = made.stdout.trim().split('\n').at(-1)!;
  progress.step(`fp32 graph of ${model}`);
  const inputs = JSON.parse(await readFile(join(float32, 'inputs.json'), 'utf8')) as FormFiles['inputs'];
  return { float32: join(float32, 'model.onnx'), shipped: join(root, folder, '1/model.onnx'), inputs };
}

function cosine(a: Float32Array, b: Float32Array): number {
  const inner = (x: Float32Array, y: Float32Array): number => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
  return inner(a, b) / Math.sqrt(inner(a, a) * inner(b, b));
}

function indexOfLargest(values: Float32Array): number {
  return values.reduce((best, value, i) => (value > values[best]! ? i : best), 0);
}
