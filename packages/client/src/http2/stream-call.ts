import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { joinPieces, lengthOf, messageHeadBytes, Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopCall } from '../hop';
import { answerOf, endingOf, formatTimeout, notGrpc, requestHeaders, type GrpcEnding } from './grpc-headers';
import { IncomingMessages } from './incoming-messages';

/** Up to this length a request is copied behind its head: that costs less than a second write. */
const maxCopiedBytes = 4096;

/** What became of a call on its own stream. */
export interface StreamOutcome {
  readonly answer: HopAnswer;
  /** True where the upstream has refused the stream unseen: it may be sent again on another session. */
  readonly refused: boolean;
}

/**
 * One call as a stream of HTTP/2 of its own: one request, and one answer or, with `onMessage`, any number. It asks for answers without
 * compression.
 */
export function callOnStream(
  session: ClientHttp2Session,
  call: HopCall,
  maxAnswerBytes: number,
  onMessage: ((message: Uint8Array) => void) | undefined,
): Promise<StreamOutcome> {
  return new Promise((resolve) => new StreamCall(session, call, maxAnswerBytes, onMessage, resolve).start());
}

class StreamCall {
  private stream!: ClientHttp2Stream;
  private deadline: NodeJS.Timeout | undefined;
  /** Those of the answer; undefined where they are its end too. */
  private headers: IncomingHttpHeaders | undefined;
  private readonly messages: IncomingMessages;
  private message: Uint8Array | undefined;
  /** Decided on this side, before the upstream said its status. */
  private own: HopAnswer | undefined;
  private ending: GrpcEnding | undefined;

  constructor(
    private readonly session: ClientHttp2Session,
    private readonly call: HopCall,
    maxAnswerBytes: number,
    private readonly onMessage: ((message: Uint8Array) => void) | undefined,
    private readonly settle: (outcome: StreamOutcome) => void,
  ) {
    this.messages = new IncomingMessages(maxAnswerBytes);
  }

  start(): void {
    const { call } = this;
    let stream: ClientHttp2Stream;
    try {
      stream = this.session.request(requestHeaders(call.path, call.metadata, formatTimeout(call.timeoutMs)));
    } catch (error) {
      // A session that has just begun to close, or metadata that HTTP/2 cannot carry.
      const answer = failure(Status.UNAVAILABLE, String(error));
      this.settle({ answer, refused: this.session.closed || this.session.destroyed });
      return;
    }
    this.stream = stream;
    stream.on('response', (headers) => this.received(headers));
    stream.on('data', (chunk: Buffer) => this.arrived(chunk));
    stream.on('trailers', (trailers: IncomingHttpHeaders) => this.decided(trailers));
    // What went wrong, 'close' tells by its code.
    stream.on('error', () => undefined);
    stream.on('close', () => this.closed());
    if (call.timeoutMs !== Infinity) {
      const expire = (): void => this.end(failure(Status.DEADLINE_EXCEEDED, 'deadline exceeded'));
      this.deadline = setTimeout(expire, call.timeoutMs);
    }
    call.signal?.addEventListener('abort', this.cancel);
    write(stream, call.request);
  }

  private readonly cancel = (): void => this.end(failure(Status.CANCELLED, 'cancelled'));

  private received(headers: IncomingHttpHeaders): void {
    const foreign = notGrpc(headers);
    if (foreign !== undefined) this.end(foreign);
    else if (headers['grpc-status'] !== undefined) this.decided(headers);
    else this.headers = headers;
  }

  private decided(from: IncomingHttpHeaders): void {
    const ending = endingOf(from);
    if ('answered' in ending) this.end(ending);
    else this.ending = ending;
  }

  private arrived(chunk: Buffer): void {
    if (this.isOver()) return;
    this.messages.push(chunk);
    while (!this.isOver()) {
      const taken = this.messages.take();
      if (taken === undefined) return;
      if (!(taken instanceof Uint8Array)) this.end(taken);
      else if (this.onMessage !== undefined) this.onMessage(taken);
      else if (this.message === undefined) this.message = taken;
      else this.end(failure(Status.INTERNAL, 'two answers to one call'));
    }
  }

  private isOver(): boolean {
    return this.own !== undefined;
  }

  /** Ends the call on this side. */
  private end(answer: HopAnswer): void {
    this.own ??= answer;
    this.stream.close(constants.NGHTTP2_CANCEL);
  }

  private closed(): void {
    clearTimeout(this.deadline);
    this.call.signal?.removeEventListener('abort', this.cancel);
    const isUndecided = this.own === undefined && this.ending === undefined;
    const refused = isUndecided && this.stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    this.settle({ answer: this.answer(), refused });
  }

  private answer(): HopAnswer {
    if (this.own !== undefined) return this.own;
    if (this.ending === undefined) {
      return failure(Status.UNAVAILABLE, `the stream ended without a status (HTTP/2 code ${this.stream.rstCode})`);
    }
    if (this.ending.code === 0 && this.onMessage === undefined && this.message === undefined) {
      return failure(Status.UNAVAILABLE, 'the call ended well but without an answer');
    }
    return answerOf(this.ending, this.headers, this.message);
  }
}

/** The one request of a call, and the end of what this side has to say; long ones without a copy. */
function write(stream: ClientHttp2Stream, request: readonly Uint8Array[]): void {
  const length = lengthOf(request);
  const copied = length <= maxCopiedBytes;
  const head = Buffer.allocUnsafe(messageHeadBytes + (copied ? length : 0));
  head[0] = 0;
  head.writeUInt32BE(length, 1);
  if (copied) {
    if (length > 0) head.set(joinPieces(request), messageHeadBytes);
    stream.end(head);
    return;
  }
  stream.cork();
  stream.write(head);
  for (const piece of request) stream.write(piece);
  stream.end();
}
