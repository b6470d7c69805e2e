import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopMetadata, type HopOpening, type HopStream } from '../hop';
import { formatTimeout, metadataOf, requestHeaders, statusOfHttp, textOf } from './grpc-headers';

/** Head of a gRPC message: a flag and four bytes of length. */
const headLength = 5;

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
  #settleHeaders!: (headers: HopMetadata | undefined) => void;
  #settle!: (answer: HopAnswer) => void;

  #stream: ClientHttp2Stream | undefined;
  /** Resolves once there is a stream, or none will come. */
  #begun: Promise<void>;
  #wrote = false;
  #halfClosed = false;
  #writing: (() => void) | undefined;

  #received: IncomingHttpHeaders | undefined;
  /** Of the messages that have come and were not asked for yet: never more than one read brings, beside the one that is arriving. */
  #pieces: Buffer[] = [];
  #held = 0;
  #reader: ((message: Uint8Array | undefined) => void) | undefined;
  #readEnded = false;
  #status: { readonly code: number; readonly details: string; readonly from: IncomingHttpHeaders } | undefined;

  readonly #deadline: NodeJS.Timeout | undefined;
  readonly #startedMs = performance.now();
  #isOver = false;

  constructor(
    private readonly call: HopOpening,
    private readonly maxAnswerBytes: number,
    private readonly findSession: FindSession,
  ) {
    this.headers = new Promise((resolve) => (this.#settleHeaders = resolve));
    this.ended = new Promise((resolve) => (this.#settle = resolve));
    const { signal, timeoutMs } = call;
    if (signal?.aborted === true) {
      this.#begun = Promise.resolve();
      this.#end(failure(Status.CANCELLED, 'cancelled before it was sent'));
      return;
    }
    if (timeoutMs !== Infinity) {
      const expire = (): void => this.#end(failure(Status.DEADLINE_EXCEEDED, 'deadline exceeded'));
      this.#deadline = setTimeout(expire, timeoutMs);
    }
    signal?.addEventListener('abort', this.#cancelled);
    this.#begun = this.#begin();
  }

  // --- What the caller does

  async write(message: Uint8Array): Promise<void> {
    await this.#begun;
    const stream = this.#stream;
    if (stream === undefined || this.#isOver || this.#halfClosed) return;
    this.#wrote = true;
    const head = Buffer.allocUnsafe(headLength);
    head[0] = 0;
    head.writeUInt32BE(message.length, 1);
    await new Promise<void>((resolve) => {
      // A stream that ends need not call back; #end does.
      this.#writing = resolve;
      stream.cork();
      stream.write(head);
      stream.write(message, () => resolve());
      stream.uncork();
    });
    this.#writing = undefined;
  }

  end(): void {
    if (this.#halfClosed) return;
    this.#halfClosed = true;
    void this.#begun.then(() => {
      if (!this.#isOver) this.#stream?.end();
    });
  }

  next(): Promise<Uint8Array | undefined> {
    return new Promise((resolve) => {
      this.#reader = resolve;
      this.#read();
    });
  }

  cancel(): void {
    this.#cancelled();
  }

  readonly #cancelled = (): void => this.#end(failure(Status.CANCELLED, 'cancelled'));

  // --- The stream

  async #begin(): Promise<void> {
    const found = await this.findSession(this.call);
    if (this.#isOver) return;
    if ('code' in found) {
      this.#end(found);
      return;
    }
    const { path, metadata, timeoutMs } = this.call;
    const leftMs = Math.max(0, timeoutMs - (performance.now() - this.#startedMs));
    let stream: ClientHttp2Stream;
    try {
      stream = found.request(requestHeaders(path, metadata, formatTimeout(leftMs)));
    } catch (error) {
      // A session that has just begun to close, or metadata that HTTP/2 cannot carry.
      this.#end(failure(Status.UNAVAILABLE, String(error)));
      return;
    }
    this.#stream = stream;
    stream.on('response', (headers) => this.#responded(headers));
    stream.on('data', (chunk: Buffer) => {
      this.#pieces.push(chunk);
      this.#held += chunk.length;
      this.#read();
    });
    // A listener of 'data' lets the stream flow.
    stream.pause();
    stream.on('trailers', (trailers: IncomingHttpHeaders) => this.#decided(trailers));
    stream.on('end', () => {
      this.#readEnded = true;
      this.#read();
    });
    // What went wrong, 'close' tells by its code.
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed(stream));
  }

  #responded(headers: IncomingHttpHeaders): void {
    this.#received = headers;
    const status = Number(headers[':status']);
    if (status !== 200 || !String(headers['content-type']).startsWith('application/grpc')) {
      this.#end(failure(statusOfHttp(status), `HTTP status ${status}`));
    } else if (headers['grpc-status'] !== undefined) {
      this.#received = undefined;
      this.#decided(headers);
      // Nothing follows, so nothing has to be read.
      this.#finish();
    } else {
      this.#settleHeaders(metadataOf(headers));
    }
  }

  #decided(from: IncomingHttpHeaders): void {
    const code = Number(from['grpc-status']);
    if (Number.isInteger(code) && code >= 0 && code <= 16) {
      this.#status = { code, details: textOf(from['grpc-message']), from };
      if (this.#readEnded && this.#held === 0) this.#finish();
    } else this.#end(failure(Status.UNKNOWN, 'no status that gRPC knows'));
  }

  /** Hands on the next message where it has come and was asked for; else lets the stream flow, or stops it. */
  #read(): void {
    if (this.#isOver) {
      this.#answerReader(undefined);
      return;
    }
    const message = this.#takeMessage();
    if (message !== undefined) this.#answerReader(message);
    // Also where taking it has ended the call: then the reader is answered, and nothing here does anything.
    if (this.#readEnded && message === undefined) this.#allRead();
    else if (this.#reader === undefined) this.#stream?.pause();
    else this.#stream?.resume();
  }

  /** Nothing more will come, and what has come is no whole message that somebody waits for. */
  #allRead(): void {
    if (this.#reader !== undefined && this.#held > 0) {
      this.#end(failure(Status.INTERNAL, 'the answers ended within a message'));
    } else if (this.#held === 0) {
      this.#answerReader(undefined);
      if (this.#status !== undefined) this.#finish();
    }
  }

  #answerReader(message: Uint8Array | undefined): void {
    const resolve = this.#reader;
    this.#reader = undefined;
    resolve?.(message);
  }

  /** The first whole message of what has come, where somebody waits for it. */
  #takeMessage(): Uint8Array | undefined {
    if (this.#held < headLength || this.#reader === undefined) return undefined;
    const head = this.#head();
    const length = head.readUInt32BE(1);
    if (head[0] !== 0) this.#end(failure(Status.INTERNAL, 'a compressed answer though none was asked for'));
    else if (length > this.maxAnswerBytes) this.#end(failure(Status.RESOURCE_EXHAUSTED, 'an answer over the limit'));
    else if (this.#held >= headLength + length) {
      const end = headLength + length;
      const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#held);
      this.#held -= end;
      this.#pieces = this.#held === 0 ? [] : [whole.subarray(end)];
      return whole.subarray(headLength, end);
    }
    return undefined;
  }

  /** The first piece, with at least a whole head in it. */
  #head(): Buffer {
    const first = this.#pieces[0]!;
    if (first.length >= headLength) return first;
    const joined = Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [joined];
    return joined;
  }

  #closed(stream: ClientHttp2Stream): void {
    if (this.#isOver || stream !== this.#stream) return;
    if (this.#status !== undefined) {
      // Else `next` finishes, once all is read.
      if (!this.#readEnded) this.#lostUnread();
      return;
    }
    const isUnseen = stream.rstCode === constants.NGHTTP2_REFUSED_STREAM && !this.#wrote && !this.#halfClosed;
    if (isUnseen) {
      // As a server does while it renews the connection. Not out of the event: the session may be about to end too.
      this.#begun = new Promise<void>((resolve) => setImmediate(resolve)).then(() => this.#begin());
      return;
    }
    this.#end(failure(Status.UNAVAILABLE, `the stream ended without a status (HTTP/2 code ${String(stream.rstCode)})`));
  }

  /** The connection went after the status had come, with answers still unread in it. */
  #lostUnread(): void {
    if (this.#status!.code === 0) this.#end(failure(Status.UNAVAILABLE, 'the connection broke with answers unread'));
    else this.#finish();
  }

  // --- The end

  /** The upstream has said its last word. */
  #finish(): void {
    const { code, details, from } = this.#status!;
    const headers = this.#received === undefined ? new Map<string, never>() : metadataOf(this.#received);
    this.#end({ code, details, message: undefined, headers, trailers: metadataOf(from), answered: true });
  }

  /** Whoever is first decides; messages that nobody has read are dropped. */
  #end(answer: HopAnswer): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#deadline);
    this.call.signal?.removeEventListener('abort', this.#cancelled);
    this.#pieces = [];
    this.#held = 0;
    const stream = this.#stream;
    if (stream !== undefined && !stream.destroyed) {
      // Else an upstream that does not wait for the end of the request would keep the stream.
      if (!stream.writableFinished || !answer.answered) stream.close(constants.NGHTTP2_CANCEL);
      stream.resume();
    }
    this.#answerReader(undefined);
    this.#writing?.();
    this.#settleHeaders(undefined);
    this.#settle(answer);
  }
}
