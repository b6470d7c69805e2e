import { describe, expect, it } from '@jest/globals';
import { resampleBicubic } from './resample';

const size = (side: number): { width: number; height: number } => ({ width: side, height: side });

describe('resampleBicubic', () => {
  it('leaves a picture of the right size as it is', () => {
    const pixels = Uint8Array.from({ length: 4 * 4 * 3 }, (_, index) => (index * 37) % 256);
    expect(resampleBicubic(pixels, size(4), size(4))).toEqual(pixels);
  });

  it('keeps an even colour even, to the border', () => {
    const pixels = new Uint8Array(5 * 5 * 3).fill(200);
    expect(resampleBicubic(pixels, size(5), size(17)).every((value) => value === 200)).toBe(true);
    expect(resampleBicubic(pixels, size(5), { width: 2, height: 9 }).every((value) => value === 200)).toBe(true);
  });

  it('enlarges a picture to its mirror image where the picture is one', () => {
    // 0 100 200 mirrored is 200 100 0: half a pixel of shift would show.
    const row = [0, 100, 200].flatMap((value) => [value, value, value]);
    const forward = resampleBicubic(Uint8Array.from([...row, ...row, ...row]), size(3), size(12));
    const mirrored = [...row].reverse();
    const backward = resampleBicubic(Uint8Array.from([...mirrored, ...mirrored, ...mirrored]), size(3), size(12));
    const line = (pixels: Uint8Array): number[] => Array.from({ length: 12 }, (_, x) => pixels[x * 3]!);
    expect(line(backward).reverse()).toEqual(line(forward));
    expect(line(forward)[0]).toBeLessThan(10);
  });
});
