/** Compressed-flag and big-endian length before every gRPC message. */
const prefixBytes = 5;

/** A gRPC message as it travels in DATA frames: uncompressed-flag, length, message. */
export function frameMessage(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(prefixBytes + message.length);
  frame[0] = 0;
  frame.writeUInt32BE(message.length, 1);
  frame.set(message, prefixBytes);
  return frame;
}

/** The one message of a unary body as a view; undefined where the body is not exactly one uncompressed message. */
export function unframeMessage(body: Uint8Array): Uint8Array | undefined {
  if (body.length < prefixBytes || body[0] !== 0) return undefined;
  const length = ((body[1]! << 24) | (body[2]! << 16) | (body[3]! << 8) | body[4]!) >>> 0;
  return length === body.length - prefixBytes ? body.subarray(prefixBytes) : undefined;
}
