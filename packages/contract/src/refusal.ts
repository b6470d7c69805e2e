import { errorCatalogue, type ErrorArguments, type ErrorReason } from './error-catalogue';
import { printable, printableShape } from './printable';
import type { StatusCode } from './status';
import { TributaryError, type ErrorDetails } from './tributary-error';

/**
 * Makes the error of a reason; throw it. The message comes from the catalogue; arguments named `field`, `expected` and `got`
 * become details unless `details` says otherwise. `options.cause` is for the log and never leaves the process.
 */
export function refusal<R extends ErrorReason>(
  reason: R,
  args: ErrorArguments<R>,
  details: ErrorDetails = {},
  options?: { cause?: unknown },
): TributaryError {
  const message = (errorCatalogue[reason].message as (args: ErrorArguments<R>) => string)(args);
  const all = { ...detailsOf(args as object), ...details };
  if (reason === 'INTERNAL') return new TributaryError(reason, message, all, options);
  // The reason says it all, and under overload refusals are many: a stack costs more than the rest of one.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return new TributaryError(reason, message, all, options);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** gRPC status of an error. */
export function statusOf(error: TributaryError): StatusCode {
  return errorCatalogue[error.reason].status;
}

/**
 * The same error with Triton's prefix `[request id: ...] `, for a ModelInfer request that carried an id; without an id the
 * error itself.
 */
export function withRequestId(error: TributaryError, id: string): TributaryError {
  if (id === '') return error;
  const message = `[request id: ${printable(id)}] ${error.message}`;
  return new TributaryError(error.reason, message, error.details, { cause: error.cause });
}

function detailsOf(args: object): ErrorDetails {
  const { field, expected, got } = args as Record<string, unknown>;
  return {
    ...(field !== undefined && { field: detail(field) }),
    ...(expected !== undefined && { expected: detail(expected) }),
    ...(got !== undefined && { got: detail(got) }),
  };
}

function detail(value: unknown): string {
  return Array.isArray(value) ? printableShape(value as number[]) : printable(String(value));
}
