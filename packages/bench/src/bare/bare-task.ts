import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Datatype, Tensor, Tensors } from '@tributary/contract';
import type { InferResult, InferTiming, TaskContext, TaskModelFiles, TaskTable, TensorSpec } from '@tributary/engine';
import { type InferenceSession, Tensor as OrtTensor } from 'onnxruntime-node';
import type { BareTask } from './bare-plan';
import type { BareCall } from './bare-call';
import { loadSession } from './load-session';

/** The parts of model.json that task code needs. */
interface ModelSettings {
  readonly task: string;
  readonly labels?: string;
  readonly batching?: { readonly maxBatchSize: number };
  readonly options: unknown;
}

const noTiming: InferTiming = { queueUs: 0, prepareUs: 0, inferenceUs: 0, finishUs: 0, batchSize: 1 };

/**
 * Loads a model and the service's task code for it, joined by nothing but `session.run`: no queue, no batch, no other thread.
 * What a program without a server would do, with the very same preparation.
 */
export async function loadBareTask(task: BareTask, threads: number): Promise<BareCall> {
  const settings = JSON.parse(await readFile(join(task.modelFolder, 'model.json'), 'utf8')) as ModelSettings;
  const versionFolder = join(task.modelFolder, task.version);
  const session = await loadSession(join(versionFolder, 'model.onnx'), threads);
  const definition = readTasks(task.tasksModule).find(({ name }) => name === settings.task);
  if (definition === undefined) throw new Error(`the service has no task ${settings.task}`);
  const files: TaskModelFiles<unknown> = {
    name: basename(task.modelFolder),
    version: task.version,
    options: definition.options.parse(settings.options ?? {}),
    inputs: session.inputMetadata.map(specOf),
    outputs: session.outputMetadata.map(specOf),
    labels: settings.labels === undefined ? [] : await readLines(join(versionFolder, settings.labels)),
    batched: true,
    maxBatchSize: settings.batching?.maxBatchSize ?? 1,
    readFile: (name) => readFile(join(versionFolder, name)),
    note: () => undefined,
  };
  const model = await definition.load(files);
  const handler = model.methods.get(task.method);
  if (handler === undefined) throw new Error(`the task ${settings.task} does not answer ${task.method}`);
  const context = bareContext(files, session);
  return async (message) => {
    const answer = handler(message, context);
    if (!(answer instanceof Promise)) throw new Error(`${task.method} is streaming`);
    return answer;
  };
}

function readTasks(module: string): TaskTable {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as the engine does: services hand over a path
  return (require(module) as { tasks: TaskTable }).tasks;
}

function bareContext(files: TaskModelFiles<unknown>, session: InferenceSession): TaskContext {
  const datatypes = new Map(files.outputs.map(({ name, datatype }) => [name, datatype]));
  return {
    signal: new AbortController().signal,
    model: files.name,
    version: files.version,
    timing: () => noTiming,
    modelInfo: (name) => {
      throw new Error(`no model beside ${files.name} is loaded, and ${name} was asked for`);
    },
    async infer(inputs: Tensors): Promise<InferResult> {
      const feeds: Record<string, OrtTensor> = {};
      for (const [name, tensor] of inputs) feeds[name] = ortTensorOf(tensor);
      const results = await session.run(feeds);
      const outputs = new Map<string, Tensor>();
      for (const [name, result] of Object.entries(results)) {
        const data = result.data as Float32Array;
        const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
        outputs.set(name, { datatype: datatypes.get(name)!, shape: result.dims, bytes });
      }
      return { version: files.version, outputs, timing: noTiming };
    },
  };
}

function ortTensorOf({ datatype, shape, bytes }: Tensor): OrtTensor {
  // A typed array of ONNX Runtime's needs its alignment; a copy has it.
  const aligned = bytes.byteOffset % 8 === 0 ? bytes : Uint8Array.from(bytes);
  const count = aligned.byteLength;
  if (datatype === 'UINT8') return new OrtTensor('uint8', aligned, shape);
  if (datatype === 'FP32') {
    return new OrtTensor('float32', new Float32Array(aligned.buffer, aligned.byteOffset, count / 4), shape);
  }
  if (datatype === 'INT64') {
    return new OrtTensor('int64', new BigInt64Array(aligned.buffer, aligned.byteOffset, count / 8), shape);
  }
  throw new Error(`the bench feeds no ${datatype} tensors`);
}

const datatypeByOrtName: Readonly<Record<string, Datatype>> = { uint8: 'UINT8', float32: 'FP32', int64: 'INT64' };

function specOf(metadata: InferenceSession.ValueMetadata): TensorSpec {
  if (!metadata.isTensor) throw new Error(`${metadata.name} is no tensor`);
  const datatype = datatypeByOrtName[metadata.type];
  if (datatype === undefined) throw new Error(`${metadata.name}: the bench feeds no ${metadata.type} tensors`);
  return { name: metadata.name, datatype, shape: metadata.shape.map((size) => (typeof size === 'number' ? size : -1)) };
}

async function readLines(file: string): Promise<string[]> {
  const text = await readFile(file, 'utf8');
  return text.replace(/\n$/, '').split('\n');
}
