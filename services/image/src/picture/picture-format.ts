/** Picture formats that are decoded. */
export type PictureFormat = 'JPEG' | 'PNG' | 'WebP' | 'GIF';

/**
 * Tells a picture's format from its first bytes, so that nothing else ever reaches a decoder.
 * Undefined: none of the formats that are served.
 */
export function pictureFormat(encoded: Uint8Array): PictureFormat | undefined {
  if (startsWith(encoded, 0, [0xff, 0xd8, 0xff])) return 'JPEG';
  if (startsWith(encoded, 0, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'PNG';
  if (startsWith(encoded, 0, ascii('RIFF')) && startsWith(encoded, 8, ascii('WEBP'))) return 'WebP';
  if (startsWith(encoded, 0, ascii('GIF87a')) || startsWith(encoded, 0, ascii('GIF89a'))) return 'GIF';
  return undefined;
}

function startsWith(bytes: Uint8Array, offset: number, signature: readonly number[]): boolean {
  return signature.every((byte, index) => bytes[offset + index] === byte);
}

function ascii(text: string): number[] {
  return [...Buffer.from(text, 'ascii')];
}
