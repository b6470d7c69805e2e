import { decodeStatusDetails, type StatusDetails } from '@tributary/contract';
import { once } from 'node:events';
import { connect, type ClientHttp2Session, type ClientHttp2Stream, type IncomingHttpHeaders } from 'node:http2';

/** How a call ended, as seen on the wire. */
export interface RawAnswer {
  /** `grpc-status`; NaN where the stream ended without one. */
  readonly code: number;
  readonly message: string;
  readonly details: StatusDetails | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly trailers: IncomingHttpHeaders;
  readonly messages: readonly Buffer[];
  /** HTTP/2 code of the end of the stream; 0 for a good end. */
  readonly resetCode: number;
}

/** An HTTP/2 connection that says whatever a test wants it to say. */
export class RawClient {
  readonly session: ClientHttp2Session;

  /**
   * @param ca PEM of what a server's certificate must come from; undefined: no TLS
   * @param own PEM of this side's certificate and key
   */
  constructor(
    port: number,
    ca?: Buffer,
    own: { readonly cert?: Buffer; readonly key?: Buffer } = {},
    host = '127.0.0.1',
  ) {
    this.session =
      ca === undefined ? connect(`http://${host}:${port}`) : connect(`https://${host}:${port}`, { ca, ...own });
    this.session.on('error', () => undefined);
  }

  /** Opens a stream and leaves it open. */
  open(path: string, headers: Record<string, string> = {}): ClientHttp2Stream {
    const stream = this.session.request(
      { ':method': 'POST', ':path': path, 'content-type': 'application/grpc', te: 'trailers', ...headers },
      { endStream: false },
    );
    stream.on('error', () => undefined);
    return stream;
  }

  /** Sends bytes as the whole request. */
  send(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<RawAnswer> {
    const stream = this.open(path, headers);
    stream.end(body);
    return answerOf(stream);
  }

  /** Sends bytes and leaves its side open. */
  sendAndStay(path: string, body: Uint8Array): Promise<RawAnswer> {
    const stream = this.open(path);
    stream.write(body);
    return answerOf(stream);
  }

  /** A proper call with one message. */
  call(path: string, message: Uint8Array, headers: Record<string, string> = {}): Promise<RawAnswer> {
    return this.send(path, frame(message), headers);
  }

  async close(): Promise<void> {
    if (this.session.destroyed) return;
    this.session.destroy();
    await once(this.session, 'close');
  }
}

/** A gRPC frame. */
export function frame(message: Uint8Array, options: { flag?: number; declared?: number } = {}): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(options.flag ?? 0, 0);
  head.writeUInt32BE(options.declared ?? message.length, 1);
  return Buffer.concat([head, message]);
}

/** Waits for the end of a stream. */
export async function answerOf(stream: ClientHttp2Stream): Promise<RawAnswer> {
  let headers: IncomingHttpHeaders = {};
  let trailers: IncomingHttpHeaders = {};
  const chunks: Buffer[] = [];
  stream.on('response', (received) => (headers = received));
  stream.on('trailers', (received: IncomingHttpHeaders) => {
    trailers = received;
  });
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  if (!stream.closed || !stream.destroyed) await new Promise((resolve) => stream.once('close', resolve));
  const ending = 'grpc-status' in trailers ? trailers : headers;
  const details = ending['grpc-status-details-bin'];
  return {
    code: Number(ending['grpc-status'] ?? Number.NaN),
    message: decodeURI(String(ending['grpc-message'] ?? '')),
    details: details === undefined ? undefined : decodeStatusDetails(Buffer.from(String(details), 'base64')),
    headers,
    trailers: ending,
    messages: messagesIn(Buffer.concat(chunks)),
    resetCode: stream.rstCode,
  };
}

function messagesIn(bytes: Buffer): Buffer[] {
  const messages: Buffer[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = bytes.readUInt32BE(at + 1);
    messages.push(bytes.subarray(at + 5, at + 5 + length));
    at += 5 + length;
  }
  return messages;
}
