import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printable, printableMessage, printableNames, printableShape } from './printable';

describe('printable', () => {
  it('keeps ordinary text of any script', () => {
    expect(printable('détail 東京 😀')).toBe('détail 東京 😀');
  });

  it('replaces line ends, controls, direction marks and halves of pairs', () => {
    expect(printable('a\nb\0c\u202ed\u2028e\ud83d')).toBe('a?b?c?d?e?');
  });

  it('caps long values without cutting a pair in two', () => {
    expect(printable(`${'a'.repeat(63)}😀`)).toBe(`${'a'.repeat(63)}...`);
    expect(printable(`${'a'.repeat(62)}😀b`)).toBe(`${'a'.repeat(62)}😀...`);
  });

  it('makes a well-formed text of at most 67 units out of anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (value) => {
        const shown = printable(value);
        expect(shown.length).toBeLessThanOrEqual(67);
        expect(() => encodeURI(shown)).not.toThrow();
        expect(shown).not.toMatch(/[\r\n]/);
      }),
    );
  });

  it('bounds whole messages, lists of names and shapes', () => {
    expect(printableMessage('x'.repeat(5000))).toHaveLength(1024);
    expect(printableNames(['a', 'b\n'])).toBe("['a','b?']");
    expect(printableNames(Array<string>(1000).fill('n')).length).toBeLessThan(100);
    expect(printableShape([1, -1, 3])).toBe('[1,-1,3]');
    expect(printableShape(Array<number>(10_000).fill(1)).length).toBeLessThan(50);
  });
});
