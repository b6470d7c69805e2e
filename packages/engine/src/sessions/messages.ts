import type { ErrorReason } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';

/* Everything that crosses to a session lane and back. A `session` is the number of a model version. No field is optional. */

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
