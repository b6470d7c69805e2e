import { isUtf8 } from 'node:buffer';
import { refusal } from '@tributary/contract';
import { repeatedKey } from './repeated-key';

const utf8Mark = [0xef, 0xbb, 0xbf];
const utf16Marks = [
  [0xff, 0xfe],
  [0xfe, 0xff],
];

/**
 * The text of a file in UTF-8, without its byte order mark.
 * @param file its name, for the refusal
 * @throws TributaryError MODEL_FILE_INVALID naming the line that is no UTF-8, or UTF-16 where it begins with its mark
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  if (utf16Marks.some((mark) => startsWith(bytes, mark)))
    throw refusal('MODEL_FILE_INVALID', { file, problem: 'it is UTF-16; expected UTF-8' });
  const start = startsWith(bytes, utf8Mark) ? utf8Mark.length : 0;
  const content = Buffer.from(bytes.buffer, bytes.byteOffset + start, bytes.byteLength - start);
  if (!isUtf8(content)) {
    const problem = `line ${firstFaultyLine(content)} is not valid UTF-8`;
    throw refusal('MODEL_FILE_INVALID', { file, problem });
  }
  return content.toString('utf8');
}

/**
 * The value of a JSON text.
 * @param file name of the file, for the refusal
 * @throws TributaryError MODEL_FILE_INVALID where it is no JSON, or an object in it has the same key twice: one of the two values
 *   would vanish without a word
 */
export function parseJson(text: string, file: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch (error) {
    const position = /position (\d+)/.exec((error as Error).message)?.[1];
    const line = position === undefined ? '' : ` (line ${lineAt(text, Number(position))})`;
    const problem = text.trim() === '' ? 'it is empty; expected JSON' : `it is not JSON${line}`;
    throw refusal('MODEL_FILE_INVALID', { file, problem }, {}, { cause: error });
  }
  const repeated = repeatedKey(text);
  if (repeated === undefined) return value;
  const problem = `the key ${JSON.stringify(repeated.key)} stands twice in one object (line ${lineAt(text, repeated.position)})`;
  throw refusal('MODEL_FILE_INVALID', { file, problem });
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, index) => bytes[index] === byte);
}

/** From 1. A line end is never part of another character, so each line can be judged on its own. */
function firstFaultyLine(content: Buffer): number {
  let line = 1;
  for (let start = 0; start < content.length; line++) {
    const lineEnd = content.indexOf(0x0a, start);
    const end = lineEnd === -1 ? content.length : lineEnd;
    if (!isUtf8(content.subarray(start, end))) return line;
    start = end + 1;
  }
  return line;
}

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
