import type { Metadata, Sharp } from 'sharp';
import { refusal } from '../refusals';
import { centreSquare, type Square } from './crop';
import { decoder } from './decoder';
import { covers, firstFrame, whitenAround, type Frame } from './first-frame';
import { pictureFormat } from './picture-format';
import { resampleBicubic } from './resample';

/** Megapixels of the largest picture that is decoded where the model's options say nothing else. */
export const defaultMaxMegapixels = 25;

/**
 * How many times as many pixels a JPEG may have by its header: those of a camera are shrunk while they are decoded, which takes
 * no more memory than the shrunken picture. A progressive one is kept whole as coefficients meanwhile.
 */
const jpegFactor = 8;
const progressiveJpegFactor = 3;

/** Largest factor by which a JPEG is shrunk in each direction while it is decoded: libjpeg takes parts of its 8 x 8 blocks. */
const maxJpegShrink = 8;

/** How a model wants to see a picture. */
export interface PixelLayout {
  /** Of the model's input, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Side of the centre square that is looked at, as a fraction of the picture's shorter side. */
  readonly cropFraction: number;
  /** Most pixels that are decoded, in millions; of a JPEG, after it was shrunk in decoding. */
  readonly maxMegapixels: number;
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
 * through; transparent parts, and what the first frame leaves of its canvas, over white; the centre square; bicubic. The same as
 * models/build/efficientnet_lite0/preprocess.py within half a step of 255 on average, but for JPEGs above the limit that are
 * shrunk in decoding.
 *
 * Throws IMAGE_EMPTY, IMAGE_UNSUPPORTED, IMAGE_TOO_LARGE (before a pixel is decoded) and IMAGE_CORRUPT, naming `field`.
 */
export async function preparePixels(encoded: Uint8Array, layout: PixelLayout, field: string): Promise<Uint8Array> {
  const picture = await inspect(encoded, layout, field);
  decodes++;
  try {
    return await decode(picture, layout);
  } catch (error) {
    throw refusal('IMAGE_CORRUPT', {}, { field }, { cause: error });
  }
}

/** A picture whose header was read and accepted. */
interface Picture {
  readonly encoded: Uint8Array;
  readonly metadata: Metadata;
  /** The part of it that the model sees, upright. */
  readonly square: Square;
  /** True where its pixels are more than the limit and only a JPEG shrunk in decoding is within it. */
  readonly shrinksOnLoad: boolean;
  /** Its first frame, where that leaves a part of the canvas free. */
  readonly frame: Frame | undefined;
}

/** Reads the header alone and refuses what must not be decoded. */
async function inspect(encoded: Uint8Array, layout: PixelLayout, field: string): Promise<Picture> {
  if (encoded.byteLength === 0) throw refusal('IMAGE_EMPTY', {}, { field });
  const format = pictureFormat(encoded);
  if (format === undefined) throw refusal('IMAGE_UNSUPPORTED', {}, { field });
  let metadata: Metadata;
  try {
    metadata = await decoder(encoded, { pages: 1, limitInputPixels: false }).metadata();
  } catch (error) {
    throw refusal('IMAGE_CORRUPT', {}, { field }, { cause: error });
  }
  const { width, height, autoOrient } = metadata;
  const square = centreSquare(autoOrient.width, autoOrient.height, layout.cropFraction);
  const maxPixels = layout.maxMegapixels * 1e6;
  const isTooLarge = width * height > maxPixels;
  if (isTooLarge && !(format === 'JPEG' && fitsShrunken(metadata, square, layout))) {
    throw refusal('IMAGE_TOO_LARGE', { width, height, expected: maxPixels }, { field });
  }
  const frame = firstFrame(encoded, format);
  const leavesCanvas = frame !== undefined && !covers(frame, metadata);
  return { encoded, metadata, square, shrinksOnLoad: isTooLarge, frame: leavesCanvas ? frame : undefined };
}

/** Whether a JPEG above the limit is within it once it is shrunk as far as the model's input allows. */
function fitsShrunken({ width, height, isProgressive }: Metadata, { side }: Square, layout: PixelLayout): boolean {
  const pixels = width * height;
  const maxPixels = layout.maxMegapixels * 1e6;
  if (pixels > maxPixels * (isProgressive ? progressiveJpegFactor : jpegFactor)) return false;
  const shrink = Math.min(maxJpegShrink, powerOfTwoBelow(side / Math.max(layout.width, layout.height)));
  return pixels / shrink ** 2 <= maxPixels;
}

/** The largest power of two that is less than `factor`: one that is equal is halved in decoding, against rounding errors. */
function powerOfTwoBelow(factor: number): number {
  let power = 1;
  while (power * 2 < factor) power *= 2;
  return power;
}

async function decode(source: Picture, layout: PixelLayout): Promise<Uint8Array> {
  const { metadata, square, frame } = source;
  const { width, height } = layout;
  const { left, top, side } = square;
  const shrinks = side >= width && side >= height;
  const cmyk = metadata.space === 'cmyk';

  let picture = frame === undefined ? open(source) : await openOnCanvas(source, frame);
  // libvips would convert CMYK with a press profile; what the model was trained on is the plain product.
  picture = cmyk
    ? picture.pipelineColourspace('cmyk').toColourspace('cmyk')
    : picture.flatten({ background: '#ffffff' });
  picture = picture.autoOrient();
  if (source.shrinksOnLoad) picture = cutAfterResize(picture, metadata, square, layout);
  else {
    picture = picture.extract({ left, top, width: side, height: side });
    if (shrinks) picture = picture.resize(width, height, { kernel: 'cubic', fit: 'fill', fastShrinkOnLoad: false });
  }
  if (!cmyk) picture = picture.toColourspace('srgb');

  const { pixels, channels } = await rawPixels(picture);
  const rgb = channels === 4 && cmyk ? cmykToRgb(pixels) : pixels;
  if (!(channels === 3 || (channels === 4 && cmyk))) throw new Error(`decoded to ${channels} channels`);
  return shrinks ? rgb : resampleBicubic(rgb, { width: side, height: side }, layout);
}

function open({ encoded, metadata }: Picture): Sharp {
  // Its size has been judged.
  const limitInputPixels = metadata.width * metadata.height;
  return decoder(encoded, { pages: 1, failOn: 'error', limitInputPixels, ignoreIcc: true });
}

/** A picture whose first frame leaves a part of its canvas free, decoded whole. */
async function openOnCanvas(source: Picture, frame: Frame): Promise<Sharp> {
  const decoded = open(source).flatten({ background: '#ffffff' }).toColourspace('srgb');
  const { data, info } = await decoded.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  whitenAround(data, info, frame);
  return decoder(data, { raw: { width: info.width, height: info.height, channels: 3 } });
}

/**
 * The whole picture in the model's scale, and then the square out of it: only before anything is cut off does the decoder shrink a
 * JPEG while it reads it.
 */
function cutAfterResize(
  picture: Sharp,
  { autoOrient }: Metadata,
  { left, top, side }: Square,
  layout: PixelLayout,
): Sharp {
  const { width, height } = layout;
  const across = Math.max(width, Math.round((autoOrient.width * width) / side));
  const down = Math.max(height, Math.round((autoOrient.height * height) / side));
  return picture.resize(across, down, { kernel: 'cubic', fit: 'fill', fastShrinkOnLoad: true }).extract({
    left: Math.min(across - width, Math.round((left * width) / side)),
    top: Math.min(down - height, Math.round((top * height) / side)),
    width,
    height,
  });
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
