import { connect, type Socket } from 'node:net';

/** Types of HTTP/2 frames (RFC 9113, section 6). */
export const frameType = {
  data: 0,
  headers: 1,
  reset: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  window: 8,
  continuation: 9,
} as const;

const endHeaders = 4;
const endStream = 1;

/** A frame of a stream that came back. */
export interface ReceivedFrame {
  readonly type: number;
  readonly stream: number;
  readonly endsStream: boolean;
  /** How many times anything had been read from the socket. */
  readonly read: number;
}

/** A connection on which frames are written by hand, as no client would. */
export class FrameSocket {
  readonly socket: Socket;
  /** Frames that came back, by type. */
  readonly received = new Map<number, number>();
  /** Those of streams, in their order. */
  readonly ofStreams: ReceivedFrame[] = [];
  /** HTTP/2 codes of the GOAWAY frames among them. */
  readonly goawayCodes: number[] = [];
  readonly closed: Promise<void>;
  private pending = Buffer.alloc(0);
  private reads = 0;

  /** @param to a port of 127.0.0.1, or a socket that connects to another address */
  constructor(to: number | Socket) {
    this.socket = typeof to === 'number' ? connect(to, '127.0.0.1') : to;
    this.socket.on('error', () => undefined);
    this.socket.on('data', (chunk: Buffer) => this.read(chunk));
    this.closed = new Promise((resolve) => this.socket.once('close', () => resolve()));
    this.socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    this.socket.write(http2Frame(frameType.settings, 0, 0, Buffer.alloc(0)));
  }

  /** Resolves when `count` frames of a type have come back, or the connection is closed. */
  async until(type: number, count: number): Promise<void> {
    const isEnough = (): boolean => (this.received.get(type) ?? 0) >= count;
    while (!isEnough() && !this.socket.closed)
      await Promise.race([new Promise((resolve) => this.socket.once('data', resolve)), this.closed]);
  }

  private read(chunk: Buffer): void {
    this.reads += 1;
    this.pending = Buffer.concat([this.pending, chunk]);
    while (this.pending.length >= 9) {
      const length = 9 + this.pending.readUIntBE(0, 3);
      if (this.pending.length < length) return;
      const type = this.pending.readUInt8(3);
      this.received.set(type, (this.received.get(type) ?? 0) + 1);
      const stream = this.pending.readUInt32BE(5);
      const canEnd = type === frameType.data || type === frameType.headers;
      const endsStream = canEnd && (this.pending.readUInt8(4) & endStream) !== 0;
      if (stream !== 0) this.ofStreams.push({ type, stream, endsStream, read: this.reads });
      // Behind the head and the last stream.
      if (type === frameType.goaway) this.goawayCodes.push(this.pending.readUInt32BE(9 + 4));
      this.pending = this.pending.subarray(length);
    }
  }
}

export function http2Frame(type: number, flags: number, stream: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The head of a gRPC call that has more to come; without `endHeaders`, more of its head. */
export function openCall(stream: number, path: string, { endHeaders: ends = true } = {}): Buffer {
  const headers = Buffer.concat([
    literal(':method', 'POST'),
    literal(':scheme', 'http'),
    literal(':path', path),
    literal(':authority', 'x'),
    literal('content-type', 'application/grpc'),
    literal('te', 'trailers'),
  ]);
  return http2Frame(frameType.headers, ends ? endHeaders : 0, stream, headers);
}

/** The one message of a gRPC call, and its end. */
export function lastMessage(stream: number, message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return http2Frame(frameType.data, endStream, stream, Buffer.concat([head, message]));
}

/** Lets the peer send streams, and the connection, this many bytes more than it may at the beginning. */
export function openWindows(bytes: number): Buffer {
  const initialWindowSize = Buffer.alloc(6);
  initialWindowSize.writeUInt16BE(4);
  initialWindowSize.writeUInt32BE(bytes, 2);
  const increment = Buffer.alloc(4);
  increment.writeUInt32BE(bytes);
  return Buffer.concat([
    http2Frame(frameType.settings, 0, 0, initialWindowSize),
    http2Frame(frameType.window, 0, 0, increment),
  ]);
}

/** The head of a gRPC call and, at once, its cancellation. */
export function resetCall(stream: number, path: string): Buffer {
  const cancel = Buffer.from([0, 0, 0, 8]);
  return Buffer.concat([openCall(stream, path), http2Frame(frameType.reset, 0, stream, cancel)]);
}

export const ping = http2Frame(frameType.ping, 0, 0, Buffer.alloc(8));
export const emptySettings = http2Frame(frameType.settings, 0, 0, Buffer.alloc(0));

/** A header outside of any compression (RFC 7541, section 6.2.2). */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([
    Buffer.from([0, name.length]),
    Buffer.from(name),
    Buffer.from([value.length]),
    Buffer.from(value),
  ]);
}
