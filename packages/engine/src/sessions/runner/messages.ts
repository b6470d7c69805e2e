import type { OrtMetadata, OrtValueSpec } from '../ort/ort-session';

/* What the host and the runner tell each other beside the shared memory: everything that is not a run. Survives JSON. */

/** From the host to the runner. */
export type ToRunner =
  /** The first message: what the runner is to be. Its lanes start. */
  | {
      readonly kind: 'open';
      readonly memoryBytes: number;
      readonly lanes: number;
      /** The lane that starts before the others, which would only hold it up. */
      readonly firstLane: number;
      /** What all runs together may take beside the sessions; null: no bound. */
      readonly runMemoryBytes: number | null;
      /** What sessions and runs together may take; null: no bound. */
      readonly memoryLimitBytes: number | null;
    }
  | {
      readonly kind: 'load';
      readonly session: number;
      readonly path: string;
      readonly intraOpThreads: number;
      readonly prepacks: boolean;
    }
  | { readonly kind: 'cancelLoad'; readonly session: number }
  | { readonly kind: 'release'; readonly session: number }
  /** Asks a run to end at its next node, where it still runs. */
  | { readonly kind: 'stop'; readonly lane: number; readonly seq: number }
  /** Ends lanes and sessions in good order; for a runner that is no process of its own. */
  | { readonly kind: 'close' };

/** From the runner to the host. */
export type FromRunner =
  | { readonly kind: 'laneReady'; readonly lane: number }
  | ({ readonly kind: 'loaded'; readonly session: number } & LoadedFacts)
  /** `isUnservable`: the problem is a sentence of ours; else it is ONNX Runtime's, for the log. */
  | { readonly kind: 'refused'; readonly session: number; readonly isUnservable: boolean; readonly problem: string }
  | { readonly kind: 'released'; readonly session: number };

/** What was learnt of a session while it was made. */
export interface LoadedFacts {
  /** Its place in the runner's table, by which lanes find it. */
  readonly place: number;
  readonly inputs: readonly OrtValueSpec[];
  readonly optionalInputs: readonly OrtValueSpec[];
  readonly outputs: readonly OrtValueSpec[];
  readonly metadata: OrtMetadata;
  /** Growth of the process. */
  readonly memoryBytes: number;
}
