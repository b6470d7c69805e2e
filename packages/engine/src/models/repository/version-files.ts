import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refusal } from '@tributary/contract';
import type { RepositoryVersion } from './scan-repository';

/** A file that is what model.json says. */
export interface VerifiedFile {
  readonly digest: string;
  /** Real path. */
  readonly path: string;
}

/**
 * Checks every file of the version whose digest model.json gives.
 * @returns those files, by name
 * @throws TributaryError MODEL_FILE_MISSING, MODEL_DIGEST_MISMATCH
 */
export async function verifyDigests(
  { version, folder, settings }: RepositoryVersion,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, VerifiedFile>> {
  const verified = new Map<string, VerifiedFile>();
  for (const [listed, expected] of Object.entries(settings.files)) {
    const [ofVersion, file] = listed.split('/') as [string, string];
    if (ofVersion !== version) continue;
    const path = await insideFolder(folder, file);
    const got = await digestAt(path, signal);
    if (got !== expected) throw refusal('MODEL_DIGEST_MISMATCH', { file, expected, got });
    verified.set(file, { digest: got, path });
  }
  return verified;
}

/** `sha256:` and the digest of a file of a version folder. @throws TributaryError MODEL_FILE_MISSING */
export async function digestOf(folder: string, file: string, signal?: AbortSignal): Promise<string> {
  return digestAt(await insideFolder(folder, file), signal);
}

/** `sha256:` and the digest of a file. */
export async function digestAt(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { ...(signal !== undefined && { signal }) });
  return `sha256:${hash.digest('hex')}`;
}

/** The labels of the version: line i is index i. Empty where model.json names no file. */
export async function readLabels({ folder, settings }: RepositoryVersion): Promise<readonly string[]> {
  if (settings.labels === undefined) return [];
  const text = await readFile(await insideFolder(folder, settings.labels), 'utf8');
  return text.replace(/\r?\n$/, '').split(/\r?\n/);
}

/** Bytes of all files of a version folder. */
export async function folderBytes(folder: string): Promise<number> {
  // A link to nowhere has no bytes.
  const sizeOf = (file: string): Promise<number> =>
    stat(join(folder, file)).then(
      ({ size }) => size,
      () => 0,
    );
  const sizes = await Promise.all((await readdir(folder)).map(sizeOf));
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Real path of a file of a version folder.
 * @throws TributaryError MODEL_FILE_MISSING, also for what lies outside of the folder's own model
 */
export async function insideFolder(folder: string, file: string): Promise<string> {
  try {
    const [root, path] = await Promise.all([realpath(join(folder, '..')), realpath(join(folder, file))]);
    if (path.startsWith(root + sep)) return path;
  } catch {
    // Missing; told below.
  }
  throw refusal('MODEL_FILE_MISSING', { file });
}
