/** Status of a call that ended without one, e.g. because its connection broke. Not a gRPC code. */
export const noStatus = -1;

/** Told how a call ended: its status (0 is good), and its answer where there was exactly one. */
export type CallEnd = (status: number, answer: Uint8Array | undefined) => void;

/** Where a server listens. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** A connection that carries calls of one request and one answer. */
export interface UnaryConnection {
  /** Sends one request and reports exactly once how the call ended, never within this call. What it gives back cancels the call. */
  call(path: string, body: Buffer, onEnd: CallEnd, timeoutMs?: number): () => void;
  /** Ends the connection. Calls still open end without a status. */
  close(): Promise<void>;
}
