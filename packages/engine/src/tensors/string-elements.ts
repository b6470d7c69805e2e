/**
 * BYTES tensors in raw form: per element a little-endian uint32 length, then its bytes. The framing was checked when the tensor
 * came in, so these helpers trust it.
 */

const lengthBytes = 4;

/** The elements as text. Invalid UTF-8 was refused before. */
export function decodeStrings(bytes: Uint8Array): string[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const strings: string[] = [];
  for (let at = 0; at < buffer.length;) {
    const start = at + lengthBytes;
    const end = start + buffer.readUInt32LE(at);
    strings.push(buffer.toString('utf8', start, end));
    at = end;
  }
  return strings;
}

/** Offset in `bytes` behind `count` elements that begin at `start`. */
export function skipStrings(bytes: Uint8Array, start: number, count: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  for (let element = 0; element < count; element++) at += lengthBytes + view.getUint32(at, true);
  return at;
}
