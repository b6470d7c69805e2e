import { refusal } from '@tributary/contract';
import type { Metadata, Sharp } from 'sharp';
import { centreSquare } from './crop';
import { decoder } from './decoder';
import { pictureFormat } from './picture-format';
import { resampleBicubic } from './resample';

/** Pixels of the largest picture that is decoded: 25 megapixels. */
export const MAX_PICTURE_PIXELS = 25_000_000;

/** How a model wants to see a picture. */
export interface PixelLayout {
  /** Of the model's input, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Side of the centre square that is looked at, as a fraction of the picture's shorter side. */
  readonly cropFraction: number;
}

let decodes = 0;

/** How many pictures have had their pixels decoded on this thread; a refused one has not. */
export function pixelDecodes(): number {
  return decodes;
}

/**
 * Turns an encoded picture into the pixels a model sees: 8-bit RGB [height, width, 3], row-major.
 *
 * First frame; EXIF orientation applied; colour profiles ignored; grey repeated; 16 bits keep the high byte; CMYK multiplied
 * through; transparent parts over white; the centre square; bicubic. The same as models/build/efficientnet_lite0/preprocess.py
 * within half a step of 255 on average.
 *
 * Throws IMAGE_EMPTY, IMAGE_UNSUPPORTED, IMAGE_TOO_LARGE (before a pixel is decoded) and IMAGE_CORRUPT, naming `field`.
 */
export async function preparePixels(encoded: Uint8Array, layout: PixelLayout, field: string): Promise<Uint8Array> {
  const metadata = await inspect(encoded, field);
  decodes++;
  try {
    return await decode(encoded, metadata, layout);
  } catch (error) {
    throw refusal('IMAGE_CORRUPT', {}, { field }, { cause: error });
  }
}

/** Reads the header alone and refuses what must not be decoded. */
async function inspect(encoded: Uint8Array, field: string): Promise<Metadata> {
  if (encoded.byteLength === 0) throw refusal('IMAGE_EMPTY', {}, { field });
  if (pictureFormat(encoded) === undefined) throw refusal('IMAGE_UNSUPPORTED', {}, { field });
  let metadata: Metadata;
  try {
    metadata = await decoder(encoded, { pages: 1, limitInputPixels: false }).metadata();
  } catch (error) {
    throw refusal('IMAGE_CORRUPT', {}, { field }, { cause: error });
  }
  if (metadata.width * metadata.height > MAX_PICTURE_PIXELS) {
    throw refusal(
      'IMAGE_TOO_LARGE',
      { width: metadata.width, height: metadata.height, expected: MAX_PICTURE_PIXELS },
      { field },
    );
  }
  return metadata;
}

async function decode(encoded: Uint8Array, metadata: Metadata, layout: PixelLayout): Promise<Uint8Array> {
  const { width, height } = layout;
  const upright = metadata.autoOrient;
  const { left, top, side } = centreSquare(upright.width, upright.height, layout.cropFraction);
  const shrinks = side >= width && side >= height;
  const cmyk = metadata.space === 'cmyk';

  let picture = decoder(encoded, { pages: 1, failOn: 'error', limitInputPixels: MAX_PICTURE_PIXELS, ignoreIcc: true });
  // libvips would convert CMYK with a press profile; what the model was trained on is the plain product.
  picture = cmyk
    ? picture.pipelineColourspace('cmyk').toColourspace('cmyk')
    : picture.flatten({ background: '#ffffff' });
  picture = picture.autoOrient().extract({ left, top, width: side, height: side });
  if (shrinks) picture = picture.resize(width, height, { kernel: 'cubic', fit: 'fill', fastShrinkOnLoad: false });
  if (!cmyk) picture = picture.toColourspace('srgb');

  const { pixels, channels } = await rawPixels(picture);
  const rgb = channels === 4 && cmyk ? cmykToRgb(pixels) : pixels;
  if (!(channels === 3 || (channels === 4 && cmyk))) throw new Error(`decoded to ${channels} channels`);
  return shrinks ? rgb : resampleBicubic(rgb, { width: side, height: side }, layout);
}

async function rawPixels(picture: Sharp): Promise<{ pixels: Uint8Array; channels: number }> {
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  return { pixels: data, channels: info.channels };
}

/** 255 is full ink: the light of a colour is what its own ink and the black let through. */
function cmykToRgb(inks: Uint8Array): Uint8Array {
  const rgb = new Uint8Array((inks.length / 4) * 3);
  for (let from = 0, to = 0; from < inks.length; from += 4, to += 3) {
    const light = 255 - inks[from + 3]!;
    for (let channel = 0; channel < 3; channel++) {
      rgb[to + channel] = Math.round(((255 - inks[from + channel]!) * light) / 255);
    }
  }
  return rgb;
}
