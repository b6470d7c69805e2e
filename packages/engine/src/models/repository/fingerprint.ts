import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** Files beside the version folders that decide how a version is served. */
const settingsFiles = ['model.json', 'plan.json'];

/**
 * A text that is another one when a file of the version, or the settings of its model, were replaced or written anew. Contents are not
 * read: size, time and inode tell.
 */
export async function fingerprintOf(folder: string): Promise<string> {
  const names = await readdir(folder, { recursive: true }).catch(() => []);
  const files = [
    ...names.sort().map((name) => join(folder, name)),
    ...settingsFiles.map((name) => join(dirname(folder), name)),
  ];
  const marks = await Promise.all(
    files.map(async (file) => {
      const found = await stat(file, { bigint: true }).catch(() => undefined);
      return found === undefined ? `${file} is missing` : `${file} ${found.size} ${found.mtimeNs} ${found.ino}`;
    }),
  );
  return marks.join('\n');
}
