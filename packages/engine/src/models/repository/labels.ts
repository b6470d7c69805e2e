import { refusal } from '@tributary/contract';
import type { TensorSpec } from '../../engine';
import type { RepositoryVersion } from './scan-repository';
import { readVersionText } from './version-files';

/**
 * The labels of the version: line i is index i. Empty where model.json names no file. The same label may stand in several lines.
 * @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID
 */
export async function readLabels({ folder, settings }: RepositoryVersion): Promise<readonly string[]> {
  const { labels: file } = settings;
  if (file === undefined) return [];
  const text = await readVersionText(folder, file);
  if (text.trim() === '') throw refusal('MODEL_FILE_INVALID', { file, problem: 'it has no labels' });
  const labels = text.replace(/(\r\n|\n|\r)$/, '').split(/\r\n|\n|\r/);
  const faulty = labels.findIndex((label) => label.includes('\0'));
  if (faulty !== -1)
    throw refusal('MODEL_FILE_INVALID', { file, problem: `line ${faulty + 1} has a NUL character; expected text` });
  return labels;
}

/**
 * Compares the number of labels with the classes of the outputs, where all of those are known.
 * @param batched the first dimension of the outputs counts rows
 * @throws TributaryError MODEL_CONFIG_INVALID where no output has as many classes as there are labels
 */
export function checkLabels(labels: readonly string[], outputs: readonly TensorSpec[], batched: boolean): void {
  if (labels.length === 0) return;
  const classified = outputs.filter(({ shape }) => shape.length > (batched ? 1 : 0));
  const counts = classified.map(({ shape }) => shape.at(-1)!);
  if (counts.length === 0 || counts.includes(-1) || counts.includes(labels.length)) return;
  const found = classified.map(({ name }, index) => `output '${name}' has ${counts[index]} classes`).join(', ');
  throw refusal('MODEL_CONFIG_INVALID', { problem: `there are ${labels.length} labels, but ${found}` });
}
