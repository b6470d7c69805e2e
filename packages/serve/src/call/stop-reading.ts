import { constants, type ServerHttp2Stream } from 'node:http2';

/**
 * Asks the peer to send no more of a request that is answered already. Without it a caller that never ends its request keeps the
 * stream, and a place among the concurrent streams of its connection, for as long as the connection lives.
 */
export function stopReading(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  stream.resume();
  stream.close(constants.NGHTTP2_NO_ERROR);
}
