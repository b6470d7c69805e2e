import { connect, type Socket } from 'node:net';
import { noStatus, type Address, type CallEnd, type UnaryConnection } from './unary-connection';

const headEnd = Buffer.from('\r\n\r\n');
/** `HTTP/1.1 200` */
const statusAt = { start: 9, end: 12 } as const;

interface Call {
  readonly path: string;
  readonly body: Buffer;
  readonly onEnd: CallEnd;
}

/**
 * One HTTP/1.1 connection that stays open, for POSTs with bodies of known length, one at a time; further calls wait. Written
 * against the socket for the reason that GrpcConnection is: node:http's client costs more than some servers.
 */
export class HttpConnection implements UnaryConnection {
  private readonly socket: Socket;
  private readonly headLines: string;
  /** Requests as they travel, by their body: the same ones are sent over and over. */
  private readonly requests = new WeakMap<Buffer, Buffer>();
  private readonly calls: Call[] = [];
  private received: Buffer = Buffer.alloc(0);
  private closed = false;

  private constructor(socket: Socket, headLines: string) {
    this.socket = socket;
    this.headLines = headLines;
    socket.on('data', (chunk: Buffer) => this.receive(chunk));
    socket.on('error', () => {
      // 'close' follows.
    });
    socket.once('close', () => this.fail());
  }

  /** Connects. `headers` are lines of every request's head, e.g. `x-shape: 1,64`. Fails where nothing listens. */
  static open({ host, port }: Address, headers: readonly string[]): Promise<HttpConnection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host, noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        const lines = [`host: ${host}:${port}`, 'content-type: application/octet-stream', ...headers];
        resolve(new HttpConnection(socket, lines.join('\r\n')));
      });
    });
  }

  /** The status told is 0 for HTTP's 200, else HTTP's own. There are no deadlines. */
  call(path: string, body: Buffer, onEnd: CallEnd): () => void {
    if (this.closed) {
      setImmediate(onEnd, noStatus, undefined);
      return () => undefined;
    }
    const call = { path, body, onEnd };
    this.calls.push(call);
    if (this.calls.length === 1) this.send(call);
    // HTTP/1.1 cannot take a request back but by its connection.
    return () => {
      if (this.calls.includes(call)) this.socket.destroy();
    };
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.closed) {
        resolve();
        return;
      }
      this.socket.once('close', () => resolve());
      this.socket.destroySoon();
    });
  }

  private send({ path, body }: Call): void {
    let request = this.requests.get(body);
    if (request === undefined) {
      const head = `POST ${path} HTTP/1.1\r\n${this.headLines}\r\ncontent-length: ${body.length}\r\n\r\n`;
      request = Buffer.concat([Buffer.from(head, 'latin1'), body]);
      this.requests.set(body, request);
    }
    this.socket.write(request);
  }

  private receive(chunk: Buffer): void {
    this.received = this.received.length === 0 ? chunk : Buffer.concat([this.received, chunk]);
    const headLength = this.received.indexOf(headEnd);
    if (headLength === -1) return;
    const head = this.received.toString('latin1', 0, headLength);
    const length = /\r\ncontent-length: *([0-9]+)/i.exec(head)?.[1];
    const bodyStart = headLength + headEnd.length;
    // An answer of unknown length is none that this client can read.
    if (length === undefined || !head.startsWith('HTTP/1.1 ')) {
      this.socket.destroy();
      return;
    }
    const bodyEnd = bodyStart + Number(length);
    if (this.received.length < bodyEnd) return;
    const body = this.received.subarray(bodyStart, bodyEnd);
    this.received = this.received.subarray(bodyEnd);
    const status = Number(head.slice(statusAt.start, statusAt.end));
    const call = this.calls.shift();
    if (this.calls.length > 0) this.send(this.calls[0]!);
    if (status === 200) call?.onEnd(0, body);
    else call?.onEnd(status, undefined);
  }

  private fail(): void {
    this.closed = true;
    for (const { onEnd } of this.calls.splice(0)) onEnd(noStatus, undefined);
  }
}
