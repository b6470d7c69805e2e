import type { ErrorDetails, ErrorReason, Tensor } from '@tributary/contract';
import type { InferTiming, ModelInfo, TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';

/*
 * Everything that crosses a thread. Numbers name things: a `session` is a model version, a `call` a task call,
 * a `query` an inference asked for by task code. No field is optional.
 */

/** From the main thread to a session lane. Messages are worked off in order. */
export type ToSessionLane =
  | {
      readonly kind: 'load';
      readonly session: number;
      readonly path: string;
      /** Real paths of the files whose digests were verified; empty where model.json lists none. */
      readonly verifiedFiles: readonly string[];
      readonly intraOpThreads: number;
      /** The session lays weights out anew for its kernels, in memory of its own: a little faster, and a copy a lane. */
      readonly prepacks: boolean;
      /** Rows that a batch would have; the lane finds out whether they may share one. 1: not asked. */
      readonly probeRows: number;
      /** Most bytes of all outputs of a run. */
      readonly maxOutputBytes: number;
    }
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly inputs: readonly PackedTensor[];
      /** Positions of the wanted outputs; null: all. */
      readonly outputs: readonly number[] | null;
    }
  /** Releases every session and lets the thread end by itself. */
  | { readonly kind: 'close' };

/** From a session lane to the main thread. A lane has one run at a time, so runs need no number. */
export type FromSessionLane =
  /** A run of the model begins that nobody may interrupt: the clock of the hard limit starts. */
  | { readonly kind: 'warming'; readonly session: number }
  | ({ readonly kind: 'loaded'; readonly session: number } & LoadedSession)
  | ({ readonly kind: 'refused'; readonly session: number } & LoadRefusal)
  | {
      readonly kind: 'ran';
      readonly outputs: readonly PackedTensor[];
      /** Large buffers of the inputs, for other batches. */
      readonly returned: readonly ArrayBuffer[];
      readonly inferenceUs: number;
      /** CPU time of the run where it can be told, else its time. */
      readonly costUs: number;
    }
  /** `problem` is ONNX Runtime's text, for the log only. */
  | { readonly kind: 'failed'; readonly problem: string; readonly inferenceUs: number }
  /** The run ended well, but its outputs are more than the lane hands on. */
  | { readonly kind: 'tooLarge'; readonly outputBytes: number; readonly inferenceUs: number };

/** What a lane learnt of a model while loading it. */
export interface LoadedSession {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly batching: BatchingVerdict;
  /** False where no input could be made up that the model accepts. */
  readonly isWarm: boolean;
  /** True where a run may go on for ever: Loop or Scan. */
  readonly hasLoops: boolean;
}

/** Whether rows may share a run. `sentence` says why not. */
export type BatchingVerdict =
  { readonly kind: 'safe' } | { readonly kind: 'unasked' } | { readonly kind: 'unsafe'; readonly sentence: string };

/** Why a model was not loaded: a public sentence, and what the library said, for the log. */
export interface LoadRefusal {
  readonly reason: ErrorReason;
  readonly sentence: string;
  readonly problem: string;
}

/** What the thread of a task lane starts with. */
export interface TaskLaneData {
  /** Absolute path of the module that exports `tasks`. */
  readonly tasksModule: string;
}

/** What a task lane is told of a model before it makes its task. */
export interface TaskModelSource {
  readonly taskName: string;
  readonly folder: string;
  readonly options: unknown;
  readonly info: ModelInfo;
}

/** From the main thread to a task lane. */
export type ToTaskLane =
  | { readonly kind: 'load'; readonly session: number; readonly source: TaskModelSource }
  | { readonly kind: 'models'; readonly models: readonly ModelInfo[] }
  | { readonly kind: 'warmUp'; readonly call: number; readonly session: number }
  | {
      readonly kind: 'call';
      readonly call: number;
      readonly session: number;
      readonly method: string;
      readonly request: Uint8Array;
      /** Since when it waits for the lane; see sharedClockMs. */
      readonly acceptedAtMs: number;
    }
  | { readonly kind: 'abort'; readonly call: number; readonly error: CarriedError }
  /** The answer was taken; the next may be made. */
  | { readonly kind: 'taken'; readonly call: number }
  | { readonly kind: 'inferred'; readonly call: number; readonly query: number; readonly answer: CarriedResult }
  | { readonly kind: 'inferFailed'; readonly call: number; readonly query: number; readonly error: CarriedError }
  /** Answered by `pong`, unless the thread is caught in a loop. */
  | { readonly kind: 'ping' }
  | { readonly kind: 'close' };

/** From a task lane to the main thread. */
export type FromTaskLane =
  | { readonly kind: 'pong' }
  | { readonly kind: 'loaded'; readonly session: number }
  | ({ readonly kind: 'refused'; readonly session: number } & LoadRefusal)
  | {
      readonly kind: 'infer';
      readonly call: number;
      readonly query: number;
      /** '' for the model and version that were called. */
      readonly model: string;
      readonly inputs: readonly (readonly [string, Tensor])[];
      readonly outputs: readonly string[];
      readonly mayPad: boolean;
    }
  /** One answer of several; the next is made when this one is `taken`. */
  | { readonly kind: 'answer'; readonly call: number; readonly answer: Uint8Array }
  /** The only answer of a unary method: the call has ended. */
  | { readonly kind: 'answered'; readonly call: number; readonly answer: Uint8Array }
  | { readonly kind: 'ended'; readonly call: number }
  /** `problem` is the whole text of an error that was not meant for callers, else ''. */
  | { readonly kind: 'failed'; readonly call: number; readonly error: CarriedError; readonly problem: string };

/** An inference's result; Maps survive the crossing, but entries cost less. */
export interface CarriedResult {
  readonly version: string;
  readonly outputs: readonly (readonly [string, Tensor])[];
  readonly timing: InferTiming;
}

/** A TributaryError: errors lose their class on the way. */
export interface CarriedError {
  readonly reason: ErrorReason;
  readonly message: string;
  readonly details: ErrorDetails;
}
