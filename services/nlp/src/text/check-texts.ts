import { refusal } from '../refusals';

/** Most texts of one call. */
export const MAX_TEXTS = 256;

/** Longest text, in bytes of UTF-8: 64 KiB. */
export const MAX_TEXT_BYTES = 64 * 1024;

/** Refuses what must not reach a tokenizer: TEXT_MISSING, TEXT_TOO_MANY, TEXT_TOO_LONG. */
export function checkTexts(texts: readonly string[]): void {
  if (texts.length === 0) throw refusal('TEXT_MISSING', {}, { field: 'texts' });
  if (texts.length > MAX_TEXTS) {
    throw refusal('TEXT_TOO_MANY', { expected: MAX_TEXTS, got: texts.length }, { field: 'texts' });
  }
  texts.forEach((text, index) => {
    const bytes = Buffer.byteLength(text);
    if (bytes > MAX_TEXT_BYTES) {
      throw refusal('TEXT_TOO_LONG', { index, expected: MAX_TEXT_BYTES, got: bytes }, { field: `texts[${index}]` });
    }
  });
}
