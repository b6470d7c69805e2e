import type { Datatype } from '@tributary/contract';
import type { Isolation } from '@tributary/engine';
import type { AnswerCheck } from '../load/answer-check';

/** How the engine of a process is opened. */
export interface EngineSetup {
  readonly repository: string;
  readonly isolation: Isolation;
  /** Cores to plan for: as many session lanes are made. */
  readonly cpuBudget: number;
}

/** A tensor as it travels to the engine's process. */
export interface EngineTensor {
  readonly name: string;
  readonly datatype: Datatype;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

/** One call of `Engine.infer`. */
export interface EngineCall {
  readonly model: string;
  readonly inputs: readonly EngineTensor[];
}

/** A call, and what the bytes of the first output must hold. */
export interface EngineRequest extends EngineCall {
  readonly check: AnswerCheck;
}

/** Calls in a closed loop: an answer starts the next one. */
export interface EngineRun {
  readonly warmUpMs: number;
  readonly windowMs: number;
  readonly inFlight: number;
}

/** What came of a closed loop. */
export interface EngineResult {
  readonly answersPerSecond: number;
  /** Over warm-up and window, and what was begun by its end. */
  readonly answers: number;
  readonly wrongAnswers: number;
  readonly failedCalls: number;
  /** The first fault seen; '' where there was none. */
  readonly firstFault: string;
}

/** Long runs that are cancelled on the only lane, while a short call waits for it. */
export interface CancelPlan {
  readonly long: EngineCall;
  readonly short: EngineRequest;
  /** One run each: how long after its call it is cancelled, in milliseconds. */
  readonly afterMs: readonly number[];
}

/** One figure a run, in milliseconds from the cancellation. */
export interface CancelTimes {
  /** To the answer of the short call, which needs the lane. */
  readonly laneMs: readonly number[];
  /** To the end of the cancelled call. */
  readonly callerMs: readonly number[];
}

/** Calls at Poisson times that go on until they are stopped. */
export interface TrafficPlan {
  readonly requests: readonly EngineRequest[];
  readonly callsPerSecond: number;
  readonly seed: number;
}

/** What came of the traffic since it was last asked. */
export interface TrafficSection {
  readonly calls: number;
  readonly p50Ms: number;
  /** Latency counts from when a call was due. */
  readonly p99Ms: number;
  /** What went wrong with calls, e.g. wrong answers; empty where nothing did. */
  readonly faults: readonly string[];
}

/** Models that are loaded, asked once and unloaded in turn. */
export interface ReloadPlan {
  /** One of each model. */
  readonly requests: readonly EngineRequest[];
  readonly cycles: number;
}

/** The questions that an engine's process answers. */
export interface EngineProgram {
  open(setup: EngineSetup): Promise<void>;
  /** Takes the requests of the runs to come. */
  take(requests: readonly EngineRequest[]): Promise<void>;
  run(run: EngineRun): Promise<EngineResult>;
  cancel(plan: CancelPlan): Promise<CancelTimes>;
  unload(model: string): Promise<void>;
  /** Fails where a load or an unload fails, or a model that was loaded does not answer right. */
  reload(plan: ReloadPlan): Promise<void>;
  startTraffic(plan: TrafficPlan): Promise<void>;
  trafficSection(argument: undefined): Promise<TrafficSection>;
  /** Resolves when every call has ended. */
  stopTraffic(argument: undefined): Promise<void>;
}
