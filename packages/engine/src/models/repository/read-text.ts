import { decodeUtf8, refusal } from '@tributary/contract';
import { repeatedKey } from './repeated-key';

/**
 * The text of a file in UTF-8, without its byte order mark.
 * @param file its name, for the refusal
 * @throws TributaryError MODEL_FILE_INVALID naming the line that is no UTF-8, or UTF-16 where it begins with its mark
 */
export function decodeText(bytes: Uint8Array, file: string): string {
  const decoded = decodeUtf8(bytes);
  if ('problem' in decoded) throw refusal('MODEL_FILE_INVALID', { file, problem: decoded.problem });
  return decoded.text;
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

function lineAt(text: string, position: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < position; at = text.indexOf('\n', at + 1)) line++;
  return line;
}
