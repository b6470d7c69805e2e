/**
 * Thrown by a handler that passes on the status another server decided. Code and details reach the caller as they are (made
 * printable, cut at the limits of every status); the trailers are set with `CallContext.setTrailer`, and a
 * `grpc-status-details-bin` among them is not overwritten.
 */
export class RelayedStatus extends Error {
  override readonly name = 'RelayedStatus';
  constructor(
    /** gRPC status code, not 0. */
    readonly code: number,
    readonly details: string,
  ) {
    super(details);
  }
}
