import { Metadata, status as Status, type ServerInterceptingCallInterface } from '@grpc/grpc-js';
import { constants, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';
import { stopReading } from './stop-reading';
import { toBuffer, type OutgoingMetadata } from './metadata';

/** What a call is told by the door it came through. */
export interface CallListener {
  /** The call begins; told inside `start`, unless its stream has ended already. */
  onReceiveMetadata(): void;
  /**
   * A piece of the request as it arrives, before anything is made of it.
   * @returns whether it is still wanted
   */
  onChunk(chunk: Buffer): boolean;
  /** In the pieces in which it arrived; an empty message may have none. */
  onReceiveMessage(pieces: readonly Buffer[]): void;
  onReceiveHalfClose(): void;
  /** In place of the three before: the request came whole, without its head, and nothing follows it. */
  onReceiveRequest(pieces: readonly Buffer[]): void;
  /** The door has decided on a status: the deadline has passed, a message is too large or cannot be inflated. */
  onStatus(code: Status, details: string): void;
  /** The stream has ended or its answer has left, once. */
  onCancel(): void;
}

/** A door as one call sees it. All that is sent to a stream that is gone is dropped. */
export interface CallWire {
  start(listener: CallListener): void;
  /** Asks for the next message. */
  startRead(): void;
  sendMetadata(requestId: string, metadata: OutgoingMetadata | undefined): void;
  /** After `sendMetadata`. */
  sendMessage(message: Uint8Array, onSent: () => void): void;
  /** `details` is well-formed text: half a surrogate pair cannot be encoded. */
  sendStatus(code: Status, details: string, trailers: OutgoingMetadata | undefined): void;
  /** What the caller reads its answers from, together with those of other calls; undefined where it is gone. */
  readonly reader: object | undefined;
  /** True where the caller has given the call up; `onCancel` follows. */
  readonly isAborted: boolean;
  /** The call has ended; asks the caller to send no more of its request. */
  stopReading(): void;
  /** The call has ended, and nobody waits for what is left of its answer. */
  abandon(): void;
}

/** The end of a call on the wire. `details` is well-formed text; that of a good end is plain. */
export function endingOf(code: Status, details: string, trailers: OutgoingMetadata | undefined): OutgoingHttpHeaders {
  const ending: OutgoingHttpHeaders = {
    'grpc-status': code,
    'grpc-message': code === Status.OK ? details : encodeURI(details),
  };
  trailers?.writeTo(ending);
  return ending;
}

/** Compressions of requests that the server can read, as a header of every answer says. */
export const acceptedEncodings = 'identity,deflate,gzip';
export const acceptedEncodingsKey = 'grpc-accept-encoding';

/** The headers of a call that ends without a message. */
export function trailersOnly(
  code: Status,
  details: string,
  trailers: OutgoingMetadata | undefined,
): OutgoingHttpHeaders {
  return {
    ':status': 200,
    'content-type': 'application/grpc+proto',
    [acceptedEncodingsKey]: acceptedEncodings,
    ...endingOf(code, details, trailers),
  };
}

/** Initial metadata of every answer, and trailing metadata of every failure. */
export const requestIdKey = 'x-request-id';

/** A call that has a stream of HTTP/2 for itself. */
export abstract class StreamWire {
  protected constructor(protected readonly stream: ServerHttp2Stream) {}

  get reader(): object | undefined {
    return this.stream.session;
  }

  get isAborted(): boolean {
    return this.stream.aborted;
  }

  stopReading(): void {
    stopReading(this.stream);
  }

  abandon(): void {
    this.stream.close(constants.NGHTTP2_CANCEL);
  }
}

/** A call that grpc-js has made. */
export class GrpcJsWire extends StreamWire implements CallWire {
  private headersSent = false;

  constructor(
    stream: ServerHttp2Stream,
    private readonly base: ServerInterceptingCallInterface,
  ) {
    super(stream);
  }

  start(listener: CallListener): void {
    const { base } = this;
    // Every status passes here, also those that grpc-js decides on: only the listener lets one out.
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with `base` below
    const { sendStatus } = base;
    this.send = (status) => sendStatus.call(base, status);
    base.sendStatus = ({ code, details }) => listener.onStatus(code, details);
    // Before grpc-js, so that it does not keep what is refused.
    this.stream.prependListener('data', (chunk: Buffer) => listener.onChunk(chunk));
    base.start({
      onReceiveMetadata: () => listener.onReceiveMetadata(),
      onReceiveMessage: (message: Buffer) => listener.onReceiveMessage([message]),
      onReceiveHalfClose: () => listener.onReceiveHalfClose(),
      onCancel: () => listener.onCancel(),
    });
  }

  startRead(): void {
    this.base.startRead();
  }

  sendMetadata(requestId: string, metadata: OutgoingMetadata | undefined): void {
    const sent = toGrpcJs(metadata);
    sent.set(requestIdKey, requestId);
    this.headersSent = true;
    this.base.sendMetadata(sent);
  }

  sendMessage(message: Uint8Array, onSent: () => void): void {
    this.base.sendMessage(toBuffer(message), onSent);
  }

  sendStatus(code: Status, details: string, trailers: OutgoingMetadata | undefined): void {
    const sent = toGrpcJs(trailers);
    // What grpc-js leaves out where the status is all of the answer.
    if (!this.headersSent) sent.set(acceptedEncodingsKey, acceptedEncodings);
    this.send({ code, details, metadata: sent });
  }

  private send: ServerInterceptingCallInterface['sendStatus'] = () => undefined;
}

function toGrpcJs(metadata: OutgoingMetadata | undefined): Metadata {
  const headers: OutgoingHttpHeaders = {};
  metadata?.writeTo(headers);
  return Metadata.fromHttp2Headers(headers as Record<string, string | string[]>);
}
