import type { Datatype, Tensors } from '@tributary/contract';
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
   * Longest run of a session before the model is marked as not serving and `onStuck` is called, in milliseconds. Default 30000.
   * Task code that holds its thread as long without a pause loses the thread, with the calls on it.
   */
  readonly runTimeoutMs?: number;
  /** Called once when a run exceeded `runTimeoutMs`; the process cannot be saved (a run cannot be stopped) and should end itself. */
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

/** A subset of pino's logger, so that the engine needs none. */
export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Name, datatype and shape of an input or output; -1 marks a dimension that may vary. */
export interface TensorSpec {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
}

/**
 * Where a version is in its life. FOUND and LOADING: it does not answer yet. RESTING: its runs failed again and again, it comes back by
 * itself. DRAINING: it answers the calls that it has and takes no more. UNLOADED: it is gone. FAILED: it could not be loaded.
 */
export type ModelState = 'FOUND' | 'LOADING' | 'READY' | 'RESTING' | 'DRAINING' | 'UNLOADED' | 'FAILED' | 'UNAVAILABLE';

/** Whether requests of a model share runs, and on whose word. */
export interface BatchingVerdict {
  /** `refused`: nobody vouches for rows that are kept apart; `off`: the configuration wants no batches. */
  readonly kind: 'proved' | 'ownersWord' | 'refused' | 'off';
  /** One sentence that names what decided, e.g. the node that mixes rows; '' where there is nothing to say. */
  readonly reason: string;
}

/** One version of one model, as it is now. */
export interface ModelInfo {
  readonly name: string;
  readonly version: string;
  readonly state: ModelState;
  /** Reason of the catalogue and a sentence; empty where READY, FOUND or LOADING. */
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
  /** What the model file says of itself; empty until read. */
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
  /** Observes calls, batches, queues and workers; see EngineEvents. Returns a function that stops it. */
  observe(observer: EngineObserver): () => void;
  /**
   * Stops taking calls, finishes what waits and runs, releases sessions, lets idle workers end. Never terminates a worker that
   * runs; one that is stuck (see runTimeoutMs) is not waited for.
   */
  close(): Promise<void>;
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
  /** A worker died and will be replaced. */
  laneRestarted?(lane: { kind: 'session' | 'task'; reason: string }): void;
}
