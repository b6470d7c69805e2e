import type { AnswerCheck } from './answer-check';
import type { Metadata } from './hpack';

/** One request of a workload: its encoded message, and what its answer must hold. */
export interface LoadRequest {
  readonly message: Uint8Array;
  readonly check: AnswerCheck;
}

/** How calls are sent. */
export type LoadMode =
  /** Every connection keeps this many calls in flight: an answer starts the next call. Measures throughput. */
  | { readonly kind: 'closed'; readonly inFlightPerConnection: number }
  /** Calls start at Poisson times whether or not answers came. */
  | {
      readonly kind: 'open';
      readonly callsPerSecond: number;
      readonly seed: number;
      /**
       * Where latency counts from: the intended time of a call, which is the default, or the time it was sent. What is due is sent
       * once a millisecond, so the first adds about a millisecond, under which shorter differences vanish.
       */
      readonly timedFrom?: 'due' | 'sent';
      /** Sent as every call's deadline. With it, refusals and expiries are outcomes, not faults, and an answer counts in time only. */
      readonly deadlineMs?: number;
    };

/** How a request travels. */
export type LoadProtocol =
  /** `metadata` goes along with each call, by keys in lower case. */
  | { readonly kind: 'grpc'; readonly metadata?: Metadata }
  /** One call at a time on a connection; the message is the body as it is. Headers are further lines of the request's head. */
  | { readonly kind: 'http1'; readonly headers: readonly string[] }
  /** gRPC by the TypeScript client, which is measured then with what it calls; `direct`: it calls the services behind a router itself. */
  | { readonly kind: 'client'; readonly direct: boolean };

/** A load on one unary method. Requests are sent in order, over and over. */
export interface LoadPlan {
  /** Absent: this machine. */
  readonly host?: string;
  readonly port: number;
  /** Absent: gRPC. */
  readonly protocol?: LoadProtocol;
  /** e.g. `/inference.GRPCInferenceService/ModelInfer` */
  readonly path: string;
  readonly requests: readonly LoadRequest[];
  readonly connections: number;
  readonly mode: LoadMode;
  /** Sent and checked, not timed. */
  readonly warmUpMs: number;
  readonly windowMs: number;
}

/** What came of a load. */
export interface LoadResult {
  /** Calls ended over warm-up, window and the calls in flight at its end: what the server must have counted. */
  readonly callsEnded: number;
  /** Right answers within the window. */
  readonly answersInWindow: number;
  readonly answersPerSecond: number;
  readonly wrongAnswers: number;
  /** Calls that ended without an answer. */
  readonly failedCalls: number;
  /** Calls with a deadline that ended with RESOURCE_EXHAUSTED: turned away in time. */
  readonly refusedCalls: number;
  /** Calls with a deadline that ended with DEADLINE_EXCEEDED. */
  readonly expiredCalls: number;
  /** Right answers that came after the deadline. */
  readonly lateAnswers: number;
  /** Arrivals of an open loop that were not sent because too many calls were in flight. */
  readonly droppedArrivals: number;
  /** The first fault seen; '' where there was none. */
  readonly firstFault: string;
  /** Calls that did not end well, by their status: a gRPC code, or one of HTTP; -1 where there was none. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly latency: {
    readonly meanMs: number;
    readonly p50Ms: number;
    readonly p95Ms: number;
    readonly p99Ms: number;
    readonly maxMs: number;
  };
  /** What the generator's own process used within the window. */
  readonly generator: GeneratorUse;
}

export interface GeneratorUse {
  /** User and system time of all its threads by the time that passed: 1 is one whole core. */
  readonly coreShare: number;
  /** Share of the time that its event loop was not waiting. */
  readonly loopShare: number;
}

/** The questions that the generator's process answers. */
export interface GeneratorProgram {
  run(plan: LoadPlan): Promise<LoadResult>;
}
