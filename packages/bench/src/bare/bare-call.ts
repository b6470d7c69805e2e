/** Answers one message. */
export type BareCall = (message: Uint8Array) => Promise<Uint8Array>;
