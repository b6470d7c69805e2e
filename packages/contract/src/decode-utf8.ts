import { isUtf8 } from 'node:buffer';

const utf8Mark = [0xef, 0xbb, 0xbf];
const utf16Marks = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/**
 * Reads bytes as UTF-8, without the byte order mark that editors on Windows put in front.
 * @returns the text; or what is wrong with the bytes, as the end of a sentence that begins with the file: nothing is replaced
 */
export function decodeUtf8(bytes: Uint8Array): { readonly text: string } | { readonly problem: string } {
  if (utf16Marks.some((mark) => startsWith(bytes, mark))) return { problem: 'it is UTF-16; expected UTF-8' };
  const start = startsWith(bytes, utf8Mark) ? utf8Mark.length : 0;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.byteLength - start);
  if (isUtf8(content)) return { text: content.toString('utf8') };
  return { problem: `line ${firstFaultyLine(content)} is not valid UTF-8` };
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** From 1. A line end is never part of another character, so each line can be judged on its own. */
function firstFaultyLine(content: Buffer): number {
  let line = 1;
  for (let start = 0; ; line++) {
    const lineEnd = content.indexOf(0x0a, start);
    if (lineEnd === -1 || !isUtf8(content.subarray(start, lineEnd))) return line;
    start = lineEnd + 1;
  }
}
