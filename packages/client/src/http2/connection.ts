import { connect, type ClientHttp2Session } from 'node:http2';
import { connect as connectSocket, type Socket } from 'node:net';
import { Status } from '@tributary/contract';
import { backoffMs } from '../backoff';
import { failure, type HopAnswer, type HopOpening } from '../hop';
import { connectTls, type HopTls } from '../hop-security';
import { giveUpAfter } from '../patience';
import { splitAddress } from '../resolve-target';
import { ConnectTurns, type Turn } from './connect-turns';

/** Settings of an HTTP/2 connection to an upstream. Times in milliseconds, sizes in bytes. */
export interface ConnectionOptions {
  readonly keepaliveTimeMs: number;
  readonly keepaliveTimeoutMs: number;
  readonly maxReconnectBackoffMs: number;
  readonly flowControlWindowBytes: number;
  /** Undefined: in the clear. */
  readonly tls: HopTls | undefined;
  /**
   * Asked once a session has begun and before it is used for calls; where it resolves to false, the session is not used and the
   * connection stops.
   */
  readonly accept: (session: ClientHttp2Session) => Promise<boolean>;
  /** A session will take no new streams: it is lost, or the upstream wants it renewed. */
  readonly onLeft: (session: ClientHttp2Session) => void;
}

/** How long an upstream may take to open a connection and say its first words. */
const connectTimeoutMs = 10_000;

/** Of all connections of this process. */
const turns = new ConnectTurns();

/**
 * Keeps one HTTP/2 session to an address: made with `start`, made again at once after a loss, then with growing pauses. A session that
 * the upstream wants renewed (GOAWAY) finishes its streams while the next one takes the new.
 */
export class Connection {
  private state: 'stopped' | 'connecting' | 'ready' | 'pausing' = 'stopped';
  private ownSession: ClientHttp2Session | undefined;
  /** The session whose outcome the state `connecting` waits for. */
  private attempt: ClientHttp2Session | undefined;
  /** Each with what it runs on. */
  private readonly sessions = new Map<ClientHttp2Session, Socket>();
  private readonly waiters = new Set<() => void>();
  private failures = 0;
  /** True from a GOAWAY until the connection that is to follow is made or fails. */
  private renewing = false;
  private pause: NodeJS.Timeout | undefined;
  /** Of the connection that is to be made. */
  private turn: Turn | undefined;

  constructor(
    private readonly address: string,
    private readonly options: ConnectionOptions,
  ) {}

  /** What new streams go to; undefined while there is nothing. */
  get session(): ClientHttp2Session | undefined {
    return this.ownSession;
  }

  /** True also where a session that was renewed has finished its streams before the next one stands. */
  get connected(): boolean {
    return this.ownSession !== undefined || this.renewing;
  }

  start(): void {
    if (this.state === 'stopped') this.connect();
  }

  /**
   * What the stream of a call can be opened on, or how the call ended where none came: its deadline passed, it was cancelled, or the
   * attempt to connect failed and it does not wait for the next. Never rejects.
   * @returns undefined where the connection was stopped
   */
  async findSession(call: HopOpening): Promise<ClientHttp2Session | HopAnswer | undefined> {
    const { timeoutMs, signal, waitForReady = false } = call;
    const endMs = performance.now() + timeoutMs;
    this.start();
    for (;;) {
      if (this.ownSession !== undefined) return this.ownSession;
      if (this.state === 'stopped') return undefined;
      if (this.state === 'pausing' && !waitForReady) {
        return failure(Status.UNAVAILABLE, 'the connection could not be made');
      }
      if (signal?.aborted === true) return failure(Status.CANCELLED, 'cancelled');
      const leftMs = endMs - performance.now();
      if (leftMs <= 0) return failure(Status.DEADLINE_EXCEEDED, 'deadline exceeded');
      await this.changed(leftMs, signal);
    }
  }

  /** Resolves with the next change of state, or when the time is over or the signal aborts. */
  private changed(timeoutMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const wake = (): void => {
        this.waiters.delete(wake);
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        resolve();
      };
      const timer = timeoutMs === Infinity ? undefined : setTimeout(wake, timeoutMs);
      signal?.addEventListener('abort', wake);
      this.waiters.add(wake);
    });
  }

  /** Ends the session and every stream of it; `start` begins anew. */
  stop(): void {
    clearTimeout(this.pause);
    this.turn?.end();
    this.ownSession = undefined;
    this.renewing = false;
    for (const ends of this.sessions) endSoon(...ends);
    this.become('stopped');
  }

  private become(state: 'stopped' | 'connecting' | 'ready' | 'pausing'): void {
    this.state = state;
    for (const wake of [...this.waiters]) wake();
  }

  private connect(): void {
    this.become('connecting');
    this.turn = turns.take(() => this.open());
  }

  private open(): void {
    const { flowControlWindowBytes, tls } = this.options;
    const [host, port] = splitAddress(this.address);
    // Straight to the address, and without waiting for more bytes to fill a packet.
    const socket = tls === undefined ? connectSocket({ host, port, noDelay: true }) : connectTls(tls, host, port);
    const session = connect(`${tls === undefined ? 'http' : 'https'}://${this.address}`, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: flowControlWindowBytes },
      // What calls may hold is the caller's to bound; by default Node refuses streams at 10 MB.
      maxSessionMemory: Number.MAX_SAFE_INTEGER,
    });
    this.sessions.set(session, socket);
    const giveUp = (): void => end(session, socket);
    const stopWaiting = giveUpAfter(connectTimeoutMs, giveUp);
    const stopKeepalive = this.keepAlive(session, giveUp);
    session.once('remoteSettings', () => {
      session.setLocalWindowSize(flowControlWindowBytes);
      void this.options.accept(session).then((accepted) => {
        stopWaiting();
        if (session.destroyed || session.closed || this.state !== 'connecting') return;
        if (accepted) this.use(session);
        else this.stop();
      });
    });
    session.on('goaway', () => this.renew(session));
    // 'close' follows and says all there is to say.
    session.on('error', () => undefined);
    session.on('close', () => {
      stopWaiting();
      stopKeepalive();
      this.sessions.delete(session);
      this.closed(session);
    });
    this.attempt = session;
  }

  private use(session: ClientHttp2Session): void {
    this.turn?.end();
    this.attempt = undefined;
    this.ownSession = session;
    this.renewing = false;
    this.failures = 0;
    this.become('ready');
  }

  private renew(session: ClientHttp2Session): void {
    if (this.ownSession !== session) return;
    this.ownSession = undefined;
    this.renewing = true;
    this.options.onLeft(session);
    this.connect();
  }

  private closed(session: ClientHttp2Session): void {
    if (this.ownSession === session) {
      this.ownSession = undefined;
      this.options.onLeft(session);
      this.connect();
    } else if (this.attempt === session && this.state === 'connecting') {
      this.turn?.end();
      this.attempt = undefined;
      this.renewing = false;
      this.failures += 1;
      const pauseMs = Math.min(backoffMs(this.failures, Math.random), this.options.maxReconnectBackoffMs);
      this.pause = setTimeout(() => this.connect(), pauseMs);
      this.become('pausing');
    }
  }

  /** Asks for a sign of life whenever the interval has passed, and ends a session that gives none in time. */
  private keepAlive(session: ClientHttp2Session, giveUp: () => void): () => void {
    let stopWaiting: (() => void) | undefined;
    const ask = (): void => {
      if (session.connecting || session.destroyed || stopWaiting !== undefined) return;
      stopWaiting = giveUpAfter(this.options.keepaliveTimeoutMs, giveUp);
      session.ping(() => {
        stopWaiting?.();
        stopWaiting = undefined;
      });
    };
    const interval = setInterval(ask, this.options.keepaliveTimeMs);
    return () => {
      clearInterval(interval);
      stopWaiting?.();
    };
  }
}

/**
 * Ends a session and its socket. A session that is destroyed in the middle of a write closes its socket after that write: where the peer
 * reads nothing, never, and a session that nobody can use would stand for a connection.
 */
function end(session: ClientHttp2Session, socket: Socket): void {
  session.destroy();
  // Its GOAWAY has left by then, where it can.
  setImmediate(() => socket.destroy());
}

/**
 * Not in the turn in which a stream of it ends: Node 20 never comes back from that where the stream was reset and another one is open.
 */
function endSoon(session: ClientHttp2Session, socket: Socket): void {
  setImmediate(end, session, socket);
}
