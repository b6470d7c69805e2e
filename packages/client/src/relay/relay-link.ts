import { randomInt } from 'node:crypto';
import { constants, type ClientHttp2Session, type ClientHttp2Stream } from 'node:http2';
import {
  joinPieces,
  lengthOf,
  maxRelayId,
  readRelayResponse,
  RelayMessages,
  RelayRequestWriter,
  Status,
  type RelayedAnswer,
} from '@tributary/contract';
import { failure, type HopAnswer, type HopCall, type RelayTraffic } from '../hop';
import { tokenMetadata } from '../hop-security';
import { requestHeaders, textOf } from '../http2/grpc-headers';
import { giveUpAfter } from '../patience';

const relayPath = '/tributary.relay.v1.RelayService/Relay';

/** What gathers in a turn leaves before its end once it is this long: the other side can begin to read. */
const flushBytes = 64 * 1024;

/** Longer requests are written without a copy, and one after the other. */
const longBytes = 32 * 1024;

/** How much of long calls may lie in the stream before the next one waits: it keeps the socket busy for a millisecond. */
const maxUnsentBytes = 256 * 1024;

/** How long an upstream may take to say whether it has the relay. */
const openTimeoutMs = 2_000;

/** Why there is no relay where there is no connection for it. */
const lostConnection = 'the connection was lost';

/**
 * The caller's end of one stream of the relay: many calls, each answered exactly once. Calls that begin in one turn of the event loop
 * leave in one message.
 */
export class RelayLink {
  private readonly stream: ClientHttp2Stream;
  private readonly pending = new Map<number, PendingCall>();
  private readonly messages = new RelayMessages();
  private readonly writer = new RelayRequestWriter();
  private readonly long: { readonly id: number; readonly call: HopCall; readonly sinceMs: number }[] = [];
  /** Of long calls in the stream. */
  private unsentBytes = 0;
  private flushing = false;
  private state: 'opening' | 'open' | 'draining' | 'ended' = 'opening';
  private seed = randomInt(1, maxRelayId);
  /** Why the calls that are lost are. */
  private fault = 'the relay ended';

  private constructor(
    session: ClientHttp2Session,
    private readonly maxAnswerBytes: number,
    private readonly traffic: Writable<RelayTraffic>,
    private readonly onEnd: () => void,
    token: string | undefined,
    opened: (refusal: string | undefined) => void,
  ) {
    const stream = session.request(requestHeaders(relayPath, tokenMetadata(token) ?? new Map(), undefined));
    this.stream = stream;
    const stopWaiting = giveUpAfter(openTimeoutMs, () => {
      opened(`no answer to the relay within ${openTimeoutMs} ms`);
      stream.close(constants.NGHTTP2_CANCEL);
    });
    stream.on('response', (headers) => {
      stopWaiting();
      if (headers[':status'] === 200 && headers['grpc-status'] === undefined) {
        this.state = 'open';
        opened(undefined);
        return;
      }
      const status = headers['grpc-status'] === undefined ? `HTTP ${headers[':status']}` : headers['grpc-status'];
      opened(`the relay was answered with status ${String(status)} ${textOf(headers['grpc-message'])}`.trim());
    });
    stream.on('data', (chunk: Buffer) => this.arrived(chunk));
    stream.on('error', () => undefined);
    // The upstream says no more, whatever it still owes; nothing is gained by keeping our side open.
    stream.on('end', () => {
      stream.end();
      this.ended();
    });
    stream.on('close', () => {
      stopWaiting();
      opened(lostConnection);
      this.ended();
    });
  }

  /**
   * Opens a link, where the upstream has the relay.
   * @param traffic is counted on
   * @param onEnd once it takes no more calls
   * @param token of whoever all of its calls are from; undefined: nobody's
   * @returns why not, where it has not
   */
  static open(
    session: ClientHttp2Session,
    maxAnswerBytes: number,
    traffic: Writable<RelayTraffic>,
    onEnd: () => void,
    token?: string,
  ): Promise<RelayLink | string> {
    // Nothing can be opened on it any more, though it has not told everybody yet.
    if (session.destroyed || session.closed) return Promise.resolve(lostConnection);
    return new Promise((resolve) => {
      const link = new RelayLink(session, maxAnswerBytes, traffic, onEnd, token, (refusal) => {
        resolve(refusal ?? link);
      });
    });
  }

  /** Whether new calls may go here. */
  get isOpen(): boolean {
    return this.state === 'open';
  }

  /** Only while it is open. */
  call(call: HopCall): Promise<HopAnswer> {
    return new Promise((resolve) => {
      const id = this.nextId();
      this.pending.set(id, new PendingCall(this, id, call, resolve));
      this.traffic.calls += 1;
      const { path, timeoutMs, metadata, request } = call;
      if (lengthOf(request) > longBytes) {
        this.long.push({ id, call, sinceMs: performance.now() });
        this.sendLong();
        return;
      }
      this.writer.call({ id, path, timeoutMs, metadata, message: request });
      this.flushSoon();
    });
  }

  /** Long calls wait for each other here and not in the stream, where short ones would wait behind them. */
  private sendLong(): void {
    while (this.unsentBytes < maxUnsentBytes) {
      const next = this.long.shift();
      if (next === undefined) return;
      const { id, call, sinceMs } = next;
      if (this.stream.destroyed || this.stream.writableEnded) continue;
      this.flush();
      const { path, metadata, request } = call;
      const timeoutMs = Math.max(0, call.timeoutMs - (performance.now() - sinceMs));
      const head = this.writer.takeLong({ id, path, timeoutMs, metadata, message: request });
      const bytes = head.length + lengthOf(request);
      this.unsentBytes += bytes;
      this.traffic.messagesSent += 1;
      const last = request.length - 1;
      this.stream.cork();
      this.stream.write(head);
      request.forEach((piece, index) => {
        this.stream.write(piece, index === last ? () => this.sent(bytes) : undefined);
      });
      this.stream.uncork();
    }
  }

  private sent(bytes: number): void {
    this.unsentBytes -= bytes;
    this.sendLong();
    this.endWhenIdle();
  }

  /** No more calls; those under way are answered, and then the stream ends. */
  drain(): void {
    if (this.state !== 'open') return;
    this.state = 'draining';
    this.onEnd();
    this.endWhenIdle();
  }

  /** The call has ended on this side; whatever still comes for it is dropped. */
  abandon(id: number): void {
    if (!this.pending.delete(id)) return;
    const waiting = this.long.findIndex((call) => call.id === id);
    if (waiting >= 0) this.long.splice(waiting, 1);
    else {
      this.writer.cancel(id);
      this.flushSoon();
    }
    this.endWhenIdle();
  }

  /** Not before: until then calls may have to be cancelled. */
  private endWhenIdle(): void {
    if (this.state !== 'draining' || this.pending.size > 0) return;
    this.flush();
    this.stream.end();
  }

  /** At random, so that a confused answer finds no owner rather than another's. */
  private nextId(): number {
    do {
      // xorshift32
      this.seed ^= this.seed << 13;
      this.seed ^= this.seed >>> 17;
      this.seed ^= this.seed << 5;
    } while ((this.seed & maxRelayId) === 0 || this.pending.has(this.seed & maxRelayId));
    return this.seed & maxRelayId;
  }

  private flushSoon(): void {
    if (this.writer.bytes >= flushBytes) this.flush();
    else if (!this.flushing) {
      this.flushing = true;
      setImmediate(this.flushed);
    }
  }

  private readonly flushed = (): void => {
    this.flushing = false;
    this.flush();
  };

  private flush(): void {
    if (this.writer.bytes === 0 || this.stream.destroyed || this.stream.writableEnded) return;
    const message = this.writer.take();
    this.traffic.messagesSent += 1;
    this.stream.write(message);
  }

  private arrived(chunk: Buffer): void {
    try {
      this.messages.take(chunk, this.read);
    } catch (error) {
      // Nothing that follows can be trusted.
      this.stream.close(constants.NGHTTP2_PROTOCOL_ERROR);
      this.fault = String(error);
      this.ended();
    }
  }

  private readonly read = (message: readonly Buffer[]): void => readRelayResponse(message, this);

  /** Answers of calls that were abandoned come late, and are nobody's. */
  onAnswer(answer: RelayedAnswer): void {
    const pending = this.pending.get(answer.id);
    if (pending === undefined) return;
    if (!pending.fits(answer, this.maxAnswerBytes)) {
      pending.end(failure(Status.RESOURCE_EXHAUSTED, 'an answer over the limit'));
      return;
    }
    if (answer.more) return;
    this.pending.delete(answer.id);
    pending.answered(answer);
    this.endWhenIdle();
  }

  onDraining(): void {
    this.drain();
  }

  private ended(): void {
    if (this.state === 'ended') return;
    const wasOpen = this.state === 'open';
    this.state = 'ended';
    const lost = [...this.pending.values()];
    this.pending.clear();
    if (wasOpen) this.onEnd();
    for (const pending of lost) pending.lost(this.fault);
  }
}

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A call whose answer has not come. */
class PendingCall {
  private readonly deadline: NodeJS.Timeout | undefined;
  private parts: Uint8Array[] | undefined;
  private bytes = 0;

  constructor(
    private readonly link: RelayLink,
    private readonly id: number,
    private readonly call: HopCall,
    private readonly settle: (answer: HopAnswer) => void,
  ) {
    const { timeoutMs, signal } = call;
    if (timeoutMs !== Infinity) this.deadline = setTimeout(expire, timeoutMs, this);
    signal?.addEventListener('abort', this);
  }

  /** The caller has cancelled. */
  handleEvent(): void {
    this.end(failure(Status.CANCELLED, 'cancelled'));
  }

  /** Ends it on this side. */
  end(answer: HopAnswer): void {
    this.link.abandon(this.id);
    this.finish(answer);
  }

  lost(details: string): void {
    this.finish(failure(Status.UNAVAILABLE, details));
  }

  /**
   * Takes a part of the answer in.
   * @returns whether the answer is still within the limit
   */
  fits({ message, more }: RelayedAnswer, maxAnswerBytes: number): boolean {
    this.bytes += message.length;
    if (this.bytes > maxAnswerBytes) return false;
    // Nearly every answer has one part.
    if (more || this.parts !== undefined) (this.parts ??= []).push(message);
    return true;
  }

  answered({ code, details, headers, trailers, message }: RelayedAnswer): void {
    const whole = this.parts === undefined ? message : joinPieces(this.parts);
    this.finish({ code, details, message: code === 0 ? whole : undefined, headers, trailers, answered: true });
  }

  private finish(answer: HopAnswer): void {
    clearTimeout(this.deadline);
    this.call.signal?.removeEventListener('abort', this);
    this.settle(answer);
  }
}

function expire(pending: PendingCall): void {
  pending.end(failure(Status.DEADLINE_EXCEEDED, 'deadline exceeded'));
}
