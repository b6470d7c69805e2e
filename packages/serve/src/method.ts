import type { Logger } from 'pino';
import type { Role } from './access/grants';
import type { Span } from './tracing/span';

/**
 * One RPC: bytes in, bytes out; decoding is the handler's. `*` in place of the method's name stands for every method of the service that
 * has no entry of its own; only `bidi` can have it, which fits methods of any shape.
 */
export type Method = {
  /** What a caller needs for it, where callers have to say who they are. Default `admin`: what nobody has thought about is not for all. */
  readonly role?: Role;
} & (
  | { readonly path: string; readonly kind: 'unary'; readonly handler: UnaryHandler }
  /** Unary; the request is handed over in the pieces in which it arrived, for handlers that copy its bytes to where they belong. */
  | { readonly path: string; readonly kind: 'unaryInPieces'; readonly handler: PiecesHandler }
  | {
      readonly path: string;
      readonly kind: 'serverStream';
      readonly handler: StreamHandler;
      /** True: the call may stay open for good; it gets no deadline of ours, and its signal aborts when the drain begins. */
      readonly openEnded?: boolean;
    }
  | { readonly path: string; readonly kind: 'bidi'; readonly handler: BidiHandler }
);

/** Answers with the encoded message, or throws a TributaryError or RelayedStatus (any other error becomes INTERNAL). */
export type UnaryHandler = (request: Uint8Array, context: CallContext) => Promise<Uint8Array>;

/** As UnaryHandler, of a request in one piece or several, in order. An empty request has none. */
export type PiecesHandler = (request: readonly Uint8Array[], context: CallContext) => Promise<Uint8Array>;

/** Writes encoded messages; `write` waits for a slow reader, and rejects once the call has ended. */
export type StreamHandler = (
  request: Uint8Array,
  context: CallContext,
  write: (message: Uint8Array) => Promise<void>,
) => Promise<void>;

/** Metadata as it arrived: lower-case keys, several values of one key in order; values of `-bin` keys are Buffers. */
export type CallMetadata = ReadonlyMap<string, readonly (string | Buffer)[]>;

/** What a handler knows of its call. */
export interface CallContext {
  /** e.g. `/tributary.nlp.v1.NlpService/Embed` */
  readonly path: string;
  /** From metadata `x-request-id` where it is sane, else made. Comes back in the initial metadata. */
  readonly requestId: string;
  /** Name of whoever calls, or is called for; undefined where callers need not say. Never a credential. */
  readonly caller: string | undefined;
  /** Aborts by deadline, cancellation or the end of the drain; its reason is a TributaryError. */
  readonly signal: AbortSignal;
  /**
   * Aborts as `signal` does and costs much less, for code that only asks and listens. fetch, AbortSignal.any and the like do not
   * take it.
   */
  readonly ending: AbortSignal;
  /** Milliseconds until the deadline, never negative; Infinity only where the method is exempt from deadlines. */
  remainingMs(): number;
  readonly metadata: CallMetadata;
  /** Those of one key; undefined where the caller sent none. Costs next to nothing then, unlike `metadata`, which reads them all. */
  metadataValues(key: string): readonly (string | Buffer)[] | undefined;
  /** Adds to the trailing metadata, also of a failed call. What HTTP/2 cannot carry as metadata is left out. */
  setTrailer(key: string, value: string | Buffer): void;
  /** Adds to the initial metadata; before the first answer. What HTTP/2 cannot carry as metadata is left out. */
  setHeader(key: string, value: string | Buffer): void;
  /** Carries the request id, the method and, where the call is traced, the trace id. */
  readonly log: Logger;
  /** Where the call is traced: its span, for stages of the work and for calls to other processes. */
  readonly span: Span | undefined;
}

/** A call whose headers may leave before its first answer. */
export interface BidiContext extends CallContext {
  /** Sends the initial metadata now, for callers that wait for them. */
  sendHeaders(): void;
}

/**
 * Requests and answers in any order, one at a time each way. `next` resolves to the next request, and to undefined at their end and
 * where the call has ended (`ending` has aborted then); the caller is held back until it is asked for. `write` as in StreamHandler.
 */
export type BidiHandler = (
  next: () => Promise<Uint8Array | undefined>,
  context: BidiContext,
  write: (message: Uint8Array) => Promise<void>,
) => Promise<void>;

/**
 * A method that serve() brings itself (health, reflection). Its calls have an admission of their own, so that a busy process
 * still answers probes.
 */
export interface BuiltInMethod {
  readonly method: Method;
  /** True: the call may stay open for good; it gets no deadline of ours, and ends when the drain begins. */
  readonly openEnded: boolean;
  /** True: for everybody, whoever they are. Default false. */
  readonly forAll?: boolean;
}
