import { connect } from 'node:http2';
import { modelInfer } from './load';

/** What a call over bare HTTP/2 came to. */
export interface RawAnswer {
  /** gRPC status code. */
  readonly code: number;
  readonly body: Buffer;
}

/** A frame of the gRPC wire: flag, length, bytes. `declaredLength` may lie. */
export function frame(bytes: Uint8Array, compressed: boolean, declaredLength = bytes.length): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt8(compressed ? 1 : 0, 0);
  head.writeUInt32BE(declaredLength, 1);
  return Buffer.concat([head, bytes]);
}

/** Sends a body as it is, with the encoding that the headers shall claim. */
export function callRaw(address: string, body: Uint8Array, encoding: string): Promise<RawAnswer> {
  const session = connect(`http://${address}`);
  const stream = session.request({
    ':method': 'POST',
    ':path': modelInfer,
    'content-type': 'application/grpc',
    te: 'trailers',
    'grpc-encoding': encoding,
  });
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let code = Number.NaN;
    const readStatus = (headers: { readonly 'grpc-status'?: unknown }): void => {
      if (headers['grpc-status'] !== undefined) code = Number(headers['grpc-status']);
    };
    stream.on('response', readStatus);
    stream.on('trailers', readStatus);
    stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    // A server that refuses early may reset the rest of the upload.
    stream.on('error', () => undefined);
    session.on('error', reject);
    stream.on('close', () => {
      session.close();
      resolve({ code, body: Buffer.concat(chunks) });
    });
    stream.end(body);
  });
}
