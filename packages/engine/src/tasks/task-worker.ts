import '../zod-languages';
import { parentPort, workerData } from 'node:worker_threads';
import { refusal, TributaryError } from '@tributary/contract';
import type { ModelInfo } from '../engine';
import { describeIssues } from '../models/repository/model-settings';
import { readVersionFile } from '../models/repository/version-files';
import { sharedClockMs } from '../threads/shared-clock';
import type { TaskDefinition, TaskModel, TaskModelFiles } from './task';
import { carryError } from './carried-error';
import { loadTasks } from './load-tasks';
import type { FromTaskLane, LoadRefusal, TaskLaneData, TaskModelSource, ToTaskLane } from './messages';
import { copyToTransfer } from '../threads/transferable';
import { LaneCall } from './task-call';

/** Entry of a task lane's thread: runs the service's task code, several calls at a time where they wait for something. */

const main = parentPort!;
const { tasksModule } = workerData as TaskLaneData;
const definitions = new Map(loadTasks(tasksModule).map((definition) => [definition.name, definition]));

interface LoadedTask {
  readonly task: TaskModel;
  readonly info: ModelInfo;
}

const loaded = new Map<number, LoadedTask>();
const calls = new Map<number, LaneCall>();
let models = new Map<string, ModelInfo[]>();

const host = {
  tell(message: FromTaskLane, moved: readonly ArrayBuffer[] = []): void {
    main.postMessage(message, moved);
  },
  versionsOf: (model: string): readonly ModelInfo[] | undefined => models.get(model),
};

async function load({ session, source }: Extract<ToTaskLane, { kind: 'load' }>): Promise<void> {
  try {
    const definition = definitions.get(source.taskName)!;
    const notes: string[] = [];
    const files = taskFiles(definition, source, (sentence) => notes.push(sentence));
    loaded.set(session, { task: await definition.load(files), info: source.info });
    host.tell({ kind: 'loaded', session, notes });
  } catch (error) {
    host.tell({ kind: 'refused', session, ...toRefusal(error, source.taskName) });
  }
}

function taskFiles(
  definition: TaskDefinition,
  { folder, options, info }: TaskModelSource,
  note: (sentence: string) => void,
): TaskModelFiles<unknown> {
  const { name, version, inputs, outputs, labels, batched, maxBatchSize } = info;
  return {
    name,
    version,
    options: parseOptions(definition, options),
    inputs,
    outputs,
    labels,
    batched,
    maxBatchSize,
    readFile: (file) => readVersionFile(folder, file),
    note,
  };
}

function parseOptions(definition: TaskDefinition, options: unknown): unknown {
  try {
    return definition.options.parse(options);
  } catch (error) {
    throw refusal(
      'MODEL_CONFIG_INVALID',
      { problem: `options of task ${definition.name}: ${faults(error)}` },
      {},
      { cause: error },
    );
  }
}

/** Every fault that a zod schema found, or the words of another check. */
function faults(error: unknown): string {
  if (!(error instanceof Error)) return 'not accepted';
  const { issues } = error as { issues?: unknown };
  return Array.isArray(issues) ? describeIssues(issues as Parameters<typeof describeIssues>[0]) : error.message;
}

function toRefusal(error: unknown, task: string): LoadRefusal {
  const problem = describe(error);
  if (error instanceof TributaryError) {
    return { reason: error.reason, sentence: error.message, problem };
  }
  // Task code tells what it expects of files by refusals; anything else it throws is a defect of it.
  const { reason, message } = refusal('MODEL_LOAD_FAILED', {
    problem: `the code of task ${task} has a defect that this model brings to light`,
  });
  return { reason, sentence: message, problem };
}

async function perform(message: Extract<ToTaskLane, { kind: 'call' }>): Promise<void> {
  const { call, session, method, request, acceptedAtMs } = message;
  const { task, info } = loaded.get(session)!;
  const queueUs = (sharedClockMs() - acceptedAtMs) * 1000;
  await track(call, info, queueUs, async (context) => {
    const handler = task.methods.get(method);
    if (handler === undefined) throw refusal('TASK_UNSUPPORTED', { model: info.name, method });
    const result = handler(request, context);
    if (!(Symbol.asyncIterator in result)) {
      // Copied: the handler may keep what it answered, and answer it again.
      const answer = copyToTransfer(await result);
      return () => host.tell({ kind: 'answered', call, answer }, [answer.buffer]);
    }
    for await (const answer of result) await context.give(copyToTransfer(answer));
    return () => host.tell({ kind: 'ended', call });
  });
}

async function warmUp({ call, session }: Extract<ToTaskLane, { kind: 'warmUp' }>): Promise<void> {
  const { task, info } = loaded.get(session)!;
  await track(call, info, 0, async (context) => {
    await task.warmUp?.(context);
    return () => host.tell({ kind: 'ended', call });
  });
}

/** Runs `work` as a call; the last thing told of it is its end. */
async function track(
  call: number,
  { name, version }: ModelInfo,
  queueUs: number,
  work: (context: LaneCall) => Promise<() => void>,
): Promise<void> {
  const context = new LaneCall(call, name, version, host, queueUs);
  calls.set(call, context);
  let tellEnd: () => void;
  try {
    tellEnd = await work(context);
  } catch (error) {
    const problem = error instanceof TributaryError && error.cause === undefined ? '' : describe(error);
    tellEnd = () => host.tell({ kind: 'failed', call, error: carryError(error), problem });
  }
  calls.delete(call);
  context.end();
  tellEnd();
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const text = error.stack ?? error.message;
  return error.cause === undefined ? text : `${text}\ncaused by ${describe(error.cause)}`;
}

function setModels(list: readonly ModelInfo[]): void {
  models = new Map();
  for (const info of list) {
    const versions = models.get(info.name);
    if (versions === undefined) models.set(info.name, [info]);
    else versions.push(info);
  }
}

main.on('message', (message: ToTaskLane) => {
  switch (message.kind) {
    case 'load':
      return void load(message);
    case 'unload': {
      loaded.get(message.session)?.task.close?.();
      loaded.delete(message.session);
      return;
    }
    case 'models': {
      setModels(message.models);
      return;
    }
    case 'warmUp':
      return void warmUp(message);
    case 'call':
      return void perform(message);
    case 'abort':
      return calls.get(message.call)?.abort(message.error);
    case 'taken':
      return calls.get(message.call)?.taken();
    case 'inferred':
      return calls.get(message.call)?.inferred(message.query, message.answer);
    case 'inferFailed':
      return calls.get(message.call)?.inferFailed(message.query, message.error);
    case 'ping': {
      host.tell({ kind: 'pong' });
      return;
    }
    case 'close': {
      main.close();
      return;
    }
  }
});
