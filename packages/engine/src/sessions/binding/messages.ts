import type { ErrorReason } from '@tributary/contract';
import type { TensorSpec } from '../../engine';
import type { PackedTensor } from '../../tensors/pack-batch';

/* Everything that crosses to a thread with sessions of the binding and back. No field is optional. */

/** From the main thread. Messages are worked off in order. */
export type ToBindingLane =
  | {
      readonly kind: 'load';
      readonly session: number;
      readonly path: string;
      readonly intraOpThreads: number;
      readonly prepacks: boolean;
    }
  | { readonly kind: 'unload'; readonly session: number }
  | {
      readonly kind: 'run';
      readonly session: number;
      readonly inputs: readonly PackedTensor[];
      /** Positions of the wanted outputs; null: all. */
      readonly outputs: readonly number[] | null;
      /** Most bytes of all outputs. */
      readonly maxOutputBytes: number;
    }
  /** Releases every session and lets the thread end by itself. */
  | { readonly kind: 'close' };

/** To the main thread. A lane has one run at a time, so runs need no number. */
export type FromBindingLane =
  | ({ readonly kind: 'loaded'; readonly session: number } & BindingSessionFacts)
  | { readonly kind: 'refused'; readonly session: number; readonly reason: ErrorReason; readonly problem: string }
  | { readonly kind: 'unloaded'; readonly session: number }
  | {
      readonly kind: 'ran';
      readonly outputs: readonly PackedTensor[];
      /** Large buffers of the inputs, for other runs. */
      readonly returned: readonly ArrayBuffer[];
      readonly inferenceUs: number;
      readonly costUs: number;
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly inferenceUs: number }
  | { readonly kind: 'tooLarge'; readonly outputBytes: number; readonly inferenceUs: number };

/** What a thread learnt of a session while it made it. */
export interface BindingSessionFacts {
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** By tensor: '' where a dimension is fixed or has no name. */
  readonly dimensionNames: ReadonlyMap<string, readonly string[]>;
  /** Growth of the process. */
  readonly memoryBytes: number;
}
