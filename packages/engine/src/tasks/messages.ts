import type { ErrorDetails, Tensor } from '@tributary/contract';
import type { InferTiming, ModelInfo } from '../engine';

/*
 * Everything that crosses to a task lane and back. Numbers name things: a `session` is a model version, a `call` a task call,
 * a `query` an inference asked for by task code. No field is optional.
 */

/** Why a task was not loaded: a public sentence, and what was thrown, for the log. */
export interface LoadRefusal {
  readonly reason: string;
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
  /** Lets go of a task; no call of it is on the lane. */
  | { readonly kind: 'unload'; readonly session: number }
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
  /** `notes` are for the log; see TaskModelFiles. */
  | { readonly kind: 'loaded'; readonly session: number; readonly notes: readonly string[] }
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
  readonly reason: string;
  readonly message: string;
  readonly details: ErrorDetails;
}
