import type { Server } from '@grpc/grpc-js';
import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from 'node:http2';

/** Sees each stream before grpc-js does; `proceed` hands it on, with whatever has become of the headers. */
export type StreamListener = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, proceed: () => void) => void;

/** The private parts of grpc-js that this file reaches for. */
interface Internals {
  readonly http2Servers?: unknown;
  readonly onStreamOpened?: unknown;
}

/** Bytes that a caller may send ahead of us in one stream. Node's default, 64 KB, costs a large upload a round trip for every 64 KB. */
export const streamWindowBytes = 2 * 2 ** 20;

/**
 * The same for all streams of a connection. What is read is counted at once, so this is not memory but what may be on its way. It
 * must fit into the buffers of the sockets (Linux: 4 MiB for what is sent): Node from 22 on reads nothing while it writes, so two ends
 * that each wait for room to write would wait for ever.
 */
export const sessionWindowBytes = 2 * 2 ** 20;

/**
 * Stands between Node's HTTP/2 server and grpc-js. grpc-js has no public way to see a stream before its headers are read, and
 * that is where a deadline of 25 days must be cut (grpc-js wraps it around to one in the past), where metadata has its size, and
 * where unknown methods end.
 * Call it once the server is bound. It reaches for a private field, so it throws at the start, where the version that is
 * installed has none.
 */
export function standBefore(server: Server, listener: StreamListener): void {
  for (const http2Server of http2ServersOf(server)) {
    http2Server.on('session', widenWindows);
    const inner = http2Server.listeners('stream');
    if (inner.length === 0)
      throw new Error('this version of @grpc/grpc-js does not listen to streams of its HTTP/2 server');
    http2Server.removeAllListeners('stream');
    http2Server.on('stream', (stream, headers, ...rest) => {
      listener(stream, headers, () => {
        for (const listen of inner) Reflect.apply(listen, http2Server, [stream, headers, ...rest]);
      });
    });
  }
}

/**
 * How grpc-js is told of a stream that it does not see: it closes connections that have had none for a while.
 * @returns undefined where the version that is installed counts otherwise
 */
export function streamCounterOf(server: Server): ((stream: ServerHttp2Stream) => void) | undefined {
  const { onStreamOpened } = server as unknown as Internals;
  if (typeof onStreamOpened !== 'function' || onStreamOpened.length !== 1) return undefined;
  return (stream) => void Reflect.apply(onStreamOpened, server, [stream]);
}

/** The servers of Node's that a bound server of grpc-js has: one for each address. */
export function http2ServersOf(server: Server): Iterable<Http2Server> {
  const { http2Servers } = server as unknown as Internals;
  if (!(http2Servers instanceof Map) || http2Servers.size === 0) {
    throw new Error('this version of @grpc/grpc-js keeps its HTTP/2 servers elsewhere; http2-door.ts must learn where');
  }
  return (http2Servers as Map<Http2Server, unknown>).keys();
}

/** grpc-js has an option for it and ignores it on servers. */
function widenWindows(session: ServerHttp2Session): void {
  session.settings({ initialWindowSize: streamWindowBytes });
  session.setLocalWindowSize(sessionWindowBytes);
}
