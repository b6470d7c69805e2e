import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { inference } from '@tributary/contract';
import { writeRepository } from '@tributary/engine/testing';
import type { BareModel } from '../bare/bare-plan';
import { floatsAt } from '../load/answer-check';
import type { LoadRequest } from '../load/load-plan';
import { BareContestant } from '../measure/bare';
import { seededRandom } from '../measure/statistics';
import type { ProcessGroup } from '../process/process-group';

const { ModelInferRequest } = inference;

export const modelInferPath = '/inference.GRPCInferenceService/ModelInfer';

/** `raw_output_contents` of ModelInferResponse. */
const rawOutputPath = [6];

/** Where a workload is made. */
export interface Site {
  readonly group: ProcessGroup;
  /** A folder that is removed at the end. */
  readonly scratch: string;
}

/** A model with one input and one FP32 output, and inputs for it. */
export interface TensorModel {
  readonly name: string;
  readonly graph: Uint8Array;
  /** model.json; `{}` leaves everything as models have it by default. */
  readonly settings: object;
  readonly input: { readonly name: string; readonly datatype: 'FP32' | 'INT64'; readonly shape: readonly number[] };
  /** Different ones, so that an answer given to the wrong caller is seen. */
  readonly rows: readonly (Float32Array<ArrayBuffer> | BigInt64Array<ArrayBuffer>)[];
  /** How far a value may be off, as a part of the largest of all answers: rows of a batch may be summed in another order. */
  readonly tolerance: number;
}

/** A model in a repository, and requests on it. */
export interface TensorWorkload {
  readonly repository: string;
  /** model.onnx */
  readonly file: string;
  readonly input: TensorModel['input'];
  /** ModelInfer requests with raw contents. */
  readonly requests: readonly LoadRequest[];
  /** The same without gRPC: message and answer are the bytes of the tensors. */
  readonly bareRequests: readonly LoadRequest[];
}

/** Writes the model into a repository below the folder, beside those that are there, and has ONNX Runtime alone say what is right. */
export async function makeTensorWorkload({ group, scratch }: Site, model: TensorModel): Promise<TensorWorkload> {
  const repository = join(scratch, 'repository');
  await mkdir(repository, { recursive: true });
  writeRepository(repository, { [model.name]: { model: model.graph, settings: model.settings } });
  const file = join(repository, model.name, '1/model.onnx');
  const messages = model.rows.map((row) => new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
  const answers = await runAlone(group, model.input, file, messages);
  const tolerance = model.tolerance * largestOf(answers);
  assertDistinct(model.name, answers, tolerance);
  const checkOf = (path: readonly number[], index: number): LoadRequest['check'] => ({
    kind: 'floats',
    path,
    expected: answers[index]!,
    tolerance,
  });
  return {
    repository,
    file,
    input: model.input,
    requests: messages.map((bytes, index) => ({
      message: ModelInferRequest.encode({
        modelName: model.name,
        inputs: [{ ...model.input, shape: [...model.input.shape] }],
        rawInputContents: [bytes],
      }).finish(),
      check: checkOf(rawOutputPath, index),
    })),
    bareRequests: messages.map((message, index) => ({ message, check: checkOf([], index) })),
  };
}

/** Pictures of noise about seeded shades, each unlike the others. */
export function makePictureRows(count: number, values: number, seed: number): Float32Array<ArrayBuffer>[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () => {
    const shade = random() * 2 - 1;
    const noise = 0.2 + random();
    return Float32Array.from({ length: values }, () => shade + (random() * 2 - 1) * noise);
  });
}

/** Rows of seeded token ids. */
export function makeTokenRows(
  count: number,
  tokens: number,
  vocabulary: number,
  seed: number,
): BigInt64Array<ArrayBuffer>[] {
  const random = seededRandom(seed);
  return Array.from({ length: count }, () =>
    BigInt64Array.from({ length: tokens }, () => BigInt(Math.floor(random() * vocabulary))),
  );
}

/** ONNX Runtime on one thread, one row at a time, in a process of its own. */
async function runAlone(
  group: ProcessGroup,
  { datatype, shape }: TensorModel['input'],
  file: string,
  messages: readonly Uint8Array[],
): Promise<Float32Array[]> {
  const model: BareModel = { kind: 'tensors', file, datatype, shape };
  const reference = await BareContestant.start(group, { model, arrangement: { lanes: 1, threads: 1 }, depth: 1 });
  const answers = await reference.answer(messages);
  await reference.end();
  return answers.map((answer) => floatsAt(answer, []) ?? new Float32Array());
}

function largestOf(answers: readonly Float32Array[]): number {
  return answers.reduce((most, answer) => answer.reduce((larger, value) => Math.max(larger, Math.abs(value)), most), 0);
}

/** A check that takes one answer for another checks nothing. */
function assertDistinct(name: string, answers: readonly Float32Array[], tolerance: number): void {
  for (const [index, answer] of answers.entries()) {
    const twin = answers.findIndex(
      (other, at) => at !== index && other.every((value, k) => Math.abs(value - answer[k]!) <= 2 * tolerance),
    );
    if (twin !== -1) throw new Error(`${name}: the answers to rows ${index} and ${twin} cannot be told apart`);
  }
}
