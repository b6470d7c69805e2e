import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { ProcessGroup } from '../process/process-group';
import type { Progress } from '../progress';
import { peerFolder, type Peer } from './peer';

/** An environment counts as installed only under its final name, which it gets when everything is in it. */
const readyName = 'bin/python';

/**
 * Installs a peer's pinned packages into a virtual environment outside the repository, once per list of packages, and returns
 * its Python. Fails with one line.
 */
export async function installPeer(group: ProcessGroup, peer: Peer, root: string, progress: Progress): Promise<string> {
  const requirements = join(peerFolder(root), `${peer.name}.txt`);
  const list = await readFile(requirements, 'utf8');
  const folder = join(cacheFolder(), `${peer.name}-${createHash('sha256').update(list).digest('hex').slice(0, 16)}`);
  const python = join(folder, readyName);
  if (existsSync(python)) return python;
  const packages = list.split('\n').filter((line) => line.includes('==')).length;
  // The environment, then every package twice: found and, all at once, installed.
  progress.start(`installing ${peer.title}`, packages + 2);
  const failed = (why: string): Error => new Error(`${peer.title} could not be installed: ${why}`);
  try {
    await rm(folder, { recursive: true, force: true });
    await mkdir(dirname(folder), { recursive: true });
    const base = await firstPython(group, peer.pythons);
    if (base === undefined) throw failed(`no Python with venv among ${peer.pythons.join(', ')}`);
    // Scripts in an environment hold its path, so it is made in place; the interpreter is moved in last.
    const made = await run(group, base, ['-m', 'venv', folder]);
    if (made.code !== 0) throw failed(made.lastLine);
    const hidden = join(folder, 'bin/python-incomplete');
    await rename(python, hidden);
    progress.step('environment');
    const pip = ['-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '--progress-bar=off'];
    const installed = await run(group, hidden, [...pip, '--no-deps', '-r', requirements], (line) => {
      const found = /^Collecting (\S+)/.exec(line)?.[1];
      if (found !== undefined) progress.step(found);
      if (line.startsWith('Installing')) progress.note('unpacking');
    });
    if (installed.code !== 0) throw failed(installed.lastLine);
    await rename(hidden, python);
    progress.step('done');
    return python;
  } finally {
    progress.end();
  }
}

function cacheFolder(): string {
  return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tributary-bench/peers');
}

/** The first that runs and can make environments. */
async function firstPython(group: ProcessGroup, candidates: readonly string[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    if ((await run(group, candidate, ['-c', 'import venv, ensurepip'])).code === 0) return candidate;
  }
  return undefined;
}

interface Outcome {
  readonly code: number;
  /** What it said last on standard error, or on standard output where that was silent. */
  readonly lastLine: string;
}

function run(
  group: ProcessGroup,
  command: string,
  args: readonly string[],
  onLine: (line: string) => void = () => undefined,
): Promise<Outcome> {
  return new Promise((resolve) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    group.add(command, child);
    const last = { out: '', error: '' };
    createInterface({ input: child.stdout }).on('line', (line) => {
      last.out = line;
      onLine(line);
    });
    createInterface({ input: child.stderr }).on('line', (line) => (last.error = line.trim() || last.error));
    child.once('error', (error) => resolve({ code: 1, lastLine: error.message }));
    child.once('close', (code) => resolve({ code: code ?? 1, lastLine: last.error || last.out }));
  });
}
