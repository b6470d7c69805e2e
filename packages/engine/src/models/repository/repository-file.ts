import type { Stats } from 'node:fs';
import { constants } from 'node:fs';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { dirname, isAbsolute, join, relative, sep } from 'node:path';
import { refusal, type TributaryError } from '@tributary/contract';
import { decodeText } from './read-text';

/** Most bytes of a text file. */
const maxTextBytes = 256 * 2 ** 20;
/** Most links on the way to one file, as Linux has it. */
const maxLinks = 40;
/** Longest wait for one answer of a file system. A share whose server is gone may never give one. */
const answerTimeoutMs = 10_000;

/** Where the snapshots of Hugging Face's cache have their files: links into a folder beside `snapshots`. */
const hubSnapshot = /[/\\]models--[^/\\]+[/\\]snapshots[/\\][^/\\]+$/;

/** A file that is there, by the path given, and what it is. */
export interface FoundFile {
  /** The path as given: what lies beside a link belongs to it, and a path through another process's root leads nowhere else. */
  readonly path: string;
  /** The path without links below the repository. */
  readonly realPath: string;
  readonly stats: Stats;
}

/**
 * Follows the links of a path below a repository, one by one, and looks at what is at its end.
 * The repository's own path is taken as it is: it may lead through `/proc/<pid>/root` to files that have another real path here.
 * @param repository path of the repository as given
 * @param path a path below it
 * @param file name of the file or folder, for the refusal
 * @throws TributaryError MODEL_FILE_MISSING; MODEL_FILE_INVALID for a link that leads out of the repository, to nothing or in a
 *   circle, and for what cannot be read
 */
export async function findFile(repository: string, path: string, file: string): Promise<FoundFile> {
  try {
    const realPath = await resolveLinks(fenceOf(repository), path, file);
    return { path, realPath, stats: await timely(stat(path)) };
  } catch (error) {
    throw fileFault(file, error);
  }
}

/** As findFile, but what is found must be a file that can be read to its end: no folder, pipe, socket or device. */
export async function findRegularFile(repository: string, path: string, file: string): Promise<FoundFile> {
  const found = await findFile(repository, path, file);
  if (!found.stats.isFile())
    throw refusal('MODEL_FILE_INVALID', { file, problem: `it is a ${kindOf(found.stats)}; expected a file` });
  return found;
}

/**
 * The text of a file of a repository; see findRegularFile and decodeText.
 * @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID
 */
export async function readTextFile(repository: string, path: string, file: string): Promise<string> {
  return decodeText(await readWholeFile(repository, path, file, maxTextBytes), file);
}

/**
 * The bytes of a file of a repository.
 * @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID
 */
export async function readWholeFile(
  repository: string,
  path: string,
  file: string,
  maxBytes = Infinity,
): Promise<Buffer> {
  const { stats } = await findRegularFile(repository, path, file);
  if (stats.size > maxBytes) {
    const problem = `it has ${stats.size} bytes; at most ${maxBytes} are read`;
    throw refusal('MODEL_FILE_INVALID', { file, problem });
  }
  try {
    // Should a pipe have taken the file's place meanwhile, opening does not wait for its writer.
    const handle = await timely(open(path, constants.O_RDONLY | constants.O_NONBLOCK));
    try {
      return await timely(handle.readFile());
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw fileFault(file, error);
  }
}

/** Waits for an answer of the file system, and no longer than `answerTimeoutMs`. */
export async function timely<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(Object.assign(new Error('the file system does not answer'), { code: 'ETIMEDOUT' })),
      answerTimeoutMs,
    );
  });
  try {
    return await Promise.race([answer, silence]);
  } finally {
    clearTimeout(timer);
  }
}

/** What a folder entry is, in a word. */
export function kindOf(stats: Stats): string {
  if (stats.isDirectory()) return 'folder';
  if (stats.isFIFO()) return 'pipe';
  if (stats.isSocket()) return 'socket';
  if (stats.isCharacterDevice() || stats.isBlockDevice()) return 'device';
  return 'file';
}

/** The refusal for an error of the file system; one that is a refusal already stays. */
export function fileFault(file: string, error: unknown): TributaryError {
  const { code } = error as NodeJS.ErrnoException;
  if (code === undefined) return error as TributaryError;
  if (code === 'ENOENT' || code === 'ENOTDIR') return refusal('MODEL_FILE_MISSING', { file });
  return refusal('MODEL_FILE_INVALID', { file, problem: problems.get(code) ?? 'it cannot be read' }, {}, { cause: error });
}

const problems: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'it may not be read by this process (permission denied)'],
  ['EPERM', 'it may not be read by this process (permission denied)'],
  ['ELOOP', 'it is a link that leads to itself'],
  ['EIO', 'it cannot be read: the disk or share fails'],
  ['ESTALE', 'it cannot be read: the share has lost it'],
  ['ETIMEDOUT', 'it cannot be read: its disk or share does not answer'],
  ['EHOSTDOWN', 'it cannot be read: its disk or share does not answer'],
  ['ENOTCONN', 'it cannot be read: its share is not connected'],
]);

/** The folder that no link may lead out of. */
function fenceOf(repository: string): string {
  return hubSnapshot.test(repository) ? dirname(dirname(repository)) : repository;
}

async function resolveLinks(fence: string, path: string, file: string): Promise<string> {
  let real = fence;
  let links = 0;
  const coming = relative(fence, path).split(sep).reverse();
  const outside = (): TributaryError =>
    refusal('MODEL_FILE_INVALID', { file, problem: 'it is a link to outside of the repository' });
  while (coming.length > 0) {
    const name = coming.pop()!;
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (real === fence) throw outside();
      real = dirname(real);
      continue;
    }
    const next = join(real, name);
    const target = await linkTarget(next, links > 0, file);
    if (target === undefined) {
      real = next;
      continue;
    }
    if (++links > maxLinks) throw Object.assign(new Error('too many links'), { code: 'ELOOP' });
    let rest = target;
    if (isAbsolute(target)) {
      const below = await partBelow(fence, target);
      if (below === undefined) throw outside();
      real = fence;
      rest = below;
    }
    coming.push(...rest.split(sep).reverse());
  }
  return real;
}

/** Where a link leads; undefined for what is none. */
async function linkTarget(path: string, cameByLink: boolean, file: string): Promise<string | undefined> {
  try {
    return await timely(readlink(path));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EINVAL') return undefined;
    if (code === 'ENOENT' && cameByLink)
      throw refusal('MODEL_FILE_INVALID', { file, problem: 'it is a link to nothing' }, {}, { cause: error });
    throw error;
  }
}

/** The part of an absolute path below a folder, by the folder's given path or its real one; undefined where it is elsewhere. */
async function partBelow(folder: string, path: string): Promise<string | undefined> {
  for (const start of [folder, await ownRealPath(folder)])
    if (start !== undefined && (path === start || path.startsWith(start + sep))) return path.slice(start.length + 1);
  return undefined;
}

/** The real path of a folder; undefined where that names another one here, as it does behind `/proc/<pid>/root`. */
export async function ownRealPath(folder: string): Promise<string | undefined> {
  try {
    const real = await timely(realpath(folder));
    const [given, found] = await Promise.all([timely(stat(folder)), timely(stat(real))]);
    return given.dev === found.dev && given.ino === found.ino ? real : undefined;
  } catch {
    return undefined;
  }
}
