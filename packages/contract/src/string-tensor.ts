const lengthBytes = 4;

/**
 * The raw bytes of a BYTES tensor: per element a little-endian uint32 length, then its bytes. Texts are written as UTF-8.
 * @returns bytes with an ArrayBuffer of their own
 */
export function encodeStringElements(elements: readonly (string | Uint8Array)[]): Uint8Array<ArrayBuffer> {
  const sizes = elements.map((element) => (typeof element === 'string' ? Buffer.byteLength(element) : element.length));
  const buffer = Buffer.from(new ArrayBuffer(sizes.reduce((sum, size) => sum + lengthBytes + size, 0)));
  let at = 0;
  for (const [index, element] of elements.entries()) {
    at = buffer.writeUInt32LE(sizes[index]!, at);
    if (typeof element === 'string') buffer.write(element, at);
    else buffer.set(element, at);
    at += sizes[index]!;
  }
  return new Uint8Array(buffer.buffer);
}
