import { constants, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';
import { joinPieces, lengthOf, Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopCall } from '../hop';
import { formatTimeout, metadataOf, requestHeaders, statusOfHttp, textOf } from './grpc-headers';

/** Head of a gRPC message: a flag and four bytes of length. */
const headLength = 5;

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
  #stream!: ClientHttp2Stream;
  #deadline: NodeJS.Timeout | undefined;
  #headers: IncomingHttpHeaders = {};
  /** Of the message that is arriving: what has come of it, head included. */
  #pieces: Buffer[] = [];
  #held = 0;
  #message: Uint8Array | undefined;
  /** Decided on this side, before the upstream said its status. */
  #own: HopAnswer | undefined;
  #status: { readonly code: number; readonly details: string; readonly from: IncomingHttpHeaders } | undefined;
  #trailersOnly = false;

  constructor(
    private readonly session: ClientHttp2Session,
    private readonly call: HopCall,
    private readonly maxAnswerBytes: number,
    private readonly onMessage: ((message: Uint8Array) => void) | undefined,
    private readonly settle: (outcome: StreamOutcome) => void,
  ) {}

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
    this.#stream = stream;
    stream.on('response', (headers) => this.#received(headers));
    stream.on('data', (chunk: Buffer) => this.#arrived(chunk));
    stream.on('trailers', (trailers: IncomingHttpHeaders) => this.#decided(trailers));
    // What went wrong, 'close' tells by its code.
    stream.on('error', () => undefined);
    stream.on('close', () => this.#closed());
    if (call.timeoutMs !== Infinity) {
      this.#deadline = setTimeout(() => this.#end(Status.DEADLINE_EXCEEDED, 'deadline exceeded'), call.timeoutMs);
    }
    call.signal?.addEventListener('abort', this.#cancel);
    write(stream, call.request);
  }

  readonly #cancel = (): void => this.#end(Status.CANCELLED, 'cancelled');

  #received(headers: IncomingHttpHeaders): void {
    this.#headers = headers;
    const status = Number(headers[':status']);
    if (status !== 200 || !String(headers['content-type']).startsWith('application/grpc')) {
      this.#end(statusOfHttp(status), `HTTP status ${status}`);
    } else if (headers['grpc-status'] !== undefined) {
      this.#trailersOnly = true;
      this.#decided(headers);
    }
  }

  #decided(from: IncomingHttpHeaders): void {
    const code = Number(from['grpc-status']);
    if (!Number.isInteger(code) || code < 0 || code > 16) {
      this.#end(Status.UNKNOWN, 'no status that gRPC knows');
      return;
    }
    this.#status = { code, details: textOf(from['grpc-message']), from };
  }

  #arrived(chunk: Buffer): void {
    if (this.#own !== undefined) return;
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    while (this.#held >= headLength) {
      const head = this.#head();
      const length = head.readUInt32BE(1);
      if (head[0] !== 0) this.#end(Status.INTERNAL, 'a compressed answer though none was asked for');
      else if (length > this.maxAnswerBytes) this.#end(Status.RESOURCE_EXHAUSTED, 'an answer over the limit');
      else if (this.#held >= headLength + length) {
        this.#complete(length);
        continue;
      }
      return;
    }
  }

  /** The first piece, with at least a whole head in it. */
  #head(): Buffer {
    const first = this.#pieces[0]!;
    if (first.length >= headLength) return first;
    const joined = Buffer.concat(this.#pieces, this.#held);
    this.#pieces = [joined];
    return joined;
  }

  #complete(length: number): void {
    const end = headLength + length;
    const whole = this.#pieces.length === 1 ? this.#pieces[0]! : Buffer.concat(this.#pieces, this.#held);
    const message = whole.subarray(headLength, end);
    this.#held -= end;
    this.#pieces = this.#held === 0 ? [] : [whole.subarray(end)];
    if (this.onMessage !== undefined) this.onMessage(message);
    else if (this.#message === undefined) this.#message = message;
    else this.#end(Status.INTERNAL, 'two answers to one call');
  }

  /** Ends the call on this side. */
  #end(code: number, details: string): void {
    this.#own ??= failure(code, details);
    this.#stream.close(constants.NGHTTP2_CANCEL);
  }

  #closed(): void {
    clearTimeout(this.#deadline);
    this.call.signal?.removeEventListener('abort', this.#cancel);
    const refused =
      this.#own === undefined &&
      this.#status === undefined &&
      this.#stream.rstCode === constants.NGHTTP2_REFUSED_STREAM;
    this.settle({ answer: this.#answer(), refused });
  }

  #answer(): HopAnswer {
    if (this.#own !== undefined) return this.#own;
    if (this.#status === undefined) {
      return failure(Status.UNAVAILABLE, `the stream ended without a status (HTTP/2 code ${this.#stream.rstCode})`);
    }
    const { code, details, from } = this.#status;
    if (code === 0 && this.onMessage === undefined && this.#message === undefined) {
      return failure(Status.UNAVAILABLE, 'the call ended well but without an answer');
    }
    return {
      code,
      details,
      message: code === 0 ? this.#message : undefined,
      headers: this.#trailersOnly ? new Map() : metadataOf(this.#headers),
      trailers: metadataOf(from),
      answered: true,
    };
  }
}

/** The one request of a call, and the end of what this side has to say; long ones without a copy. */
function write(stream: ClientHttp2Stream, request: readonly Uint8Array[]): void {
  const length = lengthOf(request);
  const copied = length <= maxCopiedBytes;
  const head = Buffer.allocUnsafe(headLength + (copied ? length : 0));
  head[0] = 0;
  head.writeUInt32BE(length, 1);
  if (copied) {
    if (length > 0) head.set(joinPieces(request), headLength);
    stream.end(head);
    return;
  }
  stream.cork();
  stream.write(head);
  for (const piece of request) stream.write(piece);
  stream.end();
}
