import { Status } from '@tributary/contract';

/** How one call gets to an upstream and its answer back: bytes in, bytes out. */
export interface Hop {
  /** Settles exactly once and never rejects: every failure is a status. */
  call(call: HopCall): Promise<HopAnswer>;
  /**
   * A call with many answers: `onMessage` gets each as it comes, the promise the status at the end (its `message` is
   * undefined). For streams of small messages: nothing slows a fast sender down.
   */
  stream(call: HopCall, onMessage: (message: Uint8Array) => void): Promise<HopAnswer>;
  /** Begins a call with messages both ways. Nothing of it is kept: what has been sent is never sent again. */
  open(call: HopOpening): HopStream;
  /** True where a connection is there; false while it is being made and after it was lost. */
  connected(): boolean;
  /** How calls travel: see docs/decisions/0011-hop.md. */
  readonly kind: HopKind;
  /** What its relay has carried since the hop was made; not there on a hop that has none. */
  traffic?(): RelayTraffic;
  /** Ends every call that is under way. */
  close(): void;
}

/** `relay`: small calls together over one stream, large ones as streams of their own. `plain`: each as a call of grpc-js. */
export type HopKind = 'relay' | 'plain';

/** Metadata by key in lower case; several values of one key in order; Buffers under keys that end in `-bin`. */
export type HopMetadata = ReadonlyMap<string, readonly (string | Buffer)[]>;

/** What went over a relay. */
export interface RelayTraffic {
  /** Calls that have begun. */
  readonly calls: number;
  /** Messages in which they, and cancellations, have left. */
  readonly messagesSent: number;
}

export interface HopCall {
  /** e.g. `/tributary.nlp.v1.NlpService/Embed` */
  readonly path: string;
  /** The encoded request, in order. */
  readonly request: readonly Uint8Array[];
  /** What is sent along; already filtered. */
  readonly metadata: HopMetadata;
  /** Milliseconds left; becomes the upstream's deadline. Infinity: none. */
  readonly timeoutMs: number;
  /** Ends the call with CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** True: wait for a connection until the deadline. By default a call fails where the last attempt to connect failed. */
  readonly waitForReady?: boolean;
}

/** A call whose messages follow. */
export type HopOpening = Omit<HopCall, 'request'>;

/**
 * Messages both ways, with back-pressure both ways: whoever writes waits for the upstream, and the upstream waits for whoever reads.
 * No operation rejects; after the end all of them do nothing.
 */
export interface HopStream {
  /** Resolves once the next message may be written, one at a time. */
  write(message: Uint8Array): Promise<void>;
  /** No more messages from this side. */
  end(): void;
  /** The next message, one at a time; undefined once there are no more. */
  next(): Promise<Uint8Array | undefined>;
  /** Ends the call with CANCELLED, as its signal does. */
  cancel(): void;
  /** Headers of the upstream, before its first message; undefined where the call has ended without. */
  readonly headers: Promise<HopMetadata | undefined>;
  /** How the call ended; `message` is undefined. An end by the upstream comes once its messages are read. */
  readonly ended: Promise<HopAnswer>;
}

export interface HopAnswer {
  /** gRPC status code. */
  readonly code: number;
  /** Where `answered` is false these are words of the library, which may name addresses: for the log only. */
  readonly details: string;
  /** The answer; undefined unless code is 0. */
  readonly message: Uint8Array | undefined;
  /** Headers and trailers of the upstream, without those of the transport. */
  readonly headers: HopMetadata;
  readonly trailers: HopMetadata;
  /**
   * True where the status is the upstream's own. False where it was made on this side: deadline, cancellation, an answer over
   * the size limit, or (always UNAVAILABLE) a connection that could not be made or broke before the status came.
   */
  readonly answered: boolean;
}

/** Whether an answer says that the connection broke, or could not be had: the upstream may have been at work on the call, and died of it. */
export function wasLost({ answered, code }: HopAnswer): boolean {
  return !answered && code === Status.UNAVAILABLE;
}

/** Metadata by which gRPC tells a server how often a call has been sent before. */
export const previousAttemptsKey = 'grpc-previous-rpc-attempts';

/** An answer that was made on this side. */
export function failure(code: number, details: string): HopAnswer {
  return { code, details, message: undefined, headers: noMetadata, trailers: noMetadata, answered: false };
}

const noMetadata: HopMetadata = new Map();
