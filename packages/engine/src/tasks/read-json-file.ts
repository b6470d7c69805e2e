import { refusal } from '@tributary/contract';
import type { z } from 'zod';
import { describeIssues } from '../models/repository/model-settings';
import { decodeText, parseJson } from '../models/repository/read-text';
import type { TaskModelFiles } from './task';

/**
 * Reads a JSON file of a model's version folder.
 * @param schema what its value must be
 * @throws TributaryError MODEL_FILE_MISSING; MODEL_FILE_INVALID saying where the file is not what was expected
 */
export async function readJsonFile<T>(
  files: Pick<TaskModelFiles<unknown>, 'readFile'>,
  name: string,
  schema: z.ZodType<T>,
): Promise<T> {
  const value = parseJson(decodeText(await files.readFile(name), name), name);
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw refusal('MODEL_FILE_INVALID', { file: name, problem: describeIssues(result.error.issues) });
}
