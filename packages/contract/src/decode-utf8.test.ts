import { describe, expect, it } from '@jest/globals';
import { decodeUtf8 } from './decode-utf8';

describe('decodeUtf8', () => {
  it.each([
    ['text', 'caf\u00e9\n\ud83d\ude00'],
    ['no bytes', ''],
    ['a mark that stands inside', 'a\ufeffb'],
    ['NUL', 'a\0b'],
  ])('gives %s as it is', (_, text) => {
    expect(decodeUtf8(Buffer.from(text))).toEqual({ text });
  });

  it('takes one byte order mark from the front, of a view too', () => {
    const bytes = Buffer.from('..\ufeff\ufeffa..');
    expect(decodeUtf8(bytes.subarray(2, -2))).toEqual({ text: '\ufeffa' });
  });

  it.each([
    ['Latin-1', [0x61, 0x0a, 0xe9, 0x0a], 'line 2 is not valid UTF-8'],
    ['a character that is cut off', [0x0a, 0x0a, 0xe2, 0x82], 'line 3 is not valid UTF-8'],
    ['half of a surrogate pair', [0xed, 0xa0, 0x80], 'line 1 is not valid UTF-8'],
    ['a longer form than needed', [0xc0, 0x80], 'line 1 is not valid UTF-8'],
    ['UTF-16, little-endian', [0xff, 0xfe, 0x61, 0x00], 'it is UTF-16; expected UTF-8'],
    ['UTF-16, big-endian', [0xfe, 0xff, 0x00, 0x61], 'it is UTF-16; expected UTF-8'],
  ])('says what is wrong with %s', (_, bytes, problem) => {
    expect(decodeUtf8(Uint8Array.from(bytes))).toEqual({ problem });
  });
});
