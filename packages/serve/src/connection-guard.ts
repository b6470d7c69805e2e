import type { Http2Server, ServerHttp2Session } from 'node:http2';
import type { Socket } from 'node:net';

/** Connections at the same time where the settings name no bound. */
export const defaultMaxConnections = 16_384;

/** From the connection of a socket to the first words of HTTP/2 on it. */
const prefaceTimeoutMs = 10_000;

/**
 * PINGs and SETTINGS of one connection in a second. A client that measures its round trips, as grpc-go and gRPC's core do, sends a PING for
 * each of them while data flow: some thousand a second on the fastest links.
 */
export const maxControlFramesPerSecond = 10_000;

/**
 * Bounds what connections may cost before they have called anything: how many there are, how long one may take to say that it speaks
 * HTTP/2, and how many frames that ask for an answer and carry no call it may send.
 */
export function guardConnections(server: Http2Server, maxConnections: number = defaultMaxConnections): void {
  server.maxConnections = maxConnections;
  /** Sockets that have said nothing yet; by both ends, since TLS has another object for the same socket. */
  const silent = new Map<string, NodeJS.Timeout>();
  const forget = (peer: string): void => {
    clearTimeout(silent.get(peer));
    silent.delete(peer);
  };
  server.prependListener('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    silent.set(
      peer,
      setTimeout(() => socket.destroy(), prefaceTimeoutMs),
    );
    socket.once('close', () => forget(peer));
  });
  server.on('session', (session) => {
    const peer = peerOf(session.socket);
    session.once('remoteSettings', () => forget(peer));
    boundControlFrames(session);
  });
}

function peerOf({ remoteAddress, remotePort }: Pick<Socket, 'remoteAddress' | 'remotePort'>): string {
  return `${remoteAddress} ${remotePort}`;
}

function boundControlFrames(session: ServerHttp2Session): void {
  let count = 0;
  let secondBeganMs = 0;
  const onFrame = (): void => {
    const now = performance.now();
    if (now - secondBeganMs >= 1000) {
      secondBeganMs = now;
      count = 0;
    }
    count += 1;
    // Not out of its own event, and once.
    if (count === maxControlFramesPerSecond + 1) setImmediate(() => session.destroy());
  };
  session.on('ping', onFrame);
  session.on('remoteSettings', onFrame);
}
