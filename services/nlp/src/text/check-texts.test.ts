import { describe, expect, it } from '@jest/globals';
import { TributaryError } from '@tributary/contract';
import { checkTexts, maxTextBytes, maxTexts } from './check-texts';

function refusalOf(texts: string[]): { reason: string; field: string | undefined } {
  try {
    checkTexts(texts);
  } catch (error) {
    if (error instanceof TributaryError) return { reason: error.reason, field: error.details.field };
    throw error;
  }
  throw new Error('was not refused');
}

describe('checkTexts', () => {
  it('takes as many and as long texts as it says', () => {
    expect(() => checkTexts(new Array<string>(maxTexts).fill('a'))).not.toThrow();
    expect(() => checkTexts(['a'.repeat(maxTextBytes)])).not.toThrow();
  });

  it('counts bytes of UTF-8, not characters', () => {
    expect(refusalOf(['ok', '字'.repeat(maxTextBytes / 3 + 1)])).toEqual({
      reason: 'TEXT_TOO_LONG',
      field: 'texts[1]',
    });
  });

  it('refuses no text and too many', () => {
    expect(refusalOf([])).toEqual({ reason: 'TEXT_MISSING', field: 'texts' });
    expect(refusalOf(new Array<string>(maxTexts + 1).fill('a'))).toEqual({ reason: 'TEXT_TOO_MANY', field: 'texts' });
  });
});
