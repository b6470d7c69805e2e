import { constants, type ServerHttp2Stream } from 'node:http2';

/**
 * Asks the peer to send no more of a request that is answered already. Without it a caller that never ends its request keeps the
 * stream, and a place among the concurrent streams of its connection, for as long as the connection lives.
 */
export function stopReading(stream: ServerHttp2Stream): void {
  if (stream.destroyed || stream.closed) return;
  stream.resume();
  // What is still to be sent leaves when the turn ends in which it was given: trailers everywhere, and in Node 22 an answer that is
  // headers alone. The reset would overtake them.
  setImmediate(close, stream);
}

function close(stream: ServerHttp2Stream): void {
  if (!stream.destroyed && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
}
