import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { messageHeadBytes, Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopMetadata, type HopOpening, type HopStream } from '../hop';
import {
  answerOf,
  endingOf,
  formatTimeout,
  metadataOf,
  notGrpc,
  requestHeaders,
  type GrpcEnding,
} from './grpc-headers';
import { IncomingMessages } from './incoming-messages';

/** Finds a session for a call that is about to begin, or says how the call ended where none came. Never rejects. */
export type FindSession = (call: HopOpening) => Promise<ClientHttp2Session | HopAnswer>;

/**
 * A call with messages both ways, on a stream of HTTP/2 of its own. Nothing is read from the stream but what `next` asks for, and a
 * write waits until the stream has taken the one before: what lies here is one message each way and what a socket brings at once.
 * It asks for answers without compression.
 */
export class DuplexCall implements HopStream {
  readonly headers: Promise<HopMetadata | undefined>;
  readonly ended: Promise<HopAnswer>;
  private settleHeaders!: (headers: HopMetadata | undefined) => void;
  private settle!: (answer: HopAnswer) => void;

  private stream: ClientHttp2Stream | undefined;
  /** Resolves once there is a stream, or none will come. */
  private begun: Promise<void>;
  private attempts = 0;
  private wrote = false;
  private halfClosed = false;
  private writing: (() => void) | undefined;

  private received: IncomingHttpHeaders | undefined;
  /** That have come and were not asked for yet: never more than one read brings, beside the one that is arriving. */
  private readonly messages: IncomingMessages;
  private reader: ((message: Uint8Array | undefined) => void) | undefined;
  private readEnded = false;
  private ending: GrpcEnding | undefined;

  private readonly deadline: NodeJS.Timeout | undefined;
  private readonly startedMs = performance.now();
  private isOver = false;

  constructor(
    private readonly call: HopOpening,
    maxAnswerBytes: number,
    private readonly findSession: FindSession,
  ) {
    this.messages = new IncomingMessages(maxAnswerBytes);
    this.headers = new Promise((resolve) => (this.settleHeaders = resolve));
    this.ended = new Promise((resolve) => (this.settle = resolve));
    const { signal, timeoutMs } = call;
    if (signal?.aborted === true) {
      this.begun = Promise.resolve();
      this.ownEnd(failure(Status.CANCELLED, 'cancelled before it was sent'));
      return;
    }
    if (timeoutMs !== Infinity) {
      const expire = (): void => this.ownEnd(failure(Status.DEADLINE_EXCEEDED, 'deadline exceeded'));
      this.deadline = setTimeout(expire, timeoutMs);
    }
    signal?.addEventListener('abort', this.cancelled);
    this.begun = this.begin();
  }

  // --- What the caller does

  async write(message: Uint8Array): Promise<void> {
    await this.begun;
    const stream = this.stream;
    if (stream === undefined || this.isOver || this.halfClosed) return;
    this.wrote = true;
    const head = Buffer.allocUnsafe(messageHeadBytes);
    head[0] = 0;
    head.writeUInt32BE(message.length, 1);
    await new Promise<void>((resolve) => {
      // A stream that ends need not call back; #end does.
      this.writing = resolve;
      stream.cork();
      stream.write(head);
      stream.write(message, () => resolve());
      stream.uncork();
    });
    this.writing = undefined;
  }

  end(): void {
    if (this.halfClosed) return;
    this.halfClosed = true;
    void this.begun.then(() => {
      if (!this.isOver) this.stream?.end();
    });
  }

  next(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.reader = resolve;
      this.read();
    });
  }

  cancel(): void {
    this.cancelled();
  }

  private readonly cancelled = (): void => this.ownEnd(failure(Status.CANCELLED, 'cancelled'));

  // --- The stream

  private async begin(): Promise<void> {
    const found = await this.findSession(this.call);
    if (this.isOver) return;
    if ('code' in found) {
      this.ownEnd(found);
      return;
    }
    this.attempts += 1;
    const { path, metadata, timeoutMs } = this.call;
    const leftMs = Math.max(0, timeoutMs - (performance.now() - this.startedMs));
    let stream: ClientHttp2Stream;
    try {
      stream = found.request(requestHeaders(path, metadata, formatTimeout(leftMs)));
    } catch (error) {
      // A session that has just begun to close, or metadata that HTTP/2 cannot carry.
      this.ownEnd(failure(Status.UNAVAILABLE, String(error)));
      return;
    }
    this.stream = stream;
    stream.on('response', (headers) => this.responded(headers));
    stream.on('data', (chunk: Buffer) => {
      this.messages.push(chunk);
      this.read();
    });
    stream.on('trailers', (trailers: IncomingHttpHeaders) => this.decided(trailers));
    stream.on('end', () => {
      this.readEnded = true;
      this.read();
      setImmediate(() => this.endedWithout(stream));
    });
    // What went wrong, 'close' tells by its code.
    stream.on('error', () => undefined);
    stream.on('close', () => this.closed(stream));
    // A listener of 'data' lets the stream flow, whether or not somebody waits for a message already.
    this.read();
  }

  private responded(headers: IncomingHttpHeaders): void {
    const foreign = notGrpc(headers);
    if (foreign !== undefined) this.ownEnd(foreign);
    else if (headers['grpc-status'] !== undefined) {
      this.decided(headers);
      // Nothing follows, so nothing has to be read.
      if (this.ending !== undefined) this.finish(this.ending);
    } else {
      this.received = headers;
      this.settleHeaders(metadataOf(headers));
    }
  }

  private decided(from: IncomingHttpHeaders): void {
    const ending = endingOf(from);
    if ('answered' in ending) {
      this.ownEnd(ending);
      return;
    }
    this.ending = ending;
    if (this.readEnded && this.messages.held === 0) this.finish(ending);
  }

  /** Hands on the next message where it has come and was asked for; else lets the stream flow, or stops it. */
  private read(): void {
    if (this.isOver) {
      this.answerReader(undefined);
      return;
    }
    const message = this.takeMessage();
    if (message !== undefined) this.answerReader(message);
    // Also where taking it has ended the call: then the reader is answered, and nothing here does anything.
    if (this.readEnded && message === undefined) this.allRead();
    else if (this.reader === undefined) this.stream?.pause();
    else this.stream?.resume();
  }

  /** Nothing more will come, and what has come is no whole message that somebody waits for. */
  private allRead(): void {
    const { held } = this.messages;
    if (this.reader !== undefined && held > 0) {
      this.ownEnd(failure(Status.INTERNAL, 'the answers ended within a message'));
    } else if (held === 0 && this.ending !== undefined) this.finish(this.ending);
  }

  private answerReader(message: Uint8Array | undefined): void {
    const resolve = this.reader;
    this.reader = undefined;
    resolve?.(message);
  }

  /** The first whole message of what has come, where somebody waits for it. */
  private takeMessage(): Uint8Array | undefined {
    if (this.reader === undefined) return undefined;
    const taken = this.messages.take();
    if (taken === undefined || taken instanceof Uint8Array) return taken;
    this.ownEnd(taken);
    return undefined;
  }

  /** An upstream that ends its side without a status leaves ours open: there is no 'close' to wait for. */
  private endedWithout(stream: ClientHttp2Stream): void {
    if (this.ending !== undefined || stream.destroyed || stream !== this.stream) return;
    this.ownEnd(failure(Status.UNAVAILABLE, 'the answers ended without a status'));
  }

  private closed(stream: ClientHttp2Stream): void {
    if (this.isOver || stream !== this.stream) return;
    if (this.ending !== undefined) {
      // Else `next` finishes, once all is read.
      if (!this.readEnded) this.lostUnread(this.ending);
      return;
    }
    const isUnseen = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && !this.wrote && !this.halfClosed;
    if (isUnseen && this.attempts < 2) {
      this.readEnded = false;
      // As a server does while it renews the connection. Not out of the event: the session may be about to end too.
      this.begun = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.begin());
      return;
    }
    this.ownEnd(
      failure(Status.UNAVAILABLE, `the stream ended without a status (HTTP/2 code ${String(stream.rstCode)})`),
    );
  }

  /** The connection went after the status had come, with answers still unread in it. */
  private lostUnread(ending: GrpcEnding): void {
    if (ending.code === 0) this.ownEnd(failure(Status.UNAVAILABLE, 'the connection broke with answers unread'));
    else this.finish(ending);
  }

  // --- The end

  /** The upstream has said its last word. */
  private finish(ending: GrpcEnding): void {
    this.ownEnd(answerOf(ending, this.received, undefined));
  }

  /** Whoever is first decides; messages that nobody has read are dropped. */
  private ownEnd(answer: HopAnswer): void {
    if (this.isOver) return;
    this.isOver = true;
    clearTimeout(this.deadline);
    this.call.signal?.removeEventListener('abort', this.cancelled);
    this.messages.clear();
    const stream = this.stream;
    if (stream !== undefined && !stream.destroyed) {
      // Else an upstream that does not wait for the end of the request would keep the stream.
      if (!stream.writableFinished || !answer.answered) stream.close(constants.NGHTTP2_CANCEL);
      stream.resume();
    }
    this.answerReader(undefined);
    this.writing?.();
    this.settleHeaders(undefined);
    this.settle(answer);
  }
}
