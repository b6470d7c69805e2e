import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { elementCount } from './shape';

describe('elementCount', () => {
  it.each([
    [[], 1],
    [[0], 0],
    [[1, 224, 224, 3], 150_528],
    [[5, 0, 7], 0],
    [[2 ** 31 - 1], 2 ** 31 - 1],
    [Array<number>(32).fill(1), 1],
  ])('counts %j', (shape, count) => {
    expect(elementCount(shape)).toBe(count);
  });

  it.each([
    [[-1]],
    [[2 ** 31]],
    [[65_536, 65_536, 65_536, 65_536]],
    [[2 ** 32, 0]],
    [[0, 2 ** 32]],
    [[0, -1]],
    [Array<number>(10_000).fill(1)],
    [[1.5]],
    [[Number.NaN]],
    [[Number.POSITIVE_INFINITY]],
  ])('case 6: knows that no tensor has the shape %j', (shape) => {
    expect(elementCount(shape)).toBeUndefined();
  });

  it('agrees with exact arithmetic', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 31 - 1 }), { maxLength: 5 }), (shape) => {
        const exact = shape.reduce((product, dimension) => product * BigInt(dimension), 1n);
        expect(elementCount(shape)).toBe(exact < 2n ** 31n ? Number(exact) : undefined);
      }),
    );
  });
});
