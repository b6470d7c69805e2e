import { connect, type Socket } from 'node:net';
import { unframeMessage } from './frame';
import { encodeRequestHeaders, headerTableSize, readGrpcStatus, type Metadata } from './hpack';
import {
  connectionPreface,
  contentOf,
  defaultWindowBytes,
  encodeFrame,
  encodeSettings,
  encodeWindowUpdate,
  FrameFlag,
  FrameReader,
  FrameType,
  maxPayloadBytes,
  maxWindowBytes,
  Setting,
  type Frame,
} from './http2-frame';
import { OutputBuffer } from './output-buffer';
import { noStatus, type Address, type CallEnd, type UnaryConnection } from './unary-connection';

export type { CallEnd } from './unary-connection';

/** A call until its end. */
interface Call {
  readonly path: string;
  readonly body: Buffer;
  readonly onEnd: CallEnd;
  /** When its deadline passes, on the clock of `performance`. */
  readonly expiresAt: number | undefined;
  /** 0 until the server lets us open one. */
  stream: number;
  /** Bytes of the body that were sent. */
  sent: number;
  /** What the server lets us send on this stream. */
  window: number;
  answer: Buffer | undefined;
  status: number;
}

/** Payload of RST_STREAM: CANCEL (RFC 9113, section 7). */
const cancelCode = Buffer.of(0, 0, 0, 8);
/** gRPC's status of a call whose deadline has passed. */
const deadlineExceeded = 4;
/** Received bytes after which the server is told to go on; it may send 2^31 before. */
const windowUpdateBytes = 2 ** 30;

/**
 * One HTTP/2 connection for unary gRPC calls over plain TCP, and nothing else: no redirects, no compression, no retries. The
 * frames are made by hand because a call of node:http2's client costs as much as the servers that are to be measured.
 */
export class GrpcConnection implements UnaryConnection {
  private readonly socket: Socket;
  private readonly output: OutputBuffer;
  private readonly reader = new FrameReader();
  private readonly calls = new Map<number, Call>();
  private readonly headersByPath = new Map<string, Buffer>();
  private readonly authority: string;
  private readonly metadata: Metadata | undefined;
  /** Calls for which the server has no stream yet, in order. */
  private unopened: Call[] = [];
  private maxStreams = Number.POSITIVE_INFINITY;
  /** Calls whose body waits for the server's permission, in order. */
  private waiting: Call[] = [];
  /** Header fragments of a block that continues in further frames. */
  private fragments: Buffer[] = [];
  private nextStream = 1;
  private connectionWindow = defaultWindowBytes;
  private streamWindow = defaultWindowBytes;
  private receivedBytes = 0;
  private closed = false;

  private constructor(socket: Socket, authority: string, metadata: Metadata | undefined) {
    this.socket = socket;
    this.authority = authority;
    this.metadata = metadata;
    this.output = new OutputBuffer((bytes) => socket.write(bytes));
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => {
      // 'close' follows.
    });
    socket.once('close', () => this.fail());
    this.output.append(connectionPreface);
    this.output.append(
      encodeSettings([
        [Setting.HEADER_TABLE_SIZE, headerTableSize],
        [Setting.ENABLE_PUSH, 0],
        [Setting.INITIAL_WINDOW_SIZE, maxWindowBytes],
      ]),
    );
    this.output.append(encodeWindowUpdate(0, maxWindowBytes - defaultWindowBytes));
  }

  /**
   * Connects to an address, or to a port of this machine. Fails where nothing listens.
   * @param metadata of every call
   */
  static open(to: Address | number, metadata?: Metadata): Promise<GrpcConnection> {
    const { host, port } = typeof to === 'number' ? { host: '127.0.0.1', port: to } : to;
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new GrpcConnection(socket, `${host}:${port}`, metadata));
      });
    });
  }

  /**
   * Sends one framed message and reports exactly once how the call ended, never within this call. What it gives back cancels the
   * call, which then ends without a status.
   */
  call(path: string, body: Buffer, onEnd: CallEnd, timeoutMs?: number): () => void {
    if (this.closed) {
      setImmediate(onEnd, noStatus, undefined);
      return () => undefined;
    }
    const call: Call = {
      path,
      body,
      onEnd,
      expiresAt: timeoutMs === undefined ? undefined : performance.now() + timeoutMs,
      stream: 0,
      sent: 0,
      window: 0,
      answer: undefined,
      status: noStatus,
    };
    if (this.calls.size < this.maxStreams) this.ownOpen(call, timeoutMs);
    else this.unopened.push(call);
    return () => this.cancel(call);
  }

  /** Ends the connection. Calls still open end without a status. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) {
        resolve();
        return;
      }
      this.socket.once('close', () => resolve());
      this.output.flush();
      this.socket.end();
      this.socket.destroySoon();
    });
  }

  private ownOpen(call: Call, timeoutMs: number | undefined): void {
    const stream = (call.stream = this.nextStream);
    this.nextStream += 2;
    call.window = this.streamWindow;
    this.calls.set(stream, call);
    const headers = this.headersOf(call.path, timeoutMs);
    const flags = FrameFlag.END_HEADERS;
    this.output.append(headers, { length: headers.length, type: FrameType.HEADERS, flags, stream });
    if (this.waiting.length > 0 || !this.sendBody(call)) this.waiting.push(call);
  }

  /** Opens what waited for a stream; a deadline goes on while it waits. */
  private openWaiting(): void {
    while (this.unopened.length > 0 && this.calls.size < this.maxStreams) {
      const call = this.unopened.shift()!;
      const leftMs = call.expiresAt === undefined ? undefined : call.expiresAt - performance.now();
      if (leftMs === undefined || leftMs > 0) this.ownOpen(call, leftMs);
      else call.onEnd(deadlineExceeded, undefined);
    }
  }

  private cancel(call: Call): void {
    if (call.stream === 0) {
      const waiting = this.unopened.indexOf(call);
      if (waiting === -1) return;
      this.unopened.splice(waiting, 1);
      call.onEnd(noStatus, undefined);
      return;
    }
    if (!this.calls.has(call.stream)) return;
    this.output.append(encodeFrame(FrameType.RST_STREAM, 0, call.stream, cancelCode));
    this.end({ ...call, status: noStatus, answer: undefined });
  }

  private headersOf(path: string, timeoutMs: number | undefined): Buffer {
    if (timeoutMs !== undefined) return encodeRequestHeaders(this.authority, path, timeoutMs, this.metadata);
    let headers = this.headersByPath.get(path);
    if (headers === undefined) {
      headers = encodeRequestHeaders(this.authority, path, undefined, this.metadata);
      this.headersByPath.set(path, headers);
    }
    return headers;
  }

  /** Sends as much of a body as the windows allow; true where that was all of it. */
  private sendBody(call: Call): boolean {
    const { body, stream } = call;
    while (call.sent < body.length) {
      const length = Math.min(body.length - call.sent, maxPayloadBytes, call.window, this.connectionWindow);
      if (length <= 0) return false;
      const end = call.sent + length;
      const flags = end === body.length ? FrameFlag.END_STREAM : 0;
      this.output.append(body.subarray(call.sent, end), { length, type: FrameType.DATA, flags, stream });
      call.sent = end;
      call.window -= length;
      this.connectionWindow -= length;
    }
    return true;
  }

  private sendWaiting(): void {
    this.waiting = this.waiting.filter((call) => this.calls.has(call.stream) && !this.sendBody(call));
  }

  private receive(chunk: Buffer): void {
    try {
      this.reader.read(chunk, (frame) => this.take(frame));
    } catch {
      // A peer that breaks HTTP/2 is not worth talking to; its calls fail when the socket closes.
      this.socket.destroy();
    }
  }

  private take(frame: Frame): void {
    switch (frame.type) {
      case FrameType.DATA:
        this.takeData(frame);
        break;
      case FrameType.HEADERS:
      case FrameType.CONTINUATION:
        this.takeHeaders(frame);
        break;
      case FrameType.RST_STREAM:
        this.end(this.calls.get(frame.stream));
        break;
      case FrameType.SETTINGS:
        this.takeSettings(frame);
        break;
      case FrameType.PING:
        this.takePing(frame);
        break;
      case FrameType.WINDOW_UPDATE:
        this.takeWindowUpdate(frame);
        break;
      default:
      // GOAWAY among them: the calls in flight are still answered, and then the server closes.
    }
  }

  private takePing({ flags, payload }: Frame): void {
    if (flags & FrameFlag.ACK) return;
    this.output.append(encodeFrame(FrameType.PING, FrameFlag.ACK, 0, payload));
  }

  private takeData(frame: Frame): void {
    this.receivedBytes += frame.payload.length;
    if (this.receivedBytes >= windowUpdateBytes) {
      this.output.append(encodeWindowUpdate(0, this.receivedBytes));
      this.receivedBytes = 0;
    }
    const call = this.calls.get(frame.stream);
    if (call === undefined) return;
    const content = contentOf(frame);
    call.answer = call.answer === undefined ? content : Buffer.concat([call.answer, content]);
    if (frame.flags & FrameFlag.END_STREAM) this.end(call);
  }

  private takeHeaders(frame: Frame): void {
    const call = this.calls.get(frame.stream);
    this.fragments.push(frame.type === FrameType.HEADERS ? contentOf(frame) : frame.payload);
    if ((frame.flags & FrameFlag.END_HEADERS) === 0) return;
    const block = this.fragments.length === 1 ? this.fragments[0]! : Buffer.concat(this.fragments);
    this.fragments = [];
    const status = readGrpcStatus(block);
    if (call === undefined) return;
    if (status !== undefined) call.status = status;
    // The status is the last thing a gRPC server says; one that speaks no gRPC ends the stream without.
    if (status !== undefined || isLast(frame)) this.end(call);
  }

  private takeSettings({ flags, payload }: Frame): void {
    if (flags & FrameFlag.ACK) return;
    for (let offset = 0; offset + 6 <= payload.length; offset += 6) {
      const setting = payload.readUInt16BE(offset);
      const value = payload.readUInt32BE(offset + 2);
      if (setting === Setting.MAX_CONCURRENT_STREAMS) this.maxStreams = value;
      if (setting !== Setting.INITIAL_WINDOW_SIZE) continue;
      const window = value;
      for (const call of this.calls.values()) call.window += window - this.streamWindow;
      this.streamWindow = window;
    }
    this.output.append(encodeFrame(FrameType.SETTINGS, FrameFlag.ACK, 0, Buffer.alloc(0)));
    this.sendWaiting();
  }

  private takeWindowUpdate({ stream, payload }: Frame): void {
    const bytes = payload.readUInt32BE(0);
    const call = this.calls.get(stream);
    if (stream === 0) this.connectionWindow += bytes;
    else if (call !== undefined) call.window += bytes;
    if (this.waiting.length > 0) this.sendWaiting();
  }

  private end(call: Call | undefined): void {
    if (call === undefined) return;
    this.calls.delete(call.stream);
    if (this.unopened.length > 0) this.openWaiting();
    call.onEnd(call.status, call.answer === undefined ? undefined : unframeMessage(call.answer));
  }

  private fail(): void {
    this.closed = true;
    this.waiting = [];
    for (const call of this.unopened.splice(0)) call.onEnd(noStatus, undefined);
    for (const call of [...this.calls.values()]) this.end(call);
  }
}

/** True for a HEADERS frame that ends its stream; the flag means nothing on a CONTINUATION. */
function isLast({ type, flags }: Frame): boolean {
  return type === FrameType.HEADERS && (flags & FrameFlag.END_STREAM) !== 0;
}

/** One unary call over a connection of its own. Throws where the status is not OK or no answer came. */
export async function callOnce(port: number, path: string, body: Buffer, timeoutMs = 30_000): Promise<Uint8Array> {
  const connection = await GrpcConnection.open(port);
  try {
    return await new Promise((resolve, reject) => {
      const onEnd: CallEnd = (status, answer) => {
        if (status === 0 && answer !== undefined) resolve(answer);
        else reject(new Error(`${path} ended with status ${status}`));
      };
      connection.call(path, body, onEnd, timeoutMs);
    });
  } finally {
    await connection.close();
  }
}
