import { status as Status } from '@grpc/grpc-js';
import { lengthOf, messageHeadBytes } from '@tributary/contract';
import type { OutgoingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import {
  acceptedEncodings,
  acceptedEncodingsKey,
  endingOf,
  requestIdKey,
  StreamWire,
  trailersOnly,
  type CallListener,
  type CallWire,
} from './call-wire';
import type { OutgoingMetadata } from './metadata';
import { sendTrailersAtOnce } from './trailers-at-once';

/** Where a stream keeps its call: listeners that all streams share cost a call no closures. */
const callKey = Symbol('call');

interface CallStream extends ServerHttp2Stream {
  [callKey]?: StreamCall;
}

const trailersFollow = { waitForTrailers: true };

/**
 * A unary call straight on its HTTP/2 stream, without grpc-js: one message in, one message or a status out, no compression. The
 * limits of a request are its listener's, who sees every piece of it first.
 */
export class StreamCall extends StreamWire implements CallWire {
  private listener!: CallListener;
  private deadline: NodeJS.Timeout | undefined;
  /** What has come of the request. */
  private pieces: Buffer[] = [];
  private headers: OutgoingHttpHeaders | undefined;
  private message: Uint8Array | undefined;
  private trailers: OutgoingHttpHeaders | undefined;
  private released = false;

  constructor(
    protected override readonly stream: CallStream,
    /** Infinity: none. */
    private readonly timeoutMs: number,
    private readonly trailersAtOnce: boolean,
  ) {
    super(stream);
  }

  start(listener: CallListener): void {
    const { stream } = this;
    // The peer may be gone at any time; 'close' tells.
    stream.on('error', ignore);
    if (stream.destroyed || stream.closed) return;
    this.listener = listener;
    stream[callKey] = this;
    stream.on('data', onData);
    stream.on('end', onEnd);
    stream.on('close', onClose);
    if (this.timeoutMs !== Infinity) this.deadline = setTimeout(onDeadline, this.timeoutMs, this);
    listener.onReceiveMetadata();
  }

  /** The one message is read without being asked for. */
  startRead(): void {
    return;
  }

  sendMetadata(requestId: string, metadata: OutgoingMetadata | undefined): void {
    // No grpc-encoding: that says identity, as its absence does, at the cost of a header for every call.
    const headers: OutgoingHttpHeaders = {
      ':status': 200,
      'content-type': 'application/grpc+proto',
      [acceptedEncodingsKey]: acceptedEncodings,
      [requestIdKey]: requestId,
    };
    metadata?.writeTo(headers);
    this.headers = headers;
  }

  /** Kept until the status, so that headers, message and trailers leave together. */
  sendMessage(message: Uint8Array): void {
    this.message = message;
  }

  sendStatus(code: Status, details: string, trailers: OutgoingMetadata | undefined): void {
    const { stream } = this;
    this.pieces = [];
    // 'close' has told the listener, or will.
    if (stream.destroyed || stream.closed) return;
    if (this.message === undefined || this.headers === undefined) {
      stream.respond(trailersOnly(code, details, trailers), { endStream: true });
      this.release();
      return;
    }
    this.trailers = endingOf(code, details, trailers);
    stream.on('wantTrailers', onWantTrailers);
    stream.respond(this.headers, trailersFollow);
    endWith(stream, this.message);
    this.message = undefined;
  }

  // --- What the stream tells

  received(chunk: Buffer): void {
    if (!this.listener.onChunk(chunk)) return;
    this.pieces.push(chunk);
  }

  ended(): void {
    const message = messageOf(this.pieces);
    this.pieces = [];
    if (message !== undefined) this.listener.onReceiveMessage(message);
    this.listener.onReceiveHalfClose();
  }

  expired(): void {
    this.listener.onStatus(Status.DEADLINE_EXCEEDED, 'deadline exceeded');
  }

  /** The message is out of our hands, and nobody needs the deadline any more. */
  flushed(): void {
    const { stream } = this;
    if (!stream.destroyed && this.trailers !== undefined) {
      if (this.trailersAtOnce) sendTrailersAtOnce(stream, this.trailers);
      else stream.sendTrailers(this.trailers);
    }
    this.release();
  }

  release(): void {
    if (this.released) return;
    this.released = true;
    clearTimeout(this.deadline);
    this.listener.onCancel();
  }
}

function ignore(): void {
  return;
}

function onData(this: CallStream, chunk: Buffer): void {
  this[callKey]?.received(chunk);
}

function onEnd(this: CallStream): void {
  this[callKey]?.ended();
}

function onClose(this: CallStream): void {
  this[callKey]?.release();
}

function onWantTrailers(this: CallStream): void {
  this[callKey]?.flushed();
}

function onDeadline(call: StreamCall): void {
  call.expired();
}

/**
 * The message of a request that has ended, in its pieces without the head; undefined where there is none or only a part of one.
 * That it is the only one, and not compressed, the count of its bytes has checked. Pieces are views: each holds on to what was
 * read from the socket at once, 64 KiB at most.
 */
function messageOf(pieces: Buffer[]): Buffer[] | undefined {
  // The first of nearly every request; the head of others is put together from the bytes they came in.
  while (pieces.length > 1 && pieces[0]!.length < messageHeadBytes) pieces.unshift(Buffer.concat(pieces.splice(0, 2)));
  const first = pieces[0];
  if (first === undefined || first.length < messageHeadBytes) return undefined;
  const length = first.readUInt32BE(1);
  if (length !== lengthOf(pieces) - messageHeadBytes) return undefined;
  if (first.length > messageHeadBytes || length === 0) pieces[0] = first.subarray(messageHeadBytes);
  else pieces.shift();
  return pieces;
}

/** Up to this length a message is copied behind its head: that costs less than a second write. */
const maxCopiedBytes = 4096;
/** What a stream is told of the encoding of bytes, which its types do not know. */
const ofBuffer = 'buffer' as BufferEncoding;

/**
 * Writes a message as the last one, and a long one without a copy. Past the stream's own buffer: one that has buffered anything ends only
 * once that is on the socket, and so asks for the trailers a turn of the event loop later.
 */
function endWith(stream: ServerHttp2Stream, message: Uint8Array): void {
  const copied = message.length <= maxCopiedBytes;
  const head = Buffer.allocUnsafe(messageHeadBytes + (copied ? message.length : 0));
  head[0] = 0;
  head.writeUInt32BE(message.length, 1);
  if (copied) head.set(message, messageHeadBytes);
  stream._write(head, ofBuffer, ignore);
  if (!copied) stream._write(message, ofBuffer, ignore);
  stream.end();
}
