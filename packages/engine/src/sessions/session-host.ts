import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';

/** A session that a host is to hold: one of a model version, shared by all lanes that can share. */
export interface SessionSource {
  /** Number of the model version; never used again. */
  readonly session: number;
  /** Path of the ONNX file, whose structure was read and checked before. */
  readonly path: string;
  /** Threads inside one run. */
  readonly intraOpThreads: number;
  /** Weights are laid out anew for the kernels: a little faster, and once more in memory. */
  readonly prepacks: boolean;
  /** Inputs that have a default in the file and may be left out. */
  readonly optionalInputs: readonly Pick<TensorSpec, 'name'>[];
}

/** What a host learnt of a session while it made it. */
export interface HostedSession {
  /** In the model's order; optional inputs last. */
  readonly inputs: readonly TensorSpec[];
  /** Sequences and maps as the tensors they are handed on as, see docs/models.md. */
  readonly outputs: readonly TensorSpec[];
  readonly metadata: SessionMetadata;
  /** Growth of the process that holds the session. */
  readonly memoryBytes: number;
}

/** What the model file says of itself. */
export interface SessionMetadata {
  readonly producer: string;
  readonly graphName: string;
  readonly domain: string;
  readonly description: string;
  /** `model_version` of the file, which has nothing to do with the version in the repository. */
  readonly modelVersion: string;
  /** `metadata_props`. */
  readonly custom: ReadonlyMap<string, string>;
  /** Names of dimensions that may vary, by tensor: '' where a dimension is fixed or has no name. */
  readonly dimensionNames: ReadonlyMap<string, readonly string[]>;
}

/** How a run ended. `problem` is for the log. */
export type RunEnd =
  | {
      readonly kind: 'ran';
      /** Owned by whoever gets them. */
      readonly outputs: readonly PackedTensor[];
      readonly inferenceUs: number;
      /** CPU time of the run where it can be told, else its time: what others do on the core does not count. */
      readonly costUs: number;
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly inferenceUs: number }
  | { readonly kind: 'tooLarge'; readonly outputBytes: number; readonly inferenceUs: number }
  /** ONNX Runtime could not get the memory it asked for. */
  | { readonly kind: 'outOfMemory'; readonly problem: string; readonly inferenceUs: number }
  /** `stop` was called and the run gave way. */
  | { readonly kind: 'stopped' }
  /**
   * What held the lane is gone. `hasStarted`: the run may be what it died of; false: it had not begun, and can be run again.
   * `wasAlone`: nothing else had started: the run is what it died of, unless somebody killed it from outside.
   */
  | { readonly kind: 'lost'; readonly hasStarted: boolean; readonly wasAlone: boolean; readonly problem: string };

/** What to run. */
export interface Run {
  readonly session: number;
  /** In the order of HostedSession.inputs, made in the host's memory; undefined: an optional input that was left out. Belong to the run until it ends. */
  readonly inputs: readonly (PackedTensor | undefined)[];
  /** Positions of the wanted outputs; undefined: all. */
  readonly outputs: readonly number[] | undefined;
  /** Called exactly once, never inside of `start` or `stop`, unless the run never ends. */
  readonly onEnd: (end: RunEnd) => void;
}

/** Where a run can be: a thread of the runner process, a thread of this process, the event loop. One run at a time. */
export interface InferenceLane {
  /** True: a run holds the event loop. */
  readonly isInline: boolean;
  /** Nothing runs here, and a run could start. */
  readonly isFree: boolean;
  /** The lane can run the session now. */
  holds(session: number): boolean;
  /** Starts a run; only on a free lane that holds the session. */
  start(run: Run): void;
  /** Asks the run to end at the next node of its graph. Does nothing where it has ended, or nothing can be stopped. */
  stop(run: Run): void;
}

/** Memory for the inputs of runs. */
export interface TensorMemory {
  /** Room for so many bytes, not cleared, aligned for every datatype; undefined: there is none until a run has ended. */
  take(byteLength: number): Uint8Array<ArrayBuffer> | undefined;
  /** Gives back what was taken and is in no run. */
  give(bytes: Uint8Array<ArrayBuffer>): void;
  /** Most bytes that `take` could ever give. */
  readonly mostBytes: number;
}

/** What the owner of a host is told. */
export interface SessionHostEvents {
  /** A lane may be free, or hold another session, that was not so before. */
  onLanesChanged(): void;
  /** What held the lanes died; it is being replaced. Told before the runs that are lost. `reason` is short: a signal's name, an exit code. */
  onDeath(reason: string, problem: string): void;
  /** A session that had been loaded could not be loaded again after a death. */
  onSessionLost(session: number, problem: string): void;
}

/** Holds sessions and the lanes that run them. */
export interface SessionHost {
  /** `process`: a death is its own. `thread`: it is this process's. */
  readonly isolation: 'process' | 'thread';
  /** Lanes for calls. */
  readonly lanes: readonly InferenceLane[];
  /** For first runs of a version that is being loaded, so that the others' lanes stay theirs; may be one of `lanes`. */
  readonly trialLane: InferenceLane;
  readonly memory: TensorMemory;
  /** Elements of BYTES tensors reach the model as the bytes they are; false: as UTF-8 text without NUL. */
  readonly takesAnyBytes: boolean;
  /**
   * Makes a session. Loads may be asked for at the same time; each is on its own.
   * @throws TributaryError MODEL_LOAD_FAILED, MODEL_LOAD_CRASHED, MODEL_UNSUPPORTED; what `signal` aborted with
   */
  load(source: SessionSource, signal: AbortSignal): Promise<HostedSession>;
  /** Releases a session; its runs must have ended. Resolves when its memory is free. */
  unload(session: number): Promise<void>;
  /** Sessions are being made: a death now may be of one of these. */
  readonly isLoading: boolean;
  /**
   * The runs that had started at the last death were run again alone, or are not wanted any more; until then nothing new is loaded.
   * @param isFound one of them is what the death was of
   */
  judgeDeath(isFound: boolean): void;
  /** Ends what holds the lanes although something runs there that does not stop: every run is lost. False: that cannot be done. */
  kill(why: string): boolean;
  /** Ends everything; nothing runs any more. */
  close(): Promise<void>;
}
