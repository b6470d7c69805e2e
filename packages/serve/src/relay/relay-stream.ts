import { status as Status } from '@grpc/grpc-js';
import {
  readRelayRequest,
  refusal,
  RelayFault,
  RelayMessages,
  RelayResponseWriter,
  type RelayedAnswer,
  type RelayedCall,
  type TributaryError,
} from '@tributary/contract';
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import type { Admission } from '../call/admission';
import { toCallStatus, type CallStatus } from '../call/call-status';
import { endingOf } from '../call/call-wire';
import { stopReading } from '../call/stop-reading';
import { minCountedBytes } from '../call/unread-answers';
import type { RelayCounts } from '../metrics/relay-counts';
import type { RelayCaller } from './relay-caller';
import { RelayWire, type AnswerSink } from './relay-wire';

/** Longer answers leave in parts of this size, with those of others between them. */
export const partBytes = 64 * 1024;

/** A message that holds as much leaves at once, before the turn is over. */
const fullBytes = 64 * 1024;

/** While more than this has been written and not taken by the connection, parts of long answers wait. */
const maxUnsentBytes = 1024 * 1024;

/** While even this much waits, made up of short answers, no more calls are read. */
const maxUnreadBytes = 4 * 1024 * 1024;

/** What is around a relay. */
export interface RelaySurroundings {
  readonly counts: RelayCounts;
  /** Of messages that have not come to their end; those of calls are counted by the calls. */
  readonly partial: Admission;
  /** Longest time that a message may take to arrive, or to be read by the caller. */
  readonly patienceMs: number;
  /** A call has come; it is answered through `wire`. */
  onCall(wire: RelayWire): void;
  /** The relay has ended, once; `failure` undefined: all is well. */
  onEnd(relay: RelayStream, failure: CallStatus | undefined): void;
  /** Its stream is gone, once. */
  onClose(relay: RelayStream): void;
}

/** An answer of which parts have still to leave. */
interface LongAnswer {
  readonly wire: RelayWire;
  readonly answer: RelayedAnswer;
  /** Bytes that have left. */
  sent: number;
}

const noBytes = Buffer.alloc(0);
const noMetadata: RelayedAnswer['headers'] = new Map();

/**
 * The server's end of one relay: takes calls out of its messages and answers them, all that one turn of the event loop brought in one
 * message.
 *
 * A call is in `calls` from its arrival until the last part of its answer has been put into a message, or nobody wants it
 * any more; its id is free again then. It is released (its place and its bytes are given back) when a short answer has been put
 * into a message, since there it is a copy, and when the message with the end of a longer one has left.
 */
export class RelayStream implements AnswerSink {
  private readonly messages = new RelayMessages();
  private readonly writer = new RelayResponseWriter();
  private readonly calls = new Map<number, RelayWire>();
  /** In turn: the first has waited longest for its next part. */
  private readonly long: LongAnswer[] = [];
  /** Of answers that are long enough to count: their ends are in the message that is being made. */
  private leaving: RelayWire[] = [];
  /** The same, of messages that have been written and not taken. */
  private readonly written = new Set<RelayWire>();
  /** Bytes that are counted in `partial`. */
  private held = 0;
  /** Messages, of either direction, that have come to their end. */
  private received = 0;
  private taken = 0;
  /** Numbers of the messages that were under way when progress was last checked; -1: none. */
  private arriving = -1;
  private departing = -1;
  private hadEnded = false;
  private flushIsDue = false;
  private paused = false;
  private draining = false;
  /** No more calls are taken. */
  private takesNoMore = false;
  /** Why the relay ends, unless all is well. */
  private error: TributaryError | undefined;
  /** Set once the end has been written. */
  private ending: OutgoingHttpHeaders | undefined;
  private closed = false;

  constructor(
    private readonly stream: ServerHttp2Stream,
    private readonly surroundings: RelaySurroundings,
    readonly caller: RelayCaller | undefined,
  ) {}

  /** Answers with headers, at once: by them the caller learns that the relay is there. */
  start(): void {
    const { stream } = this;
    stream.on('error', () => undefined);
    stream.on('close', () => this.onClose());
    if (stream.destroyed || stream.closed) {
      this.onClose();
      return;
    }
    stream.respond({ ':status': 200, 'content-type': 'application/grpc+proto' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => {
      // No reset, which could overtake them: the caller ends its side when it sees them.
      if (!stream.destroyed && this.ending !== undefined) stream.sendTrailers(this.ending);
    });
    stream.on('data', (chunk: Buffer) => this.onData(chunk));
    stream.on('end', () => this.onHalfClose());
  }

  /** Tells the caller that no more calls are wanted; what comes until it ends its side is answered. */
  drain(): void {
    if (this.draining || this.ending !== undefined) return;
    this.draining = true;
    this.writer.draining();
    this.flushSoon();
  }

  /** Takes no more calls, and ends with SHUTTING_DOWN as soon as those that have been taken are answered. */
  cutOff(): void {
    if (this.ending !== undefined) stopReading(this.stream);
    else this.noMoreCalls(refusal('SHUTTING_DOWN', {}));
  }

  /** Asked again and again, `patienceMs` apart: ends the relay where what has to move has not moved since the last time. */
  checkProgress(): void {
    if (this.hadEnded) stopReading(this.stream);
    this.hadEnded = this.ending !== undefined;
    const arriving = this.messages.isCut && !this.takesNoMore ? this.received : -1;
    const leaving = this.stream.writableLength > 0 ? this.taken : -1;
    if (arriving >= 0 && arriving === this.arriving) {
      this.fail(refusal('RELAY_STALLED', { expected: this.surroundings.patienceMs }));
    }
    // Nobody reads, so there is nobody to tell.
    if (leaving >= 0 && leaving === this.departing) this.stream.close(constants.NGHTTP2_CANCEL);
    this.arriving = arriving;
    this.departing = leaving;
  }

  // --- What the caller says

  private onData(chunk: Buffer): void {
    if (this.takesNoMore || this.closed) return;
    try {
      this.messages.take(chunk, this.onMessage);
      this.countHeld(this.messages.held);
    } catch (error) {
      if (!(error instanceof RelayFault)) throw error;
      this.failFor(error);
    }
  }

  /** A relay with half a message holds it for as long as it lives, so these bytes have a bound of their own. */
  private countHeld(held: number): void {
    if (held === this.held) return;
    const refused = this.surroundings.partial.take(held - this.held);
    if (refused === undefined) this.held = held;
    else this.fail(refused);
  }

  private readonly onMessage = (message: readonly Buffer[]): void => {
    this.surroundings.counts.received += 1;
    this.received += 1;
    readRelayRequest(message, this);
  };

  onCall(call: RelayedCall): void {
    if (this.calls.has(call.id)) throw new RelayFault('an id of a call that is not answered yet');
    const wire = new RelayWire(call, this);
    this.calls.set(call.id, wire);
    this.surroundings.counts.calls += 1;
    this.surroundings.onCall(wire);
  }

  onCancelled(id: number): void {
    const wire = this.calls.get(id);
    if (wire === undefined) return;
    this.calls.delete(id);
    this.takeLong(wire);
    wire.release();
  }

  private onHalfClose(): void {
    if (this.stream.aborted || this.takesNoMore) return;
    if (this.messages.isCut) {
      this.failFor(new RelayFault('a message is cut off'));
      return;
    }
    this.noMoreCalls(undefined);
  }

  // --- Answers

  answer(wire: RelayWire, answer: RelayedAnswer): void {
    if (this.calls.get(answer.id) !== wire) return;
    if (answer.message.length > partBytes) this.long.push({ wire, answer, sent: 0 });
    else this.append(wire, answer, answer.message.length);
    this.flushSoon();
  }

  replaceRest(wire: RelayWire, code: Status, details: string): void {
    const long = this.takeLong(wire);
    if (long === undefined) return;
    this.append(wire, { ...long.answer, code, details, message: noBytes }, 0);
    this.flushSoon();
  }

  private takeLong(wire: RelayWire): LongAnswer | undefined {
    const place = this.long.findIndex((long) => long.wire === wire);
    return place < 0 ? undefined : this.long.splice(place, 1)[0];
  }

  /** Puts an answer, or the last part of one that has `bytes` in all, into the message. */
  private append(wire: RelayWire, answer: RelayedAnswer, bytes: number): void {
    this.writer.answer(answer);
    this.calls.delete(answer.id);
    if (bytes < minCountedBytes) wire.release();
    else this.leaving.push(wire);
    if (this.writer.bytes >= fullBytes) this.write();
  }

  /** One part of each long answer, in turn. */
  private appendParts(): void {
    for (let count = this.long.length; count > 0 && this.hasRoom; count -= 1) {
      const long = this.long.shift()!;
      const { wire, answer, sent } = long;
      const part = answer.message.subarray(sent, sent + partBytes);
      long.sent += part.length;
      if (long.sent === answer.message.length) {
        this.append(wire, { ...answer, message: part }, long.sent);
        continue;
      }
      this.long.push(long);
      this.writer.answer({
        id: answer.id,
        more: true,
        code: 0,
        details: '',
        headers: noMetadata,
        trailers: noMetadata,
        message: part,
      });
      if (this.writer.bytes >= fullBytes) this.write();
    }
  }

  private get hasRoom(): boolean {
    return this.stream.writableLength < maxUnsentBytes;
  }

  /** Once a turn, when all that this turn has brought is there. */
  private flushSoon(): void {
    if (this.flushIsDue || this.closed) return;
    this.flushIsDue = true;
    setImmediate(flush, this);
  }

  flush(): void {
    this.flushIsDue = false;
    if (this.closed) return;
    this.appendParts();
    if (this.writer.bytes > 0) this.write();
    if (this.long.length > 0 && this.hasRoom) this.flushSoon();
    this.endWhenAnswered();
  }

  private write(): void {
    this.surroundings.counts.sent += 1;
    this.stream.write(this.writer.take(), this.leaving.length === 0 ? this.onWritten : this.releaseLeaving());
    if (this.paused || this.stream.writableLength <= maxUnreadBytes) return;
    this.paused = true;
    this.stream.pause();
  }

  /** For when the message with the ends of these answers has left. */
  private releaseLeaving(): () => void {
    const left = this.leaving;
    this.leaving = [];
    for (const wire of left) this.written.add(wire);
    return () => {
      for (const wire of left) {
        this.written.delete(wire);
        wire.release();
      }
      this.onWritten();
    };
  }

  /** The connection has taken a message. */
  private readonly onWritten = (): void => {
    this.taken += 1;
    if (this.long.length > 0 && this.hasRoom) this.flushSoon();
    if (this.paused && this.stream.writableLength <= maxUnreadBytes) {
      this.paused = false;
      this.stream.resume();
    }
  };

  // --- The end

  private noMoreCalls(error: TributaryError | undefined): void {
    this.takesNoMore = true;
    this.error ??= error;
    this.endWhenAnswered();
  }

  private endWhenAnswered(): void {
    if (this.takesNoMore && this.calls.size === 0 && !this.flushIsDue) this.end();
  }

  /** What was read cannot be trusted, and neither can what follows it. */
  private failFor(fault: RelayFault): void {
    this.fail(refusal('RELAY_MALFORMED', {}, {}, { cause: fault }));
  }

  private fail(error: TributaryError): void {
    this.takesNoMore = true;
    this.error = error;
    this.giveUpCalls();
    this.end();
  }

  private end(): void {
    if (this.ending !== undefined || this.closed) return;
    const status = this.error && toCallStatus(this.error, '');
    this.ending = endingOf(status?.code ?? Status.OK, status?.details ?? 'OK', status?.trailers);
    this.surroundings.onEnd(this, status);
    if (this.writer.bytes > 0) this.write();
    this.stream.end();
  }

  private onClose(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.ending === undefined) this.surroundings.onEnd(this, toCallStatus(refusal('CANCELLED', {}), ''));
    this.giveUpCalls();
    this.surroundings.onClose(this);
  }

  private giveUpCalls(): void {
    this.countHeld(0);
    const wires = [...this.calls.values(), ...this.leaving, ...this.written];
    this.calls.clear();
    this.long.length = this.leaving.length = 0;
    this.written.clear();
    for (const wire of wires) wire.release();
  }
}

function flush(relay: RelayStream): void {
  relay.flush();
}
