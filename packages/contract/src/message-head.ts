/** Bytes before every message of a gRPC stream: a flag (1: compressed), then the message's length in four bytes, big-endian. */
export const messageHeadBytes = 5;
