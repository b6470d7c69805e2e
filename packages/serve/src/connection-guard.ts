import { constants, type Http2Server, type ServerHttp2Session } from 'node:http2';
import type { DropArgument, Socket } from 'node:net';
import type { Logger } from 'pino';
import { LineBudget } from './log/line-budget';
import type { ConnectionCounts, DropReason } from './metrics/connection-counts';

/** From the connection of a socket to the first words of HTTP/2 on it. */
export const prefaceTimeoutMs = 10_000;

/** From the end of a session to that of its socket, at most, where the peer reads nothing meanwhile; half of it at least. */
export const closeTimeoutMs = 20_000;

/**
 * PINGs and SETTINGS of one connection in a second. A client that measures its round trips, as grpc-go and gRPC's core do, sends a PING for
 * each of them while data flow: some thousand a second on the fastest links.
 */
export const maxControlFramesPerSecond = 10_000;

/**
 * NGHTTP2_ERR_PROTO: a breach that nghttp2 has no other number for. Clients of grpc-go end so whenever they leave: their GOAWAY names a stream
 * of their own. It ends the connection, and is not told apart from anything worse.
 */
const unspecificBreach = -505;

/** What Node calls it where a peer breaks the rules of HTTP/2, or bends them too often. */
const protocolErrors: ReadonlySet<string> = new Set(['ERR_HTTP2_ERROR', 'ERR_HTTP2_TOO_MANY_INVALID_FRAMES']);

/** What a guard obeys, and where it says what it did. */
export interface ConnectionGuardOptions {
  /** Of each server that it watches. */
  readonly maxConnections: number;
  /** Of one IP address, together; 0: no bound. */
  readonly maxConnectionsPerPeer: number;
  readonly counts: ConnectionCounts;
  readonly log: Logger;
}

/** A connection that was let in. */
interface OpenConnection {
  readonly socket: Socket;
  readonly remoteAddress: string;
  /** Until it has said that it speaks HTTP/2. */
  readonly silence: NodeJS.Timeout;
  session?: ServerHttp2Session;
  /** What its peer had to read when its session had ended and it was last looked at. */
  leftBytes?: number;
  /** It has been counted as dropped. */
  isDropped: boolean;
}

/**
 * Bounds what connections may cost beside their calls: how many there are, in all and of one address, how long one may take to say that it
 * speaks HTTP/2, how many frames that ask for an answer and carry no call it may send, and how long it may stay once its session has ended.
 */
export class ConnectionGuard {
  /** By their other end, since TLS has another object for the same socket. */
  private readonly open = new Map<string, OpenConnection>();
  /** Open connections by address. */
  private readonly openOf = new Map<string, number>();
  private readonly lines = new LineBudget();

  constructor(private readonly options: ConnectionGuardOptions) {}

  /** Call it once the server is bound, and has whatever else listens to its connections. */
  watch(server: Http2Server): void {
    server.maxConnections = this.options.maxConnections;
    server.on('drop', (dropped?: DropArgument) => this.dropped('limit', dropped?.remoteAddress));
    // A socket that is refused must not become a session.
    const inner = server.listeners('connection');
    server.removeAllListeners('connection');
    server.on('connection', (socket: Socket) => {
      if (this.admit(socket)) for (const listen of inner) Reflect.apply(listen, server, [socket]);
    });
    server.on('session', (session) => this.follow(session));
    const closing = setInterval(() => this.closeEnded(), closeTimeoutMs / 2).unref();
    server.once('close', () => clearInterval(closing));
  }

  private admit(socket: Socket): boolean {
    const { maxConnectionsPerPeer, counts } = this.options;
    const { remoteAddress = '' } = socket;
    const openOf = (this.openOf.get(remoteAddress) ?? 0) + 1;
    if (maxConnectionsPerPeer > 0 && openOf > maxConnectionsPerPeer) {
      socket.destroy();
      this.dropped('peer_limit', remoteAddress);
      return false;
    }
    this.openOf.set(remoteAddress, openOf);
    counts.open += 1;
    const peer = peerOf(socket);
    const silence = setTimeout(() => {
      socket.destroy();
      this.drop(open, 'silent');
    }, prefaceTimeoutMs);
    const open: OpenConnection = { socket, remoteAddress, silence, isDropped: false };
    this.open.set(peer, open);
    socket.once('close', () => {
      clearTimeout(silence);
      this.open.delete(peer);
      counts.open -= 1;
      const left = this.openOf.get(remoteAddress)! - 1;
      if (left > 0) this.openOf.set(remoteAddress, left);
      else this.openOf.delete(remoteAddress);
    });
    return true;
  }

  private follow(session: ServerHttp2Session): void {
    const open = this.open.get(peerOf(session.socket));
    // Its socket has closed already.
    if (open === undefined) return;
    open.session = session;
    session.once('remoteSettings', () => clearTimeout(open.silence));
    this.boundControlFrames(session, open);
    session.on('error', ({ code = '', errno }: NodeJS.ErrnoException) => {
      if (protocolErrors.has(code) && errno !== unspecificBreach) this.drop(open, 'protocol');
    });
  }

  private boundControlFrames(session: ServerHttp2Session, open: OpenConnection): void {
    let count = 0;
    let secondBeganMs = 0;
    const onFrame = (): void => {
      const now = performance.now();
      if (now - secondBeganMs >= 1000) {
        secondBeganMs = now;
        count = 0;
      }
      count += 1;
      if (count !== maxControlFramesPerSecond + 1) return;
      this.drop(open, 'flood');
      // Not out of its own event, and once.
      setImmediate(() => session.destroy(new Error('a flood of frames'), constants.NGHTTP2_ENHANCE_YOUR_CALM));
    };
    session.on('ping', onFrame);
    session.on('remoteSettings', onFrame);
  }

  /**
   * A session that ends in the middle of a write closes its socket after that write: where the peer reads nothing, never. What it was sent
   * would lie here as long as the peer likes, whatever keepalive says. One that reads, however slowly, gets what is on its way to it.
   */
  private closeEnded(): void {
    for (const open of this.open.values()) {
      if (open.session?.destroyed !== true) continue;
      const leftBytes = leftBytesOf(open.socket);
      if (open.leftBytes === leftBytes) {
        open.socket.destroy();
        this.drop(open, 'unread');
      }
      open.leftBytes = leftBytes;
    }
  }

  /** Counts a connection that was let in, once. */
  private drop(open: OpenConnection, reason: DropReason): void {
    if (open.isDropped) return;
    open.isDropped = true;
    this.dropped(reason, open.remoteAddress);
  }

  private dropped(reason: DropReason, peer: string | undefined): void {
    const { counts, log } = this.options;
    counts.dropped[reason] += 1;
    if (!this.lines.allows()) return;
    const unlogged = this.lines.takeSuppressed();
    log.warn({ reason, peer, ...(unlogged > 0 && { unloggedBefore: unlogged }) }, 'connection dropped');
  }
}

/** Bytes that the system has not taken yet; -1 where this version of Node does not say, as if none were ever taken. */
function leftBytesOf(socket: Socket): number {
  const { _handle } = socket as unknown as { readonly _handle?: { readonly writeQueueSize?: unknown } | null };
  return typeof _handle?.writeQueueSize === 'number' ? _handle.writeQueueSize : -1;
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}
