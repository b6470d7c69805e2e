import { expect, it } from '@jest/globals';
import Long from 'long';
import { toBigInt } from './int64';

it('a 64-bit field stays exact as a bigint', () => {
  expect(toBigInt(Long.fromString('9007199254740993', true))).toBe(9_007_199_254_740_993n);
  expect(toBigInt(7)).toBe(7n);
});
