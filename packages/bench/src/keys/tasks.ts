import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { tributary } from '@tributary/contract';
import type { Arrangement, BareTask } from '../bare/bare-plan';
import { floatsAt, integerAt, type AnswerCheck } from '../load/answer-check';
import type { LoadRequest } from '../load/load-plan';
import { BareContestant } from '../measure/bare';
import type { Load } from '../measure/served';
import { startService, type Service } from '../servers/service';
import { makePictures } from '../workloads/pictures';
import { makeSentences } from '../workloads/sentences';
import { atLeast, type Bench, type Key, type KeyResult } from './key';
import { allArrangements, measureServedOverBare, stepsOf } from './served-over-bare';

const textArrangements: readonly Arrangement[] = [
  { lanes: 1, threads: 2 },
  { lanes: 2, threads: 1 },
];

/** What serving costs where pictures are decoded and a network of some milliseconds runs. */
export const imageServedOverBare: Key = {
  name: 'image.served_over_bare',
  meaning: 'JPEG to classes by ImageService/Classify, 16 in flight / decoding and session.run without a server',
  target: atLeast(0.9),
  steps: (bench) => stepsOf(bench, allArrangements),
  measure: async (bench) => measureTask(bench, await imageWorkload(bench)),
};

async function imageWorkload(bench: Bench): Promise<TaskWorkload> {
  const modelFolder = join(bench.root, 'models/image/efficientnet-lite0');
  const pictures = await makePictures(join(modelFolder, 'sample.jpg'), 16, 16);
  const { ClassifyRequest } = tributary.image.v1;
  return {
    folder: 'image',
    modelFolder,
    method: 'tributary.image.v1.ImageService/Classify',
    messages: pictures.map((image) => ClassifyRequest.encode({ modelName: 'efficientnet-lite0', image }).finish()),
    // Index of the first class.
    expect: (answer) => ({ kind: 'integer', path: [3, 1], expected: integerAt(answer, [3, 1]) ?? Number.NaN }),
    arrangements: allArrangements,
    // One picture is decoded (on native threads) while another is in its run.
    depth: 2,
    connections: 4,
    inFlightPerConnection: 4,
    windowMs: 4000,
  };
}

/** What serving costs, and what batching wins, where sentences of mixed length are embedded. */
export const textServedOverBare: Key = {
  name: 'text.served_over_bare',
  meaning: 'sentences of 3 to 60 words by NlpService/Embed, 32 in flight / tokenising and session.run one by one',
  target: atLeast(1),
  steps: (bench) => stepsOf(bench, textArrangements),
  measure: (bench) => measureTask(bench, textWorkload(bench)),
};

function textWorkload(bench: Bench): TaskWorkload {
  const { EmbedRequest } = tributary.nlp.v1;
  return {
    folder: 'nlp',
    modelFolder: join(bench.root, 'models/nlp/bge-small-en'),
    method: 'tributary.nlp.v1.NlpService/Embed',
    messages: makeSentences(64, 64).map((text) =>
      EmbedRequest.encode({ modelName: 'bge-small-en', texts: [text] }).finish(),
    ),
    expect: (answer) => ({
      kind: 'floats',
      path: [3, 1],
      expected: floatsAt(answer, [3, 1]) ?? new Float32Array(),
      tolerance: 1e-3,
    }),
    arrangements: textArrangements,
    depth: 1,
    connections: 4,
    inFlightPerConnection: 8,
    windowMs: 4000,
  };
}

/** The image service with its own models and no more, and the closed loop of `image.served_over_bare`. */
export async function startShippedImage(bench: Bench): Promise<{ readonly service: Service; readonly load: Load }> {
  const workload = await imageWorkload(bench);
  const requests = await withAnswers(bench, await bareTaskOf(bench, workload), workload);
  const flags = [`--repository=${dirname(workload.modelFolder)}`];
  const service = await startService(bench.group, { ...bench, folder: workload.folder, flags });
  return { service, load: loadOf(workload, requests) };
}

/** The embedding model as it is shipped, and sentences for it with the answers that are right. */
export async function makeShippedText(bench: Bench): Promise<ShippedText> {
  const workload = textWorkload(bench);
  const model = await bareTaskOf(bench, workload);
  const requests = await withAnswers(bench, model, workload);
  return { ...workload, version: model.version, path: `/${workload.method}`, requests };
}

export interface ShippedText {
  /** Below `services/`. */
  readonly folder: string;
  readonly modelFolder: string;
  readonly version: string;
  readonly path: string;
  readonly requests: readonly LoadRequest[];
}

/** A task method, what is asked of it, and how. */
interface TaskWorkload {
  /** Below `services/`. */
  readonly folder: string;
  readonly modelFolder: string;
  readonly method: string;
  readonly messages: readonly Uint8Array[];
  /** Makes the check of the bare run's answer: the served one must be the same. */
  readonly expect: (answer: Uint8Array) => AnswerCheck;
  readonly arrangements: readonly Arrangement[];
  readonly depth: number;
  readonly connections: number;
  readonly inFlightPerConnection: number;
  readonly windowMs: number;
}

async function bareTaskOf({ root }: Bench, { folder, modelFolder, method }: TaskWorkload): Promise<BareTask> {
  const tasksModule = join(root, 'services', folder, 'dist/tasks/index.js');
  return { kind: 'task', tasksModule, modelFolder, version: await servedVersion(modelFolder), method };
}

async function measureTask(bench: Bench, workload: TaskWorkload): Promise<KeyResult> {
  const model = await bareTaskOf(bench, workload);
  const requests = await withAnswers(bench, model, workload);
  return measureServedOverBare(bench, {
    service: { folder: workload.folder, repository: dirname(workload.modelFolder) },
    load: loadOf(workload, requests),
    bare: { model, requests, arrangements: workload.arrangements, depth: workload.depth },
    windowMs: workload.windowMs,
  });
}

function loadOf(workload: TaskWorkload, requests: readonly LoadRequest[]): Load {
  const { method, connections, inFlightPerConnection } = workload;
  return { path: `/${method}`, requests, connections, mode: { kind: 'closed', inFlightPerConnection } };
}

/** Right answers come from a run of one thread, one request at a time. */
async function withAnswers(bench: Bench, model: BareTask, workload: TaskWorkload): Promise<LoadRequest[]> {
  const setup = { model, arrangement: { lanes: 1, threads: 1 }, depth: 1 };
  const reference = await BareContestant.start(bench.group, setup);
  const answers = await reference.answer(workload.messages);
  await reference.end();
  return workload.messages.map((message, index) => ({ message, check: workload.expect(answers[index]!) }));
}

/** The highest version folder, which is what a service serves. */
async function servedVersion(modelFolder: string): Promise<string> {
  const { files } = JSON.parse(await readFile(join(modelFolder, 'model.json'), 'utf8')) as {
    files: Record<string, string>;
  };
  const versions = Object.keys(files).map((file) => Number(file.split('/')[0]));
  return String(Math.max(...versions));
}
