import { constants, type IncomingHttpHeaders, type OutgoingHttpHeaders } from 'node:http2';
import { Status } from '@tributary/contract';
import { failure, type HopAnswer, type HopMetadata } from '../hop';

/** Headers that belong to one connection and are no metadata: not passed on. */
export const transportHeaders = new Set([
  ':status',
  'content-type',
  'date',
  'grpc-encoding',
  'grpc-accept-encoding',
  'grpc-message',
  'grpc-status',
]);

/** Digits that `grpc-timeout` may have. */
const maxTimeoutDigits = 8;

/** The headers of a call. `grpc-accept-encoding` is left out: answers are to come as they are. */
export function requestHeaders(path: string, metadata: HopMetadata, timeout: string | undefined): OutgoingHttpHeaders {
  const headers: OutgoingHttpHeaders = {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc+proto',
    te: 'trailers',
  };
  if (timeout !== undefined) headers['grpc-timeout'] = timeout;
  for (const [key, values] of metadata) {
    const texts = values.map((value) => (typeof value === 'string' ? value : value.toString('base64')));
    headers[key] = texts.length === 1 ? texts[0] : texts;
  }
  return headers;
}

/** A deadline as `grpc-timeout` says it, in the finest unit that fits; undefined for none. */
export function formatTimeout(timeoutMs: number): string | undefined {
  if (timeoutMs === Infinity) return undefined;
  let value = Math.max(1, Math.floor(timeoutMs * 1000));
  for (const [unit, factor] of [
    ['u', 1000],
    ['m', 1000],
    ['S', 60],
    ['M', 60],
  ] as const) {
    if (value < 10 ** maxTimeoutDigits) return `${value}${unit}`;
    value = Math.ceil(value / factor);
  }
  return `${Math.min(value, 10 ** maxTimeoutDigits - 1)}H`;
}

/** Headers or trailers without those of the transport. */
export function metadataOf(headers: IncomingHttpHeaders): HopMetadata {
  const metadata = new Map<string, (string | Buffer)[]>();
  for (const name in headers) {
    if (transportHeaders.has(name)) continue;
    const value = headers[name];
    const texts = typeof value === 'string' ? [value] : (value ?? []);
    if (!name.endsWith('-bin')) metadata.set(name, [...texts]);
    else {
      const parts = texts.flatMap((text) => text.split(','));
      metadata.set(
        name,
        parts.map((part) => Buffer.from(part.trim(), 'base64')),
      );
    }
  }
  return metadata;
}

/** The words of a status: percent-encoded UTF-8; as they are where they cannot be decoded. */
export function textOf(encoded: string | string[] | undefined): string {
  const text = String(encoded ?? '');
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The status that an upstream gave, and the headers or trailers that it came in. */
export interface GrpcEnding {
  /** gRPC status code, 0 to 16. */
  readonly code: number;
  readonly details: string;
  readonly from: IncomingHttpHeaders;
}

/** Reads a status out of trailers, or out of the headers of an answer that has none; or how the call ends where there is none to read. */
export function endingOf(from: IncomingHttpHeaders): GrpcEnding | HopAnswer {
  const code = Number(from['grpc-status']);
  if (Number.isInteger(code) && code >= 0 && code <= 16) return { code, details: textOf(from['grpc-message']), from };
  return failure(Status.UNKNOWN, 'no status that gRPC knows');
}

/** How a call ends whose answer is not gRPC's; undefined where it is. */
export function notGrpc(headers: IncomingHttpHeaders): HopAnswer | undefined {
  const status = Number(headers[':status']);
  if (status === 200 && String(headers['content-type']).startsWith('application/grpc')) return undefined;
  return failure(statusOfHttp(status), `HTTP status ${status}`);
}

/** The answer of an upstream; `headers` undefined where it had none of its own. */
export function answerOf(
  { code, details, from }: GrpcEnding,
  headers: IncomingHttpHeaders | undefined,
  message: Uint8Array | undefined,
): HopAnswer {
  return {
    code,
    details,
    message: code === 0 ? message : undefined,
    headers: headers === undefined ? new Map() : metadataOf(headers),
    trailers: metadataOf(from),
    answered: true,
  };
}

/** The status of an answer that is not gRPC's; the mapping is gRPC's own (doc/http-grpc-status-mapping.md). */
function statusOfHttp(status: number): number {
  switch (status) {
    case constants.HTTP_STATUS_BAD_REQUEST:
      return Status.INTERNAL;
    case constants.HTTP_STATUS_UNAUTHORIZED:
      return Status.UNAUTHENTICATED;
    case constants.HTTP_STATUS_FORBIDDEN:
      return Status.PERMISSION_DENIED;
    case constants.HTTP_STATUS_NOT_FOUND:
      return Status.UNIMPLEMENTED;
    case constants.HTTP_STATUS_TOO_MANY_REQUESTS:
    case constants.HTTP_STATUS_BAD_GATEWAY:
    case constants.HTTP_STATUS_SERVICE_UNAVAILABLE:
    case constants.HTTP_STATUS_GATEWAY_TIMEOUT:
      return Status.UNAVAILABLE;
    default:
      return Status.UNKNOWN;
  }
}
