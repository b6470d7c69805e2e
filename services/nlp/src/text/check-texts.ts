import { refusal } from '../refusals';

/** Most texts of one call. */
export const maxTexts = 256;

/** Longest text, in bytes of UTF-8: 64 KiB. */
export const maxTextBytes = 64 * 1024;

/** Refuses what must not reach a tokenizer: TEXT_MISSING, TEXT_TOO_MANY, TEXT_TOO_LONG. */
export function checkTexts(texts: readonly string[]): void {
  if (texts.length === 0) throw refusal('TEXT_MISSING', {}, { field: 'texts' });
  if (texts.length > maxTexts) {
    throw refusal('TEXT_TOO_MANY', { expected: maxTexts, got: texts.length }, { field: 'texts' });
  }
  texts.forEach((text, index) => {
    const bytes = Buffer.byteLength(text);
    if (bytes > maxTextBytes) {
      throw refusal('TEXT_TOO_LONG', { index, expected: maxTextBytes, got: bytes }, { field: `texts[${index}]` });
    }
  });
}
