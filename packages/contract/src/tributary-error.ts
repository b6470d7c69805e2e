import { printableMessage } from './printable';

/** What a refusal says beyond its reason. */
export interface ErrorDetails {
  /** Path of the offending field in the request, e.g. `inputs[0].shape`. */
  readonly field?: string;
  readonly expected?: string;
  readonly got?: string;
  /** The server's wish when to try again (gRPC pushback), in milliseconds; negative: not by itself. */
  readonly retryDelayMs?: number;
}

/**
 * The one way the system says no. Thrown anywhere, turned into a gRPC status at one place (serve), safe to show to a caller:
 * `message` and details never hold a path, a stack or a library's words, and `message` is printable and at most 1,024 characters. What caused it goes into `cause`, for the log only.
 */
export class TributaryError extends Error {
  override readonly name = 'TributaryError';
  constructor(
    /** Of the contract's catalogue, or of a table that was registered (defineRefusals); it crosses threads and processes as text. */
    readonly reason: string,
    message: string,
    readonly details: ErrorDetails = {},
    options?: { cause?: unknown },
  ) {
    super(printableMessage(message), options);
  }
}
