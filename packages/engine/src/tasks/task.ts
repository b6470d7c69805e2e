import type { InferResult, InferTiming, ModelInfo, TensorSpec } from '../engine';
import type { Tensors } from '@tributary/contract';

/**
 * What a service brings: one entry per task. The module named in EngineOptions.tasksModule exports `tasks: TaskTable`.
 * It is loaded on the main thread (names, methods, options) and on every task lane (work).
 */
export type TaskTable = readonly TaskDefinition[];

/** A task: what a model is for. */
export interface TaskDefinition<Options = unknown> {
  /** As in model.json, e.g. `text-embedding`. */
  readonly name: string;
  /** Full gRPC methods that a model of this task answers, e.g. `tributary.nlp.v1.NlpService/Embed`. */
  readonly methods: readonly string[];
  /** Checks and fills model.json `options`; a zod schema fits. Throws with every fault at once. */
  readonly options: { parse(value: unknown): Options };
  /** Makes the working half on a task lane, once per model version and lane: reads tokenizers, tables, labels. */
  load(model: TaskModelFiles<Options>): Promise<TaskModel>;
}

/** What task code sees of its model's folder. */
export interface TaskModelFiles<Options> {
  readonly name: string;
  readonly version: string;
  readonly options: Options;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly labels: readonly string[];
  readonly batched: boolean;
  readonly maxBatchSize: number;
  /** Contents of a file of the version folder; text and JSON are read with decodeText and readJsonFile. Files outside of the repository are refused. */
  readonly readFile: (name: string) => Promise<Buffer>;
  /** Something about the files that was put right, and that who wrote them should know: a line in the log. */
  readonly note: (sentence: string) => void;
}

/** A loaded task of one model version on one lane. */
export interface TaskModel {
  /** One handler per method of the definition. */
  readonly methods: ReadonlyMap<string, TaskHandler>;
  /** Runs the task once before the model becomes ready, so that the first caller does not pay for caches. Optional. */
  warmUp?(context: TaskContext): Promise<void>;
  /** Lets go of what the task holds besides memory (files, native objects). Called once, when no call of it is left. Optional. */
  close?(): void;
}

/**
 * Answers one call. Bytes in: the encoded request message. Bytes out: one encoded answer, or several (an async iterable, for
 * streaming methods). Throws TributaryError for everything a caller can get wrong; anything else becomes INTERNAL.
 */
export type TaskHandler = (
  request: Uint8Array,
  context: TaskContext,
) => Promise<Uint8Array> | AsyncIterable<Uint8Array>;

/** What task code asks for besides tensors. */
export interface TaskInferOptions {
  /** Default: the model that was called. */
  readonly model?: string;
  /** Default: all. */
  readonly outputs?: readonly string[];
  /** See InferRequest. */
  readonly mayPad?: boolean;
}

/** What task code sees of the engine during a call. */
export interface TaskContext {
  /** Aborts by deadline, cancellation or shutdown. */
  readonly signal: AbortSignal;
  /** Name and version of the model that was called. */
  readonly model: string;
  readonly version: string;
  /**
   * Asks a model of this engine (by default the one that was called); may be awaited several times, also at the same time.
   * Tensors that fill their buffer are moved and empty afterwards: what is needed again must be copied before.
   */
  infer(inputs: Tensors, options?: TaskInferOptions): Promise<InferResult>;
  /** What is known of a model, e.g. the encoder under a head. Throws as Engine.resolve does. */
  modelInfo(name: string): ModelInfo;
  /**
   * Timing of the call so far: prepare until the first infer, finish since the last, inference summed over all; queue is the wait
   * for the task lane and for models.
   */
  timing(): InferTiming;
}
