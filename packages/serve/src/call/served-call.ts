import { status as Status } from '@grpc/grpc-js';
import { joinPieces, lengthOf, refusal, statusName, type TributaryError } from '@tributary/contract';
import { performance } from 'node:perf_hooks';
import type { Logger } from 'pino';
import type { CallerOfCall } from '../access/access';
import type { BidiContext } from '../method';
import { endRpcSpan } from '../tracing/rpc-span';
import type { Span } from '../tracing/span';
import type { Tracer } from '../tracing/tracer';
import { toCallStatus, type CallStatus } from './call-status';
import { requestIdKey, type CallListener, type CallWire } from './call-wire';
import type { CallFailure, FailureLog } from './failure-log';
import { HandlerContext } from './handler-context';
import { offered, OutgoingMetadata, type ReceivedMetadata } from './metadata';
import type { OpenCalls } from './open-calls';
import { FramingFault, RequestBytes } from './request-bytes';
import { requestIdFrom } from './request-id';
import type { ServedMethod } from './served-methods';
import { minCountedBytes, type UnreadAnswers } from './unread-answers';

/** What a call needs of the server around it. */
export interface CallSurroundings {
  readonly maxMessageBytes: number;
  readonly log: Logger;
  readonly failureLog: FailureLog;
  /** Whether calls that went well are logged too. */
  readonly debug: boolean;
  readonly unreadAnswers: UnreadAnswers;
  /** Undefined: no call is traced. */
  readonly tracer: Tracer | undefined;
  /** Calls that are not finished. */
  readonly openCalls: OpenCalls<ServedCall>;
}

/** A call as it reached the door. */
export interface Arrival {
  readonly method: ServedMethod;
  /** As the caller asked for it; that of the method may stand for a whole service. */
  readonly path: string;
  readonly received: ReceivedMetadata;
  /** Infinity: none. */
  readonly timeoutMs: number;
  /** Whether the metadata name a compression. */
  readonly encoded: boolean;
  /** Undefined where callers need not say who they are. */
  readonly caller: CallerOfCall | undefined;
}

/** From the deadline until an answer that waits is taken for one that nobody reads: more than any turn of the event loop takes. */
const unreadPatienceMs = 1000;

const nothing = (): void => undefined;

/**
 * One call, from its metadata to the last byte of its answer: listens to its door as the handler of grpc-js would, and is the
 * context of ours.
 *
 * Its states: open until a status is chosen (`ended`), by whoever is first: the handler, the deadline, the caller, the drain.
 * Then finished once the door has let go of the stream (`onCancel`, also after a good end) and the handler has settled; only then
 * are its place and its bytes given back, since only then nothing holds the request any more.
 */
export class ServedCall extends HandlerContext implements CallListener, BidiContext {
  /** Among the open calls. */
  place = -1;
  readonly span: Span | undefined;
  private readonly bytes: RequestBytes;
  private admitted = false;
  private countedIn: CallerOfCall['quota'];

  private request: readonly Buffer[] | undefined;
  private requestsEnded = false;
  private awaitsRequest: ((request: Uint8Array | undefined) => void) | undefined;
  private awaitsWrite: ((error: TributaryError) => void) | undefined;

  private unread: { readonly reader: object; readonly bytes: number } | undefined;
  private unreadTimer: NodeJS.Timeout | undefined;

  private headersSent = false;
  private ended = false;
  private released = false;
  private handlerRuns = false;
  private finished = false;

  constructor(
    private readonly surroundings: CallSurroundings,
    private readonly arrival: Arrival,
    private readonly wire: CallWire,
  ) {
    const { method, received } = arrival;
    super(
      arrival.path,
      requestIdFrom(offered(received, requestIdKey)),
      arrival.timeoutMs,
      received,
      arrival.caller?.name,
    );
    this.bytes = new RequestBytes(method.admission, arrival.encoded ? method.encodedLimits : method.plainLimits);
    const tracer = method.isTraceable ? surroundings.tracer : undefined;
    this.span = tracer?.serve(method.label, received, this.startedMs);
  }

  /** Begins to listen. */
  start(): void {
    this.wire.start(this);
  }

  // --- What the door tells

  onReceiveMetadata(): void {
    this.surroundings.openCalls.add(this);
    const quota = this.arrival.caller?.quota;
    if (quota !== undefined) {
      const refused = quota.enter();
      if (refused !== undefined) {
        this.fail(refused);
        return;
      }
      this.countedIn = quota;
    }
    if (this.arrival.method.method.kind === 'bidi') this.admit([]);
    else this.wire.startRead();
  }

  onChunk(chunk: Buffer): boolean {
    if (this.ended) return false;
    this.countedIn?.charge(chunk.length);
    const refused = this.bytes.arrived(chunk);
    if (refused === undefined) return true;
    this.stopHandler(refused instanceof FramingFault ? refusal('CANCELLED', {}) : refused);
    if (refused instanceof FramingFault) this.failPlainly(refused);
    else this.fail(refused);
    return false;
  }

  onReceiveMessage(pieces: readonly Buffer[]): void {
    if (this.ended) return;
    if (this.awaitsRequest !== undefined) {
      // Counted until the handler asks for the next. What has come of that already is not counted; it is less than a chunk.
      this.bytes.settle(lengthOf(pieces));
      this.takeAwaitsRequest()?.(joinPieces(pieces));
      return;
    }
    this.request = pieces;
    this.bytes.settle(lengthOf(pieces));
    this.wire.startRead();
  }

  onReceiveHalfClose(): void {
    // A reset by the caller looks like an end of its requests; onCancel follows.
    if (this.ended || this.wire.isAborted) return;
    this.requestsEnded = true;
    if (this.arrival.method.method.kind === 'bidi') {
      this.takeAwaitsRequest()?.(undefined);
      return;
    }
    const request = this.request;
    this.request = undefined;
    if (request === undefined) this.failPlainly(FramingFault.noMessage);
    else this.admit(request);
  }

  onReceiveRequest(pieces: readonly Buffer[]): void {
    this.requestsEnded = true;
    if (this.ended) return;
    this.countedIn?.charge(lengthOf(pieces));
    const refused = this.bytes.arrivedWhole(lengthOf(pieces));
    if (refused === undefined) this.admit(pieces);
    else this.fail(refused);
  }

  onStatus(code: Status, details: string): void {
    if (this.ended) {
      // The deadline passed while the answer waits: for the next turn of the event loop, or for a reader who does not read. The memory of
      // the latter is wanted back.
      if (code === Status.DEADLINE_EXCEEDED) this.unreadTimer = setTimeout(() => this.wire.abandon(), unreadPatienceMs);
      return;
    }
    const better = this.inOurWords(code);
    if (better === undefined) {
      this.stopHandler(refusal('CANCELLED', {}));
      this.end(code, undefined, undefined);
      this.wire.sendStatus(code, details, this.trailers);
      return;
    }
    if (better.reason === 'DEADLINE_EXCEEDED') this.abort(better);
    else this.stopHandler(better);
    this.fail(better);
  }

  /** The call ends in the middle of its requests, and what reads them must not take that for their end. */
  private stopHandler(reason: TributaryError): void {
    if (this.handlerRuns) this.abort(reason);
  }

  /** What the door decides on without a reason of the catalogue, where we have one for it. */
  private inOurWords(code: Status): TributaryError | undefined {
    if (code === Status.DEADLINE_EXCEEDED) return refusal('DEADLINE_EXCEEDED', {});
    if (code !== Status.RESOURCE_EXHAUSTED) return undefined;
    const expected = this.surroundings.maxMessageBytes;
    // Inflating stops at the first byte too many.
    return refusal('MESSAGE_TOO_LARGE', { expected, got: Math.max(this.bytes.declared, expected + 1) });
  }

  onCancel(): void {
    if (!this.ended) this.end(Status.CANCELLED, refusal('CANCELLED', {}), undefined);
    if (!this.requestsEnded) this.wire.stopReading();
    clearTimeout(this.unreadTimer);
    this.released = true;
    this.finish();
  }

  // --- What the server around it tells

  /**
   * Ends the call with SHUTTING_DOWN, whatever its handler does.
   * @returns false where it had ended already
   */
  cutOff(): boolean {
    if (this.ended) return false;
    const reason = refusal('SHUTTING_DOWN', {});
    this.abort(reason);
    this.fail(reason);
    return true;
  }

  sendHeaders(): void {
    if (!this.ended) this.ownSendHeaders();
  }

  get openEnded(): boolean {
    return this.arrival.method.openEnded;
  }

  /** Aborts the signal with SHUTTING_DOWN; the handler says the last word. */
  askToEnd(): void {
    this.abort(refusal('SHUTTING_DOWN', {}));
  }

  // --- The handler

  private admit(request: readonly Buffer[]): void {
    const { method, caller, path } = this.arrival;
    const denied = method.role === undefined ? undefined : caller?.refuseRequest(method.role, path, request);
    const refused = denied ?? method.admission.enter();
    if (refused !== undefined) {
      this.fail(refused);
      return;
    }
    this.admitted = true;
    void this.run(request);
  }

  private async run(request: readonly Buffer[]): Promise<void> {
    const { method } = this.arrival.method;
    this.handlerRuns = true;
    try {
      if (method.kind === 'unary') {
        this.answer(await method.handler(joinPieces(request), this));
      } else if (method.kind === 'unaryInPieces') {
        this.answer(await method.handler(request, this));
      } else if (method.kind === 'serverStream') {
        await method.handler(joinPieces(request), this, (message) => this.write(message));
      } else {
        await method.handler(
          () => this.next(),
          this,
          (message) => this.write(message),
        );
      }
      this.succeed();
    } catch (error) {
      this.fail(error);
    }
    this.handlerRuns = false;
    this.finish();
  }

  private answer(message: Uint8Array): void {
    if (this.ended) return;
    if (message.length >= minCountedBytes) this.holdAnswer(message.length);
    this.sendMessage(message, nothing);
  }

  /** The message that waits here for its reader. */
  private holdAnswer(bytes: number): void {
    const { reader } = this.wire;
    if (reader === undefined) return;
    const refused = this.surroundings.unreadAnswers.take(reader, bytes);
    if (refused !== undefined) throw refused;
    this.unread = { reader, bytes: (this.unread?.bytes ?? 0) + bytes };
  }

  private giveAnswer(): void {
    if (this.unread === undefined) return;
    this.surroundings.unreadAnswers.give(this.unread.reader, this.unread.bytes);
    this.unread = undefined;
  }

  private write(message: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.ended) {
        reject(this.abortReason ?? refusal('CANCELLED', {}));
        return;
      }
      if (message.length >= minCountedBytes) this.holdAnswer(message.length);
      // grpc-js does not call back for a call that has ended; #end does.
      this.awaitsWrite = reject;
      this.sendMessage(message, () => {
        this.awaitsWrite = undefined;
        this.giveAnswer();
        resolve();
      });
    });
  }

  private next(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      if (this.ended || this.requestsEnded || this.abortReason !== undefined) {
        resolve(undefined);
        return;
      }
      this.bytes.settle(0);
      this.awaitsRequest = resolve;
      this.wire.startRead();
    });
  }

  private takeAwaitsRequest(): ((request: Uint8Array | undefined) => void) | undefined {
    const resolve = this.awaitsRequest;
    this.awaitsRequest = undefined;
    return resolve;
  }

  private sendMessage(message: Uint8Array, onSent: () => void): void {
    this.ownSendHeaders();
    this.wire.sendMessage(message, onSent);
  }

  private ownSendHeaders(): void {
    if (this.headersSent) return;
    this.headersSent = true;
    this.wire.sendMetadata(this.requestId, this.headers);
  }

  // --- The end

  private succeed(): void {
    if (this.ended) return;
    this.end(Status.OK, undefined, undefined);
    // Not when the message is flushed: message and trailers then leave together.
    this.wire.sendStatus(Status.OK, 'OK', this.trailers);
  }

  private fail(thrown: unknown): void {
    if (this.ended) {
      // A handler whose call has ended is expected to throw the reason of the end; another defect must not be lost.
      if (thrown === this.abortReason) return;
      const late = toCallStatus(thrown, this.requestId);
      if (late.defect !== undefined) this.surroundings.failureLog.failed(this.failureOf(late.code, late));
      return;
    }
    const status = toCallStatus(thrown, this.requestId);
    this.trailers ??= new OutgoingMetadata();
    this.trailers.setAll(status.trailers);
    this.trailers.set(requestIdKey, this.requestId);
    this.end(status.code, undefined, status);
    this.wire.sendStatus(status.code, status.details, this.trailers);
  }

  private failPlainly({ code, details }: FramingFault): void {
    this.end(code, undefined, undefined);
    this.wire.sendStatus(code, details, this.trailers);
  }

  /** The status is decided. */
  private end(code: Status, abortReason: TributaryError | undefined, failure: CallStatus | undefined): void {
    this.ended = true;
    if (abortReason !== undefined) this.abort(abortReason);
    this.takeAwaitsRequest()?.(undefined);
    this.awaitsWrite?.(this.abortReason ?? refusal('CANCELLED', {}));
    const durationMs = performance.now() - this.startedMs;
    this.arrival.method.metrics.ended(code, durationMs / 1000, failure?.reason);
    if (this.span !== undefined) this.endSpan(this.span, code, failure?.reason, durationMs);
    const { method, caller } = this.arrival;
    // Else an admin call that goes well would leave nothing behind.
    if (method.role === 'admin' && caller !== undefined)
      this.surroundings.failureLog.audit(this.failureOf(code, failure));
    else if (code !== Status.OK) this.surroundings.failureLog.failed(this.failureOf(code, failure));
    else if (this.surroundings.debug) this.log.debug({ code: 'OK', durationMs }, 'call answered');
  }

  private endSpan(span: Span, code: Status, reason: string | undefined, durationMs: number): void {
    span.attributes['tributary.request_id'] = this.requestId;
    endRpcSpan(span, this.arrival.method.label, code, reason, this.startedMs + durationMs);
  }

  private failureOf(code: Status, status: CallStatus | undefined): CallFailure {
    return {
      requestId: this.requestId,
      ...traceOf(this.span),
      method: this.arrival.method.label,
      caller: this.caller,
      code: statusName(code),
      durationMs: performance.now() - this.startedMs,
      status,
    };
  }

  protected override abort(reason: TributaryError): boolean {
    const aborted = super.abort(reason);
    if (aborted) this.takeAwaitsRequest()?.(undefined);
    return aborted;
  }

  protected makeLog(): Logger {
    return this.surroundings.log.child({
      requestId: this.requestId,
      ...traceOf(this.span),
      method: this.arrival.method.label,
      ...(this.caller !== undefined && { caller: this.caller }),
    });
  }

  private finish(): void {
    if (this.finished || !this.released || this.handlerRuns) return;
    this.finished = true;
    this.bytes.settle(0);
    this.giveAnswer();
    if (this.admitted) this.arrival.method.admission.leave();
    this.countedIn?.leave();
    this.surroundings.openCalls.delete(this);
  }
}

/** For the log. */
function traceOf(span: Span | undefined): { readonly traceId: string } | undefined {
  return span && { traceId: span.origin.traceId };
}
