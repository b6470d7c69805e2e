import { google } from '../gen/messages';
import { isReason } from './refusal-tables';
import { orMalformed } from './decode-message';
import { printable } from './printable';
import { statusOf } from './refusal';
import type { ErrorDetails, TributaryError } from './tributary-error';

/** Value of `domain` in every google.rpc.ErrorInfo of ours. */
export const errorDomain = 'tributary';

/** Key of the trailer that carries the details. */
export const statusDetailsKey = 'grpc-status-details-bin';

const typePrefix = 'type.googleapis.com/google.rpc.';

/** Details of an answered error, as far as it carried them. */
export interface StatusDetails {
  readonly code: number;
  readonly message: string;
  /** Undefined where the error is none of ours. */
  readonly reason: string | undefined;
  readonly details: ErrorDetails;
}

/**
 * What the trailer grpc-status-details-bin carries for an error: a google.rpc.Status with an ErrorInfo (reason, and field,
 * expected, got as metadata), a BadRequest where a field is named, a RetryInfo where a delay is.
 */
export function encodeStatusDetails(error: TributaryError): Buffer {
  const { reason, message, details } = error;
  const kind = `${reason} ${details.retryDelayMs ?? ''}`;
  const last = lastOfKind.get(kind);
  if (last !== undefined && isSame(last.error, error)) return last.bytes;
  const bytes = encode(error);
  if (lastOfKind.size >= maxKinds) lastOfKind.clear();
  lastOfKind.set(kind, { error: { reason, message, details }, bytes });
  return bytes;
}

/** Under overload refusals differ in their pushback, in steps, and in nothing else. */
const lastOfKind = new Map<string, { readonly error: ErrorSaid; readonly bytes: Buffer }>();
const maxKinds = 256;

type ErrorSaid = Pick<TributaryError, 'reason' | 'message' | 'details'>;

function isSame(one: ErrorSaid, other: ErrorSaid): boolean {
  const [a, b] = [one.details, other.details];
  return (
    one.message === other.message &&
    a.retryDelayMs === b.retryDelayMs &&
    a.field === b.field &&
    a.expected === b.expected &&
    a.got === b.got
  );
}

function encode(error: TributaryError): Buffer {
  const { field, expected, got, retryDelayMs } = error.details;
  const metadata: Record<string, string> = {};
  if (field !== undefined) metadata['field'] = printable(field);
  if (expected !== undefined) metadata['expected'] = printable(expected);
  if (got !== undefined) metadata['got'] = printable(got);
  const details = [
    any('ErrorInfo', google.rpc.ErrorInfo.encode({ reason: error.reason, domain: errorDomain, metadata })),
  ];
  if (field !== undefined) {
    const fieldViolations = [{ field: printable(field), description: error.message }];
    details.push(any('BadRequest', google.rpc.BadRequest.encode({ fieldViolations })));
  }
  if (retryDelayMs !== undefined && retryDelayMs >= 0) {
    const seconds = Math.floor(retryDelayMs / 1000);
    const nanos = Math.round((retryDelayMs - seconds * 1000) * 1e6);
    details.push(any('RetryInfo', google.rpc.RetryInfo.encode({ retryDelay: { seconds, nanos } })));
  }
  const status = google.rpc.Status.encode({ code: statusOf(error), message: error.message, details });
  return Buffer.from(status.finish());
}

/**
 * Reads the trailer of an answered error. Details of other kinds are passed over.
 * @throws TributaryError MESSAGE_MALFORMED
 */
export function decodeStatusDetails(bytes: Uint8Array): StatusDetails {
  return orMalformed('google.rpc.Status', () => {
    const status = google.rpc.Status.decode(bytes);
    let reason: string | undefined;
    const details: { -readonly [Key in keyof ErrorDetails]: ErrorDetails[Key] } = {};
    for (const { type_url: typeUrl, value } of status.details) {
      if (typeUrl === `${typePrefix}ErrorInfo` && value) {
        const info = google.rpc.ErrorInfo.decode(value);
        if (info.domain === errorDomain && isReason(info.reason)) reason = info.reason;
        for (const key of ['field', 'expected', 'got'] as const) {
          const text = Object.hasOwn(info.metadata, key) ? info.metadata[key] : undefined;
          if (text !== undefined) details[key] = text;
        }
      } else if (typeUrl === `${typePrefix}RetryInfo` && value) {
        const delay = google.rpc.RetryInfo.decode(value).retryDelay;
        if (delay) details.retryDelayMs = Number(delay.seconds ?? 0) * 1000 + (delay.nanos ?? 0) / 1e6;
      }
    }
    return { code: status.code, message: status.message, reason, details };
  });
}

function any(name: string, message: { finish(): Uint8Array }): google.protobuf.Any.$Properties {
  return { type_url: typePrefix + name, value: message.finish() };
}
