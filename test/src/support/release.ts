import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './paths';

const run = promisify(execFile);

/** The commit that the changelog records for version 0.1.0. */
const releaseCommit = '0c7d0a40bbf317846af620016cd88b43ff0a2b64';

/** Whether this clone has the commit of the release; shallow clones do not. */
export const hasRelease = spawnSync('git', ['cat-file', '-e', `${releaseCommit}^{commit}`], { cwd: root }).status === 0;

/**
 * Version 0.1.0 as it was released, installed and built by its own set-up command.
 * @returns its folder, which is kept for later runs
 */
export async function installRelease(): Promise<string> {
  const cache = process.env.CI_TOOLS ?? join(homedir(), '.cache/tributary-ci');
  const folder = join(cache, `release-${releaseCommit}`);
  // It counts as installed only under its final mark: a set-up that was cut off is made anew.
  const mark = join(folder, 'ready');
  if (existsSync(mark)) return folder;
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const archive = `${folder}.tar`;
  await run('git', ['archive', '--output', `${archive}.part`, releaseCommit], { cwd: root });
  await rename(`${archive}.part`, archive);
  await run('tar', ['-x', '-f', archive, '-C', folder]);
  await rm(archive);
  await run('npm', ['run', 'setup'], { cwd: folder, maxBuffer: 1 << 26 });
  await writeFile(mark, '');
  return folder;
}
