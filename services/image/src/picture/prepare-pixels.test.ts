import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { TributaryError } from '@tributary/contract';
import type { Sharp } from 'sharp';
import { decoder } from './decoder';
import { pngHeader } from '../test/png-header';
import type { Frame } from './first-frame';
import { defaultMaxMegapixels, pixelDecodes, preparePixels, type PixelLayout } from './prepare-pixels';

const fixtures = join(__dirname, '../../../../test/fixtures/images');
const pixelLayout = { width: 224, height: 224, cropFraction: 0.875, maxMegapixels: defaultMaxMegapixels };

interface Fixture {
  readonly file: string;
  readonly kind: string;
  readonly expected: string;
  readonly meanAbsoluteTolerance: number;
}

const { pictures } = JSON.parse(readFileSync(join(fixtures, 'fixtures.json'), 'utf8')) as { pictures: Fixture[] };

function fixture(file: string): Buffer {
  return readFileSync(join(fixtures, file));
}

async function reasonOf(encoded: Uint8Array): Promise<string> {
  try {
    await preparePixels(encoded, pixelLayout, 'image');
  } catch (error) {
    expect(error).toBeInstanceOf(TributaryError);
    expect((error as TributaryError).details.field).toBe('image');
    return (error as TributaryError).reason;
  }
  return 'accepted';
}

describe('preparePixels', () => {
  it.each(pictures)('makes the same pixels as the reference of: $kind ($file)', async (picture) => {
    const expected = await decoder(fixture(picture.expected)).removeAlpha().raw().toBuffer();
    const pixels = await preparePixels(fixture(picture.file), pixelLayout, 'image');
    expect(pixels).toHaveLength(expected.length);
    const sum = pixels.reduce((total, value, index) => total + Math.abs(value - expected[index]!), 0);
    expect(sum / pixels.length).toBeLessThanOrEqual(picture.meanAbsoluteTolerance);
  });

  it('refuses what is no picture, by its first bytes', async () => {
    expect(await reasonOf(new Uint8Array(0))).toBe('IMAGE_EMPTY');
    expect(await reasonOf(Buffer.from('hello, this is not a picture'))).toBe('IMAGE_UNSUPPORTED');
    expect(await reasonOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'))).toBe(
      'IMAGE_UNSUPPORTED',
    );
    expect(await reasonOf(Buffer.from('II*\0\x08\0\0\0', 'latin1'))).toBe('IMAGE_UNSUPPORTED');
  });

  it('refuses pictures that are cut off or damaged', async () => {
    const jpeg = fixture('jpeg.jpg');
    expect(await reasonOf(jpeg.subarray(0, Math.floor(jpeg.length * 0.6)))).toBe('IMAGE_CORRUPT');
    expect(await reasonOf(jpeg.subarray(0, 20))).toBe('IMAGE_CORRUPT');
    const png = fixture('odd.png');
    expect(await reasonOf(png.subarray(0, Math.floor(png.length / 2)))).toBe('IMAGE_CORRUPT');
    const webp = fixture('animated.webp');
    expect(await reasonOf(webp.subarray(0, 40))).toBe('IMAGE_CORRUPT');
  });

  it('case 14: refuses pictures of more than 25 megapixels before a pixel is decoded', async () => {
    const before = pixelDecodes();
    const bomb = deflateSync(Buffer.alloc(9000 * 9001));
    expect(await reasonOf(pngHeader(9000, 9000, bomb))).toBe('IMAGE_TOO_LARGE');
    expect(await reasonOf(pngHeader(60_000, 60_000))).toBe('IMAGE_TOO_LARGE');
    expect(pixelDecodes()).toBe(before);
  });

  it('accepts exactly 25 megapixels', async () => {
    const white = await decoder({ create: { width: 5000, height: 5000, channels: 3, background: '#fff' } })
      .png()
      .toBuffer();
    const pixels = await preparePixels(white, pixelLayout, 'image');
    expect(pixels.every((value) => value === 255)).toBe(true);
  });

  it('accepts a picture of one pixel', async () => {
    const red = await decoder({ create: { width: 1, height: 1, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const pixels = await preparePixels(red, pixelLayout, 'image');
    expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([255, 0, 0, 255, 0, 0]);
  });

  describe('a picture of a camera', () => {
    const small = { width: 32, height: 32, cropFraction: 1, maxMegapixels: defaultMaxMegapixels };
    /** Left half red, right half blue. */
    const halves = (width: number, height: number): Sharp =>
      decoder({ create: { width, height, channels: 3, background: '#00f' }, limitInputPixels: false }).composite([
        { input: { create: { width: width / 2, height, channels: 3, background: '#f00' } }, left: 0, top: 0 },
      ]);
    const pixelAt = (pixels: Uint8Array, x: number, y: number): number[] => [
      ...pixels.subarray((y * 32 + x) * 3, (y * 32 + x) * 3 + 3),
    ];
    const isNear = (pixel: readonly number[], colour: readonly number[]): boolean =>
      pixel.every((value, channel) => Math.abs(value - colour[channel]!) < 8);

    it.each([
      ['26 megapixels', 6240, 4160, {}],
      ['50 megapixels', 8160, 6144, {}],
      ['50 megapixels, progressive', 8160, 6144, { progressive: true }],
    ])('in JPEG of %s is seen as a small one is', async (_, width, height, options) => {
      const picture = halves(width, height);
      const pixels = await preparePixels(await picture.jpeg(options).toBuffer(), small, 'image');
      expect(isNear(pixelAt(pixels, 1, 16), [255, 0, 0])).toBe(true);
      expect(isNear(pixelAt(pixels, 30, 16), [0, 0, 255])).toBe(true);
      const reduced = await preparePixels(
        await halves(width / 8, height / 8)
          .jpeg()
          .toBuffer(),
        small,
        'image',
      );
      const difference = pixels.reduce((sum, value, index) => sum + Math.abs(value - reduced[index]!), 0);
      expect(difference / pixels.length).toBeLessThan(3);
    });

    it('in JPEG is turned as its orientation says', async () => {
      const turned = await halves(6240, 4160).withExif({}).withMetadata({ orientation: 6 }).jpeg().toBuffer();
      const pixels = await preparePixels(turned, small, 'image');
      expect(isNear(pixelAt(pixels, 16, 1), [255, 0, 0])).toBe(true);
      expect(isNear(pixelAt(pixels, 16, 30), [0, 0, 255])).toBe(true);
    });

    it('in JPEG of CMYK is seen in its colours', async () => {
      const inks = await halves(6240, 4160).toColourspace('cmyk').jpeg().toBuffer();
      const pixels = await preparePixels(inks, small, 'image');
      const [red, , blue] = pixelAt(pixels, 1, 16);
      expect(red!).toBeGreaterThan(blue! + 100);
    });

    it('is refused where it is too large even when it is shrunk, or where it cannot be shrunk so far', async () => {
      const jpeg = await halves(6240, 4160).jpeg().toBuffer();
      const before = pixelDecodes();
      const reason = async (layout: Partial<PixelLayout>): Promise<unknown> =>
        preparePixels(jpeg, { ...small, ...layout }, 'image').then(
          () => 'accepted',
          (error: unknown) => (error as TributaryError).reason,
        );
      expect(await reason({ maxMegapixels: 3 })).toBe('IMAGE_TOO_LARGE');
      expect(await reason({ width: 3000, height: 3000 })).toBe('IMAGE_TOO_LARGE');
      expect(pixelDecodes()).toBe(before);
      expect(await reason({ maxMegapixels: 4 })).toBe('accepted');
      expect(await reason({ width: 3000, height: 3000, maxMegapixels: 26 })).toBe('accepted');
    });

    it('in another format counts in full, and its limit is the one of the layout', async () => {
      const png = await halves(6240, 4160).png().toBuffer();
      await expect(preparePixels(png, small, 'image')).rejects.toMatchObject({ reason: 'IMAGE_TOO_LARGE' });
      const pixels = await preparePixels(png, { ...small, maxMegapixels: 26 }, 'image');
      expect(isNear(pixelAt(pixels, 1, 16), [255, 0, 0])).toBe(true);
    });

    it('is refused in progressive JPEG beyond what its coefficients may take', async () => {
      const header = progressiveHeader(await halves(64, 64).jpeg({ progressive: true }).toBuffer(), 10_000, 8000);
      await expect(preparePixels(header, small, 'image')).rejects.toMatchObject({ reason: 'IMAGE_TOO_LARGE' });
    });
  });

  describe('a first frame that leaves a part of its canvas free', () => {
    const layout = { width: 64, height: 64, cropFraction: 1, maxMegapixels: defaultMaxMegapixels };
    const white = [255, 255, 255];
    const red = [255, 0, 0];

    it.each([
      ['GIF', () => gifFrame(64, 64, { left: 10, top: 10, width: 20, height: 20 })],
      ['GIF without a palette for all', () => gifFrame(64, 64, { left: 10, top: 10, width: 20, height: 20 }, true)],
      ['WebP', () => webpFrame(64, 64, { left: 10, top: 10, width: 20, height: 20 })],
    ])('is seen over white, in %s', async (_, make) => {
      const pixels = await preparePixels(await make(), layout, 'image');
      const at = (x: number, y: number): number[] => [...pixels.subarray((y * 64 + x) * 3, (y * 64 + x) * 3 + 3)];
      for (const [x, y] of [
        [0, 0],
        [9, 15],
        [30, 15],
        [15, 9],
        [15, 30],
        [63, 63],
      ] as const)
        expect(at(x, y)).toEqual(white);
      for (const [x, y] of [
        [10, 10],
        [29, 29],
        [20, 20],
      ] as const)
        expect(at(x, y)).toEqual(red);
    });

    it('is cut off where it goes beyond the canvas', async () => {
      const pixels = await preparePixels(
        gifFrame(64, 64, { left: 50, top: 50, width: 14, height: 14 }),
        layout,
        'image',
      );
      expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([...white, ...red]);
    });

    it('is refused where its blocks end before it', async () => {
      const whole = gifFrame(64, 64, { left: 10, top: 10, width: 20, height: 20 });
      for (const length of [12, 20, 26, 30, 40])
        expect(await reasonOf(whole.subarray(0, length))).toBe('IMAGE_CORRUPT');
    });
  });
});

/** A JPEG whose frame header claims another size; the rest is as it was. */
function progressiveHeader(jpeg: Buffer, width: number, height: number): Buffer {
  const changed = Buffer.from(jpeg);
  const frameHeader = changed.indexOf(Buffer.from([0xff, 0xc2]));
  changed.writeUInt16BE(height, frameHeader + 5);
  changed.writeUInt16BE(width, frameHeader + 7);
  return changed;
}

/** A GIF of one red frame on a canvas, uncompressed: every pixel behind a code that clears the table. */
function gifFrame(width: number, height: number, frame: Frame, ownPalette = false): Buffer {
  const palette = [0, 0, 255, 255, 0, 0, 0, 255, 0, 255, 255, 0];
  const codes = Array.from({ length: frame.width * frame.height }, () => [4, 1]).flat();
  const bits = [...codes, 5].map((code) => code.toString(2).padStart(3, '0').split('').reverse().join('')).join('');
  const data = Buffer.from(
    bits.match(/.{1,8}/g)!.map((byte) => parseInt(byte.padEnd(8, '0').split('').reverse().join(''), 2)),
  );
  const blocks = Array.from({ length: Math.ceil(data.length / 255) }, (_, index) => {
    const block = data.subarray(index * 255, (index + 1) * 255);
    return Buffer.concat([Buffer.of(block.length), block]);
  });
  const words = (...values: number[]): Buffer => Buffer.from(Uint16Array.from(values).buffer);
  const comment = Buffer.from([0x21, 0xfe, 3, 0x2c, 0x2c, 0x2c, 0]);
  return Buffer.concat([
    Buffer.from('GIF89a'),
    words(width, height),
    Buffer.from(ownPalette ? [0, 0, 0] : [0x81, 0, 0, ...palette]),
    comment,
    Buffer.of(0x2c),
    words(frame.left, frame.top, frame.width, frame.height),
    Buffer.from(ownPalette ? [0x81, ...palette, 2] : [0, 2]),
    ...blocks,
    Buffer.of(0, 0x3b),
  ]);
}

/** An animated WebP of one red frame on a canvas. */
async function webpFrame(width: number, height: number, frame: Frame): Promise<Buffer> {
  const size = { width: frame.width, height: frame.height };
  const still = await decoder({ create: { ...size, channels: 3, background: '#f00' } })
    .webp({ lossless: true })
    .toBuffer();
  const chunk = (name: string, content: Buffer): Buffer => {
    const length = Buffer.alloc(4);
    length.writeUInt32LE(content.length);
    return Buffer.concat([Buffer.from(name), length, content, Buffer.alloc(content.length % 2)]);
  };
  const int24 = (...values: number[]): Buffer =>
    Buffer.from(values.flatMap((value) => [value & 255, (value >> 8) & 255, value >> 16]));
  const header = chunk('VP8X', Buffer.concat([Buffer.of(2, 0, 0, 0), int24(width - 1, height - 1)]));
  const animation = chunk('ANIM', Buffer.from([0, 0, 0, 255, 0, 0]));
  const place = int24(frame.left / 2, frame.top / 2, frame.width - 1, frame.height - 1, 100);
  const body = chunk('ANMF', Buffer.concat([place, Buffer.of(0), still.subarray(12)]));
  return Buffer.concat([chunk('RIFF', Buffer.concat([Buffer.from('WEBP'), header, animation, body]))]);
}
