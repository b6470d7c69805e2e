import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { pictureFormat } from './picture-format';

const fixtures = join(__dirname, '../../../../test/fixtures/images');

describe('pictureFormat', () => {
  it.each([
    ['jpeg.jpg', 'JPEG'],
    ['odd.png', 'PNG'],
    ['animated.webp', 'WebP'],
    ['animated.gif', 'GIF'],
  ])('knows %s', (file, format) => {
    expect(pictureFormat(readFileSync(join(fixtures, file)))).toBe(format);
  });

  it('knows nothing else', () => {
    for (const text of [
      '',
      'RIFF',
      'RIFF1234WAVE',
      'GIF90a',
      '%PDF-1.7',
      '<svg/>',
      'BM',
      'II*\0',
      '\0\0\0\x18ftypavif',
    ]) {
      expect(pictureFormat(Buffer.from(text, 'latin1'))).toBeUndefined();
    }
  });
});
