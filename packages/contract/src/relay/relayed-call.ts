/** Metadata by key in lower case; several values of one key in order; Buffers under keys that end in `-bin`. */
export type RelayedMetadata = ReadonlyMap<string, readonly (string | Buffer)[]>;

/** One call of a tributary.relay.v1.RelayRequest. */
export interface RelayedCall {
  /** From 1 to 2^31 - 1. */
  readonly id: number;
  /** As in HTTP/2's `:path`. */
  readonly path: string;
  /** Time left; Infinity: no deadline. */
  readonly timeoutMs: number;
  readonly metadata: RelayedMetadata;
  /** The request, in order, as it came or is to be sent. */
  readonly message: readonly Uint8Array[];
}

/** One answer of a tributary.relay.v1.RelayResponse, or a part of one. */
export interface RelayedAnswer {
  readonly id: number;
  /** True: only `message` counts, and more of it follows. */
  readonly more: boolean;
  /** gRPC status code. */
  readonly code: number;
  readonly details: string;
  readonly headers: RelayedMetadata;
  readonly trailers: RelayedMetadata;
  /** Empty unless `code` is 0. */
  readonly message: Uint8Array;
}

/** Largest message of either side, in bytes; docs/relay.md. */
export const maxRelayMessageBytes = 4 * 2 ** 20;

/** Largest id of a call. */
export const maxRelayId = 2 ** 31 - 1;

/** What a peer sent that is no message of the relay. The stream it came on cannot be trusted any further. */
export class RelayFault extends Error {
  override readonly name = 'RelayFault';
}
