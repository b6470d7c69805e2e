import { mkdir, open, readFile, realpath, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { refusal } from '@tributary/contract';
import {
  digestAt,
  digestOf,
  graphFile,
  ProtoError,
  sampleDimensions,
  scanGraph,
  verifyDigests,
  type RepositoryVersion,
} from '@tributary/engine/tuning';
import { moveWeights, type MovedWeights } from './move-weights';
import { LaneGroup } from './placement-lanes';

/** What became of a model in a single file. */
export type SharedWeights =
  ({ readonly kind: 'moved'; readonly file: string } & MovedWeights) | { readonly kind: 'kept'; readonly why: string };

/** Name of the file with the weights. */
const dataFile = 'model.data';
/** Folder in the version's own where the new files are made. */
const workFolder = '.rewritten';
/** Below this a lane's copy is smaller than its stack. */
const leastBytes = 2 ** 20;
/** Sizes of varying dimensions that answers are compared with; models refuse some. */
const mostComparisons = 4;

/**
 * Writes a model that is a single file anew, as a graph with its weights beside it, which all lanes and processes map once. The new
 * files take the old one's place, and their digests its digest in model.json, only after they have answered made-up inputs with the
 * same bytes. A crash at any point leaves the old model or the new one; one between the last two renames leaves a model that the
 * engine refuses by its digest, and the next call ends what was begun.
 * @returns undefined where there is nothing to do: a model with external weights, or with next to none
 * @throws TributaryError where the model cannot be served
 */
export async function shareWeights(
  version: RepositoryVersion,
  signal: AbortSignal,
): Promise<SharedWeights | undefined> {
  if (version.graph !== graphFile) return { kind: 'kept', why: `${graphFile} is a folder` };
  const folder = await realpath(version.folder);
  const work = join(folder, workFolder);
  await endInterrupted(version, folder, work);
  await verifyDigests(version, signal);
  const file = join(folder, graphFile);
  if ((await realpath(file)) !== file) return { kind: 'kept', why: `${graphFile} is a link` };
  try {
    await mkdir(work, { recursive: true });
    const moved = move(file, work);
    if (moved === undefined) return undefined;
    const difference = await compare(file, join(work, graphFile));
    if (difference !== undefined) return { kind: 'kept', why: difference };
    if (!(await isFree(folder, join(work, dataFile))))
      return { kind: 'kept', why: `there is another ${dataFile} in the folder, which the graph does not use` };
    await swap(version, folder, work);
    return { kind: 'moved', file: join(folder, dataFile), ...moved };
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

function move(file: string, work: string): MovedWeights | undefined {
  try {
    if (scanGraph(file).externalData.length > 0) return undefined;
    const targets = { graph: join(work, graphFile), data: join(work, dataFile), location: dataFile };
    return moveWeights(file, targets, leastBytes);
  } catch (error) {
    if (!(error instanceof ProtoError)) throw error;
    throw refusal('MODEL_LOAD_FAILED', { problem: `${graphFile} is not a valid ONNX file: ${error.message}` });
  }
}

/** Runs both on the same inputs of several sizes. @returns why the new one cannot take the old one's place */
async function compare(before: string, after: string): Promise<string | undefined> {
  const source = { intraOpThreads: 1, prepacks: false, mayBatch: false };
  const groups: LaneGroup[] = [];
  try {
    for (const path of [before, after]) groups.push(await LaneGroup.load(1, { ...source, path }));
    const [old, rewritten] = groups as [LaneGroup, LaneGroup];
    let compared = 0;
    for (const length of sampleDimensions) {
      const expected = await old.answers({ rows: 1, length });
      if (expected === undefined) continue;
      const got = (await rewritten.answers({ rows: 1, length })) ?? [];
      if (!expected.every((bytes, index) => Buffer.compare(bytes, got[index] ?? new Uint8Array()) === 0))
        return 'the rewritten model answers made-up inputs differently';
      if (++compared === mostComparisons) break;
    }
    return compared === 0 ? 'the model takes none of the made-up inputs, so nothing could be compared' : undefined;
  } finally {
    await Promise.all(groups.map((group) => group.close()));
  }
}

/** A data file that a call before this one left is the same to the byte. */
async function isFree(folder: string, made: string): Promise<boolean> {
  const there = await digestAt(join(folder, dataFile)).catch(() => undefined);
  return there === undefined || there === (await digestAt(made));
}

async function swap({ version, folder: versionFolder, settings }: RepositoryVersion, folder: string, work: string) {
  const listed = Object.keys(settings.files).filter((path) => path.startsWith(`${version}/`));
  const graphKey = `${version}/${graphFile}`;
  const digests: Record<string, string> = {};
  if (listed.length > 0) digests[`${version}/${dataFile}`] = await digestOf(work, dataFile);
  if (listed.includes(graphKey)) digests[graphKey] = await digestOf(work, graphFile);
  await rename(join(work, dataFile), join(folder, dataFile));
  await syncFolder(folder);
  if (listed.length > 0) await listDigests(join(dirname(versionFolder), 'model.json'), digests);
  await rename(join(work, graphFile), join(folder, graphFile));
  await syncFolder(folder);
}

/** Puts digests into the text of model.json and leaves everything else as it is, but for its layout. */
async function listDigests(path: string, digests: Readonly<Record<string, string>>): Promise<void> {
  const file = await realpath(path);
  const text = await readFile(file, 'utf8');
  const value = JSON.parse(text) as { readonly files?: Readonly<Record<string, string>> };
  const indent = /^[{]\r?\n([ \t]+)/.exec(text)?.[1] ?? 2;
  const written = { ...value, files: { ...value.files, ...digests } };
  await writeFile(`${file}.new`, `${JSON.stringify(written, null, indent)}\n`, { flush: true });
  await rename(`${file}.new`, file);
  await syncFolder(dirname(file));
}

/** A crash before the last rename: model.json has the digest of the new graph, which lies where it was made. */
async function endInterrupted(version: RepositoryVersion, folder: string, work: string): Promise<void> {
  const wanted = version.settings.files[`${version.version}/${graphFile}`];
  const made = await digestAt(join(work, graphFile)).catch(() => undefined);
  if (wanted !== undefined && made === wanted && (await digestAt(join(folder, graphFile))) !== wanted) {
    await rename(join(work, graphFile), join(folder, graphFile));
    await syncFolder(folder);
  }
  await rm(work, { recursive: true, force: true });
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
