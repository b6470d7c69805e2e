import type { PictureFormat } from './picture-format';

/** A part of a canvas, in pixels from its upper left corner. */
export interface Frame {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

const gif = { extension: 0x21, image: 0x2c, trailer: 0x3b };

/**
 * Where the first frame of a GIF or of an animated WebP lies on its canvas, by the file's own blocks.
 * @returns undefined for other formats and pictures without frames, and where the blocks cannot be followed
 */
export function firstFrame(encoded: Uint8Array, format: PictureFormat): Frame | undefined {
  const bytes = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  try {
    if (format === 'GIF') return firstGifFrame(bytes);
    if (format === 'WebP') return firstWebpFrame(bytes);
  } catch (error) {
    // Read beyond the end: the decoder tells what is wrong.
    if (!(error instanceof RangeError)) throw error;
  }
  return undefined;
}

/** GIF89a, sections 18 (logical screen descriptor), 20 (image descriptor) and 23 to 26 (extensions). */
function firstGifFrame(bytes: Buffer): Frame | undefined {
  const flags = bytes.readUInt8(10);
  let at = 13 + ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1));
  for (;;) {
    const block = bytes.readUInt8(at++);
    if (block === gif.image) {
      const [left, top, width, height] = [0, 2, 4, 6].map((offset) => bytes.readUInt16LE(at + offset));
      return { left: left!, top: top!, width: width!, height: height! };
    }
    if (block !== gif.extension) return undefined;
    at++;
    // Sub-blocks, each behind its length, up to an empty one.
    for (let length = bytes.readUInt8(at++); length > 0; length = bytes.readUInt8(at++)) at += length;
  }
}

/** The first ANMF chunk: two coordinates in units of two pixels, then two sizes less one, 24 bits each. */
function firstWebpFrame(bytes: Buffer): Frame | undefined {
  for (let at = 12; at + 8 <= bytes.length;) {
    const name = bytes.toString('latin1', at, at + 4);
    const length = bytes.readUInt32LE(at + 4);
    at += 8;
    if (name === 'ANMF') {
      const [left, top, width, height] = [0, 3, 6, 9].map((offset) => bytes.readUIntLE(at + offset, 3));
      return { left: 2 * left!, top: 2 * top!, width: width! + 1, height: height! + 1 };
    }
    at += length + (length % 2);
  }
  return undefined;
}

/** Makes white what lies outside of the frame: a canvas is transparent there, whatever a decoder leaves in it. */
export function whitenAround(
  pixels: Uint8Array,
  canvas: { readonly width: number; readonly height: number },
  frame: Frame,
): void {
  const stride = canvas.width * 3;
  const left = Math.min(frame.left, canvas.width) * 3;
  const right = Math.min(frame.left + frame.width, canvas.width) * 3;
  for (let y = 0; y < canvas.height; y++) {
    const row = pixels.subarray(y * stride, (y + 1) * stride);
    const isBeside = y >= frame.top && y < frame.top + frame.height;
    row.fill(255, 0, isBeside ? left : stride);
    if (isBeside) row.fill(255, right);
  }
}

/** Whether nothing of the canvas lies outside of the frame. */
export function covers(frame: Frame, canvas: { readonly width: number; readonly height: number }): boolean {
  return frame.left === 0 && frame.top === 0 && frame.width >= canvas.width && frame.height >= canvas.height;
}
