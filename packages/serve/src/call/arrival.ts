import type { RelayedMetadata } from '@tributary/contract';
import type { IncomingHttpHeaders, ServerHttp2Stream } from 'node:http2';
import type { CallStatus } from './call-status';
import { trailersOnly } from './call-wire';
import { formatGrpcTimeout, longestDeadlineMs, parseGrpcTimeout } from './grpc-timeout';
import { stopReading } from './stop-reading';

/** Most bytes of request metadata, names and values together. Most gRPC servers take 8 or 16 KB. */
export const maxMetadataBytes = 16 * 1024;

const timeoutHeader = 'grpc-timeout';

/** Whether the metadata fit; `:path` and the like count too. */
export function metadataFits(headers: IncomingHttpHeaders): boolean {
  let bytes = 0;
  for (const name in headers) {
    const value = headers[name];
    bytes += name.length;
    if (typeof value === 'string') bytes += value.length;
    else if (value !== undefined) for (const one of value) bytes += name.length + one.length;
  }
  return bytes <= maxMetadataBytes;
}

/** The same of a relayed call. */
export function relayedMetadataFits(metadata: RelayedMetadata): boolean {
  let bytes = 0;
  for (const [name, values] of metadata) for (const value of values) bytes += name.length + value.length;
  return bytes <= maxMetadataBytes;
}

/**
 * The deadline of a call as its headers say, bounded: none, or a later one than `maxDeadlineMs`, becomes that one. Where
 * `maxDeadlineMs` is undefined there may be none, and too late a one for a timer is none.
 * @returns milliseconds from now, Infinity for none; undefined for a malformed header
 */
export function deadlineOf(headers: IncomingHttpHeaders, maxDeadlineMs: number | undefined): number | undefined {
  const asked = headers[timeoutHeader];
  const askedMs = asked === undefined ? Infinity : parseGrpcTimeout(String(asked));
  return askedMs === undefined ? undefined : boundedDeadline(askedMs, maxDeadlineMs);
}

/** As `deadlineOf`, of a time that is known already. */
export function boundedDeadline(askedMs: number, maxDeadlineMs: number | undefined): number {
  const boundMs = Math.min(askedMs, maxDeadlineMs ?? Infinity);
  return boundMs > longestDeadlineMs ? Infinity : boundMs;
}

/** Writes the deadline into the headers that grpc-js is about to read, so that its timer is the only one a call needs. */
export function rewriteDeadline(headers: IncomingHttpHeaders, timeoutMs: number | undefined): void {
  if (timeoutMs === undefined) {
    // grpc-js answers with INTERNAL. It would find a deadline inside some malformed ones ("-5S", "1S1S") and echoes the others.
    headers[timeoutHeader] = 'malformed';
  } else if (timeoutMs === Infinity) {
    Reflect.deleteProperty(headers, timeoutHeader);
  } else {
    headers[timeoutHeader] = formatGrpcTimeout(timeoutMs);
  }
}

/** Ends a stream that grpc-js never saw. */
export function refuseStream(stream: ServerHttp2Stream, status: CallStatus): void {
  // The peer may be gone; there is nobody left to tell.
  stream.on('error', () => undefined);
  if (stream.destroyed || stream.closed) return;
  stream.respond(trailersOnly(status.code, status.details, status.trailers), { endStream: true });
  stopReading(stream);
}
