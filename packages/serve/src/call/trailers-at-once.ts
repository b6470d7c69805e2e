import { constants, type Http2Session, type OutgoingHttpHeaders, type ServerHttp2Stream } from 'node:http2';

/** How many streams of a session have been given trailers that may not have left. */
const givenKey = Symbol('given');

interface CountingSession extends Http2Session {
  [givenKey]?: number;
}

/**
 * Sends the trailers of a stream that wants them in the turn of the event loop in which its message has left. node:http2 keeps them for the
 * next turn: a process that is killed in between takes along answers whose headers and messages have come, and no gRPC client sends such a
 * call again.
 */
export function sendTrailersAtOnce(stream: ServerHttp2Stream, trailers: OutgoingHttpHeaders): void {
  stream.sendTrailers(trailers);
  const session = stream.session as CountingSession | undefined;
  if (session === undefined) return;
  session[givenKey] = (session[givenKey] ?? 0) + 1;
  // node:http2 hands trailers over in a callback of setImmediate; this one comes after it.
  setImmediate(closeLast, stream, session);
}

/**
 * A stream that is closed has its session send all that lies there, as far as the socket takes it: once for all streams, so that they share a
 * write. A stream whose trailers have left is at its end, and is not reset.
 */
function closeLast(stream: ServerHttp2Stream, session: CountingSession): void {
  session[givenKey] = session[givenKey]! - 1;
  if (session[givenKey] === 0 && !stream.destroyed && !stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
}
