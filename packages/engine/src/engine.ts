import type { Datatype, TributaryError, Tensors } from '@tributary/contract';
import type { CpuPlan } from './cpu/cpu-plan';
import type { BatchCut } from './scheduling/next-batch';
import type { SessionMetadata } from './sessions/session-host';

export type { BatchCut } from './scheduling/next-batch';
export type { SessionMetadata } from './sessions/session-host';

/** What an engine is made of. Packages take options and never read the environment. */
export interface EngineOptions {
  /** Folder laid out as `<name>/<version>/model.onnx`. */
  readonly repository: string;
  /** Cores to plan for; default: the cgroup's quota (v1, v2, cpuset), else the host's cores. May be fractional. */
  readonly cpuBudget?: number;
  /** Absolute path of the module whose export `tasks` is the service's TaskTable; runs on task lanes. */
  readonly tasksModule?: string;
  /** True: a model that cannot be loaded fails createEngine. Default false: it is listed with its reason. */
  readonly strict?: boolean;
  /**
   * Where sessions live. `runner` (default): in a process of their own, whose death costs the runs that were in it. `none`: in threads
   * of this process. `binding`: in threads of this process, by onnxruntime-node's own binding, as where koffi cannot be loaded; a run
   * cannot be stopped then.
   */
  readonly isolation?: Isolation;
  /** Longest run of a session before it is stopped and its calls fail with RUN_TIMEOUT, in milliseconds. Default 30000.
   * Task code that holds its thread as long without a pause loses the thread, with the calls on it.
   */
  readonly runTimeoutMs?: number;
  /** Longest load of one version, its first run included, in milliseconds. Default 120000. */
  readonly loadTimeoutMs?: number;
  /** Memory that all runs together may take beyond what loaded sessions take. Default: what the container's limit leaves, at most 1 GiB. */
  readonly runMemoryBytes?: number;
  /**
   * Called once when a run exceeded `runTimeoutMs`, does not stop, and runs in this process: nothing can end it, so the process should
   * end itself. Never called with a runner.
   */
  readonly onStuck?: (model: string) => void;
  /**
   * Task calls that work on one task lane at the same time; more wait. Native work (decoding) overlaps. Calls that wait for a
   * model do not count. Default 4.
   */
  readonly maxCallsPerTaskLane?: number;
  /** Largest JavaScript heap of one task lane, in MiB; task code that needs more loses its lane. Default: Node's own. */
  readonly taskLaneHeapMb?: number;
  /**
   * Most bytes of all outputs of one run; a run with more fails its call with OUTPUTS_TOO_LARGE. A model whose declared shapes
   * promise more for a single row is not loaded. Default 256 MiB.
   */
  readonly maxOutputBytes?: number;
  /**
   * Called once, when the first model has been handed to a thread, or there is none: a moment for what keeps this thread from
   * everything else, such as loading modules.
   */
  readonly onLoading?: () => void;
  /**
   * Memory for weights that sessions lay out anew for their kernels, a copy a lane. Models take what their files times their lanes
   * come to, in the order they load; one that does not fit uses its weights as they are mapped, once for all lanes. Default 256 MiB.
   */
  readonly prepackBudgetBytes?: number;
  /** Told everything worth a line in a log. */
  readonly log?: EngineLog;
  /** Stops loading. */
  readonly signal?: AbortSignal;
}

/** Where sessions live; see EngineOptions. */
export type Isolation = 'runner' | 'none' | 'binding';

/** A subset of pino's logger, so that the engine needs none. */
export interface EngineLog {
  /** Returns when everything logged so far is written, whatever happens to the process next. Optional. */
  flush?(): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Name, datatype and shape of an input or output; -1 marks a dimension that may vary. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  /** True for an input that has a default in the model file and may be left out. */
  readonly isOptional?: boolean;
}

/**
 * Where a version is in its life: seen in the repository (FOUND), on its way (LOADING), serving (READY), out of service for a while
 * because its runs crashed (RESTING), finishing what it has accepted (DRAINING), gone (UNLOADED), or not to be served (FAILED).
 */
export type ModelState = 'FOUND' | 'LOADING' | 'READY' | 'RESTING' | 'DRAINING' | 'UNLOADED' | 'FAILED';

/** Whether rows of several requests share a run, and by whose word. */
export interface BatchingVerdict {
  /**
   * `proved`: the graph keeps rows apart. `ownersWord`: model.json says so of a graph that is not proved. `refused`: rows may depend on
   * each other. `off`: nobody asked for batches, or the version is not loaded.
   */
  readonly kind: 'proved' | 'ownersWord' | 'refused' | 'off';
  /** A sentence: why rows share no run, or on what the permission rests. */
  readonly reason: string;
}

/** One version of one model, as it is now. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly state: ModelState;
  /** Reason of the catalogue and a sentence; empty where the version serves or is on its way to it. */
  readonly reason: string;
  /** Name of its task; empty: tensors only. */
  readonly task: string;
  /** True: the default among several models of its task (model.json `default`), or the only one. */
  readonly defaultOfTask: boolean;
  /** True for the version that a call without a version gets: the highest that is READY. */
  readonly servedByDefault: boolean;
  /** Empty until read. Shapes carry -1 as first dimension exactly where the model is batched, besides other dynamic dimensions. */
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Largest number of rows in one run; 1 where it is not batched. */
  readonly maxBatchSize: number;
  /** True where the first dimension of every input and output is the batch. */
  readonly batched: boolean;
  readonly batching: BatchingVerdict;
  /** What the model file says of itself. */
  readonly metadata: SessionMetadata;
  /** Requests that may wait for it; more are refused with QUEUE_FULL. */
  readonly maxQueueSize: number;
  readonly labels: readonly string[];
  readonly loadMs: number;
  readonly fileBytes: number;
  /** Growth of the process's resident memory while the sessions of all lanes were made; at least `fileBytes`. */
  readonly memoryBytes: number;
}

/** One inference on tensors. */
export interface InferRequest {
  readonly model: string;
  /** '' or undefined: the highest that is ready. */
  readonly version?: string;
  readonly inputs: Tensors;
  /** Names of the outputs wanted; undefined or empty: all. */
  readonly outputs?: readonly string[];
  /** Longest wait in the queue, in microseconds (Open Inference parameter `timeout`); undefined: only the signal bounds it. */
  readonly queueTimeoutUs?: number;
  /** Place in the queue, as Triton numbers it: 1 goes first, 2 is the usual one and the same as 0 or undefined, 3 and above go last. */
  readonly priority?: number;
  /**
   * Rows may be padded with zeros along the second dimension of the inputs that vary there, and their answers stay the same (an
   * attention mask that ends in zeros): requests of different lengths may then share a batch. Nothing happens where outputs vary in
   * more than rows.
   */
  readonly mayPad?: boolean;
  /** Milliseconds until the caller's deadline: an answer predicted to come later is refused at the door (WAIT_TOO_LONG). */
  readonly remainingMs?: number;
  /** Deadline, cancellation and shutdown in one. Its reason, where it is a TributaryError, is what the call fails with. */
  readonly signal: AbortSignal;
}

/** What a request for an inference says before its tensors are read. */
export type InferHead = Pick<InferRequest, 'model' | 'version' | 'priority' | 'remainingMs'>;

/** Where the time of an inference went, in microseconds; rows in its batch. */
export interface InferTiming {
  readonly queueUs: number;
  /** Copying into the batch. */
  readonly prepareUs: number;
  readonly inferenceUs: number;
  /** Cutting the answer out of the batch. */
  readonly finishUs: number;
  readonly batchSize: number;
}

export interface InferResult {
  readonly version: string;
  readonly outputs: Tensors;
  readonly timing: InferTiming;
}

/** An inference that a task asked for and got. */
export interface TaskInference {
  readonly model: string;
  readonly version: string;
  /** When it was asked for, by performance.now(). */
  readonly startedAtMs: number;
  readonly timing: InferTiming;
}

/** One call of a task RPC: bytes in, bytes out. The task lane decodes, asks models, and encodes. */
export interface TaskCall {
  /** Full method, e.g. `tributary.nlp.v1.NlpService/Embed`. */
  readonly method: string;
  readonly model: string;
  readonly version?: string;
  /** The encoded request message. Copied before the call returns. */
  readonly request: Uint8Array;
  /** Milliseconds until the caller's deadline; handed on to the inferences of the task. */
  readonly remainingMs?: number;
  readonly signal: AbortSignal;
  /** Told of each inference of the task, as soon as it is answered; undefined: nobody asks. Must not throw. */
  readonly onInference?: ((inference: TaskInference) => void) | undefined;
}

/** Everything between "tensors in" and "tensors out", and between "task call in" and "answers out". Knows no gRPC. */
export interface Engine {
  readonly plan: CpuPlan;
  /** Every version of every model, by name, then by version as a number. */
  models(): readonly ModelInfo[];
  /** The version that a call would get. Throws MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, MODEL_VERSION_INVALID, MODEL_NOT_READY ... */
  resolve(model: string, version?: string): ModelInfo;
  /** Name of the model that a task method uses when none is named. Throws MODEL_NOT_FOUND where the service has none. */
  defaultModel(method: string): string;
  /**
   * Asks before the tensors of a request are read, which an overloaded service should not spend time on, whether its model could let
   * it in. Throws what `infer` would refuse it with however few rows it has (QUEUE_FULL, WAIT_TOO_LONG), and counts that as a refused
   * inference. Says nothing of models that it does not serve: `infer` does.
   */
  assertRoom(head: InferHead): void;
  /** Runs a model. Every accepted call settles exactly once. */
  infer(request: InferRequest): Promise<InferResult>;
  /** Runs a task method; hands each answer to `onAnswer` (awaited: back-pressure). Unary methods answer exactly once. */
  perform(call: TaskCall, onAnswer: (answer: Uint8Array) => void | Promise<void>): Promise<void>;
  /** Resolves when every version that was found at the start serves or has failed, and what is not needed for a first answer is found out. */
  settled(): Promise<void>;
  /**
   * Reads the repository again and brings what serves into line with it: loads what is new, replaces what changed, tries again what
   * failed, unloads what is gone. What serves goes on until its successor is ready.
   * @throws RepositoryError where the repository cannot be read
   */
  rescan(): Promise<RescanResult>;
  /**
   * Loads the versions of a model that the repository has and that do not serve, or have changed.
   * @throws TributaryError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND, or why the first of them could not be loaded
   */
  load(model: string, version?: string): Promise<void>;
  /**
   * Finishes what versions of a model have accepted and lets go of them; '' or undefined: all versions. Resolves when their memory is free.
   * @throws TributaryError MODEL_NOT_FOUND, MODEL_VERSION_NOT_FOUND
   */
  unload(model: string, version?: string): Promise<void>;
  /** Observes calls, batches, queues and workers; see EngineObserver. Returns a function that stops it. */
  observe(observer: EngineObserver): () => void;
  /**
   * Stops taking calls, finishes what waits and runs, releases sessions, lets idle workers end. Never terminates a worker that
   * runs; one that is stuck (see runTimeoutMs) is not waited for.
   */
  close(): Promise<void>;
}

/** What a rescan did; versions as `name/version`. */
export interface RescanResult {
  readonly loaded: readonly string[];
  readonly replaced: readonly string[];
  readonly unloaded: readonly string[];
  /** Versions that could not be loaded. Where another one of the same number served, it goes on. */
  readonly failed: readonly RescanFailure[];
}

/** A version that a rescan could not load. */
export interface RescanFailure {
  readonly model: string;
  /** Reason of the catalogue and a sentence. */
  readonly reason: string;
  readonly error: TributaryError;
}

/** Told of what happens, synchronously; must not throw. Metrics are made from it. */
export interface EngineObserver {
  /** `models()` gives another answer now. */
  modelsChanged?(): void;
  /** A batch ran. `rows` over all its requests; `cut`: why it was no larger. */
  batchRan?(batch: {
    model: string;
    version: string;
    rows: number;
    requests: number;
    inferenceUs: number;
    cut: BatchCut;
  }): void;
  /** An inference ended. */
  inferEnded?(end: {
    model: string;
    version: string;
    rows: number;
    outcome: 'ok' | 'rejected' | 'cancelled' | 'failed';
    timing: InferTiming;
  }): void;
  /** Requests waiting for the model changed. */
  queueChanged?(queue: { model: string; version: string; waiting: number }): void;
  /** A task call ended. */
  taskEnded?(end: {
    model: string;
    version: string;
    method: string;
    outcome: 'ok' | 'rejected' | 'cancelled' | 'failed';
    durationUs: number;
  }): void;
  /** What held lanes died and is replaced: the runner or a thread with session lanes, or a thread with task code. */
  laneRestarted?(lane: { kind: 'session' | 'task'; reason: string }): void;
}
