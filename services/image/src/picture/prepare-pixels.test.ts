import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { TributaryError } from '@tributary/contract';
import { decoder } from './decoder';
import { pngHeader } from '../test/png-header';
import { defaultMaxMegapixels, pixelDecodes, preparePixels } from './prepare-pixels';

const FIXTURES = join(__dirname, '../../../../test/fixtures/images');
const LAYOUT = { width: 224, height: 224, cropFraction: 0.875, maxMegapixels: defaultMaxMegapixels };

interface Fixture {
  readonly file: string;
  readonly kind: string;
  readonly expected: string;
  readonly meanAbsoluteTolerance: number;
}

const { pictures } = JSON.parse(readFileSync(join(FIXTURES, 'fixtures.json'), 'utf8')) as { pictures: Fixture[] };

function fixture(file: string): Buffer {
  return readFileSync(join(FIXTURES, file));
}

async function reasonOf(encoded: Uint8Array): Promise<string> {
  try {
    await preparePixels(encoded, LAYOUT, 'image');
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
    const pixels = await preparePixels(fixture(picture.file), LAYOUT, 'image');
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
    const pixels = await preparePixels(white, LAYOUT, 'image');
    expect(pixels.every((value) => value === 255)).toBe(true);
  });

  it('accepts a picture of one pixel', async () => {
    const red = await decoder({ create: { width: 1, height: 1, channels: 3, background: '#f00' } })
      .png()
      .toBuffer();
    const pixels = await preparePixels(red, LAYOUT, 'image');
    expect([...pixels.subarray(0, 3), ...pixels.subarray(-3)]).toEqual([255, 0, 0, 255, 0, 0]);
  });
});
