import { errorCatalogue, type MessageArguments } from './error-catalogue';
import { printable, printableShape } from './printable';
import { findRefusal, registerRefusals, type RefusalTable } from './refusal-tables';
import { Status, type StatusCode } from './status';
import { TributaryError, type ErrorDetails } from './tributary-error';

/**
 * Makes the error of a reason; throw it. The message comes from the reason's entry; arguments named `field`, `expected` and `got`
 * become details unless `details` says otherwise. `options.cause` is for the log and never leaves the process.
 */
export type Refuse<T extends RefusalTable> = <R extends keyof T & string>(
  reason: R,
  args: MessageArguments<T[R]>,
  details?: ErrorDetails,
  options?: { cause?: unknown },
) => TributaryError;

/** Makes errors of a task's own table, and of the contract's catalogue. */
export type TaskRefuse<T extends RefusalTable> = Refuse<T & typeof errorCatalogue>;

/** Makes errors of the contract's own catalogue; see Refuse. */
export const refusal: Refuse<typeof errorCatalogue> = refusalOf(errorCatalogue);

/**
 * Declares the refusals of tasks beside them: registers the table (see registerRefusals) and makes what throws its reasons and those of the
 * contract.
 */
export function defineRefusals<const T extends RefusalTable>(owner: string, table: T): TaskRefuse<T> {
  registerRefusals(owner, table);
  return refusalOf({ ...errorCatalogue, ...table });
}

function refusalOf<T extends RefusalTable>(table: T): Refuse<T> {
  return (reason, args, details = {}, options) => {
    const message = (table[reason]!.message as (args: unknown) => string)(args);
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
  };
}

/** gRPC status of an error; INTERNAL where no table of the process has its reason. */
export function statusOf(error: TributaryError): StatusCode {
  return findRefusal(error.reason)?.status ?? Status.INTERNAL;
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
