import { describe, expect, it } from '@jest/globals';
import { makeSentences } from './sentences';

describe('makeSentences', () => {
  it('makes the same sentences for the same seed', () => {
    expect(makeSentences(20, 3)).toEqual(makeSentences(20, 3));
    expect(makeSentences(20, 3)).not.toEqual(makeSentences(20, 4));
  });

  it('mixes lengths from 3 to 60 words, half of them below 15', () => {
    const lengths = makeSentences(500, 1).map((sentence) => sentence.split(' ').length);
    expect(Math.min(...lengths)).toBe(3);
    expect(Math.max(...lengths)).toBeGreaterThan(55);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(60);
    expect(lengths.filter((length) => length < 15).length).toBeGreaterThan(220);
    expect(lengths.filter((length) => length < 15).length).toBeLessThan(300);
  });
});
