import { describe, expect, it } from '@jest/globals';
import { centreSquare } from './crop';

describe('centreSquare', () => {
  it('takes the fraction of the shorter side from the middle', () => {
    expect(centreSquare(600, 400, 0.875)).toEqual({ left: 125, top: 25, side: 350 });
    expect(centreSquare(400, 600, 0.875)).toEqual({ left: 25, top: 125, side: 350 });
  });

  it('rounds the corner to the nearest pixel, halves up', () => {
    expect(centreSquare(10, 10, 0.5)).toEqual({ left: 3, top: 3, side: 5 });
  });

  it('always lies inside the picture and has a pixel', () => {
    for (let width = 1; width < 40; width++) {
      for (const fraction of [0.1, 0.875, 1]) {
        const { left, top, side } = centreSquare(width, 17, fraction);
        expect(side).toBeGreaterThanOrEqual(1);
        expect(left + side).toBeLessThanOrEqual(width);
        expect(top + side).toBeLessThanOrEqual(17);
      }
    }
  });
});
