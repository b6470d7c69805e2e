import type { LoadRequest } from '../load/load-plan';

/** What a bare process answers. */
export type BareModel = BareTask | BareTensors;

/** A model run without a server and without a task: a message is the bytes of its only input, an answer those of its first output. */
export interface BareTensors {
  readonly kind: 'tensors';
  /** Absolute path of model.onnx. */
  readonly file: string;
  readonly datatype: 'FP32' | 'INT64';
  readonly shape: readonly number[];
}

/** A task run without a server: the service's own task code on ONNX Runtime, in one process. */
export interface BareTask {
  readonly kind: 'task';
  /** Absolute path of the service's tasks module. */
  readonly tasksModule: string;
  /** Folder of the model: holds model.json and the version folders. */
  readonly modelFolder: string;
  /** Version folder to take, e.g. `1`. */
  readonly version: string;
  /** Full method, e.g. `tributary.nlp.v1.NlpService/Embed`. */
  readonly method: string;
}

/** Worker threads, and threads of ONNX Runtime inside one run. */
export interface Arrangement {
  readonly lanes: number;
  readonly threads: number;
}

/** What is loaded: a model in an arrangement. */
export interface BareSetup {
  readonly model: BareModel;
  readonly arrangement: Arrangement;
  /** Calls that each lane works on at a time: 2 prepares one while another is in its run, 1 is one by one. */
  readonly depth: number;
}

/** One timed run over requests that were handed over before. */
export interface BareRun {
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** What came of a run. */
export interface BareResult {
  readonly answersPerSecond: number;
  /** Over warm-up and window, and what was begun by its end. */
  readonly answers: number;
  readonly wrongAnswers: number;
  readonly firstFault: string;
}

/** The questions that a bare process answers. */
export interface BareProgram {
  /** Loads the model on every lane. */
  load(setup: BareSetup): Promise<void>;
  /** Answers each request once, on the first lane. */
  answer(messages: readonly Uint8Array[]): Promise<Uint8Array[]>;
  /** Takes the requests of the runs to come. */
  take(requests: readonly LoadRequest[]): Promise<void>;
  run(run: BareRun): Promise<BareResult>;
}
