import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { dirname, join, normalize, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refusal } from '@tributary/contract';
import { findRegularFile, readTextFile, readWholeFile, timely } from './repository-file';
import type { RepositoryVersion } from './scan-repository';

/** A file that is what model.json says. */
export interface VerifiedFile {
  readonly digest: string;
  /** Path by which it is read. */
  readonly path: string;
}

/**
 * Checks every file of the version whose digest model.json gives.
 * @returns those files, by name
 * @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID, MODEL_DIGEST_MISMATCH
 */
export async function verifyDigests(
  { version, folder, settings }: RepositoryVersion,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, VerifiedFile>> {
  const verified = new Map<string, VerifiedFile>();
  for (const [listed, expected] of Object.entries(settings.files)) {
    const slash = listed.indexOf('/');
    const file = listed.slice(slash + 1);
    if (listed.slice(0, slash) !== version) continue;
    const path = await insideFolder(folder, file);
    const got = await digestAt(path, signal);
    if (got !== expected) throw refusal('MODEL_DIGEST_MISMATCH', { file, expected, got });
    verified.set(file, { digest: got, path });
  }
  return verified;
}

/** `sha256:` and the digest of a file of a version folder. @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID */
export async function digestOf(folder: string, file: string, signal?: AbortSignal): Promise<string> {
  return digestAt(await insideFolder(folder, file), signal);
}

/** `sha256:` and the digest of a file. */
export async function digestAt(path: string, signal?: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 2 ** 20 }), hash, { ...(signal !== undefined && { signal }) });
  return `sha256:${hash.digest('hex')}`;
}

/** Bytes of all files of a version folder, those of folders in it included. */
export async function folderBytes(folder: string): Promise<number> {
  const entries = await timely(readdir(folder, { recursive: true }));
  const sizes = await Promise.all(
    // A link to nowhere has no bytes.
    entries.map((entry) =>
      timely(stat(join(folder, entry))).then(
        (stats) => (stats.isFile() ? stats.size : 0),
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/**
 * Path of a file of a version folder, by which it is read.
 * @param folder `<repository>/<name>/<version>`
 * @throws TributaryError MODEL_FILE_MISSING; MODEL_FILE_INVALID for what is no file or lies outside of the repository
 */
export async function insideFolder(folder: string, file: string): Promise<string> {
  return (await findRegularFile(repositoryOf(folder), pathOf(folder, file), file)).path;
}

/** The text of a file of a version folder. @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID */
export async function readVersionText(folder: string, file: string): Promise<string> {
  return readTextFile(repositoryOf(folder), pathOf(folder, file), file);
}

/** The bytes of a file of a version folder. @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID */
export async function readVersionFile(folder: string, file: string): Promise<Buffer> {
  return readWholeFile(repositoryOf(folder), pathOf(folder, file), file);
}

/** Where a file lies by its name; links are judged when it is looked at. */
function pathOf(folder: string, file: string): string {
  const path = join(folder, file);
  if (path.startsWith(normalize(folder) + sep)) return path;
  throw refusal('MODEL_FILE_INVALID', { file, problem: "it lies outside of the version's folder" });
}

function repositoryOf(versionFolder: string): string {
  return dirname(dirname(versionFolder));
}
