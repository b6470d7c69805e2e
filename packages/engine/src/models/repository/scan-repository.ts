import { readdir, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { isModelName, isModelVersion, refusal, TributaryError } from '@tributary/contract';
import { defaultModelSettings, parseModelSettings, type ModelSettings } from './model-settings';
import { fileFault, findFile, findRegularFile, kindOf, readTextFile, timely } from './repository-file';

/** A version of a model as it lies on disk. */
export interface RepositoryVersion {
  readonly name: string;
  /** Decimal without leading zeros; '' for a model without any version. */
  readonly version: string;
  /** Folder of the version, `<repository>/<name>/<version>` by the path given; links in it are followed when a file is read. */
  readonly folder: string;
  /** Path of the graph from the folder: `model.onnx`, or the file in it where that is a folder. */
  readonly graph: string;
  readonly settings: ModelSettings;
  /** Why it cannot be loaded, of the catalogue; undefined where it can be tried. */
  readonly fault: TributaryError | undefined;
}

/** A repository, and what in it was passed over. */
export interface RepositoryListing {
  /** By name, then by version as a number. */
  readonly versions: readonly RepositoryVersion[];
  /** Folders that are no models, each with the reason. */
  readonly ignored: readonly IgnoredFolder[];
}

/** A folder that is no model or no version, by its path from the repository. */
export interface IgnoredFolder {
  readonly folder: string;
  readonly why: string;
}

/** Thrown where the repository as a whole cannot be read. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

/** File of the graph in every version folder; a folder of this name may hold it together with its weights. */
export const graphFile = 'model.onnx';

const settingsFile = 'model.json';

/** What stands in the folder of a model, though perhaps in the wrong place, and in no other folder. */
const signOfModel = /^(model\.json|plan\.json|config\.pbtxt|.*\.onnx)$/;

/**
 * Lists a repository laid out as `<name>/<version>/model.onnx`. A faulty model is listed with its fault and hides no other. Folders
 * that hold neither a version nor a file of a model are passed over.
 * @throws RepositoryError where the folder is missing or unreadable
 */
export async function scanRepository(repository: string): Promise<RepositoryListing> {
  const root = resolve(repository);
  let names: string[];
  try {
    names = (await timely(readdir(root))).sort();
  } catch (error) {
    throw new RepositoryError(
      `the model repository ${repository} cannot be read; make the folder, or name another with --repository`,
      { cause: error },
    );
  }
  const versions: RepositoryVersion[] = [];
  const ignored: IgnoredFolder[] = [];
  for (const name of names) {
    if (!(await isFolder(join(root, name)))) continue;
    if (name.startsWith('.')) ignored.push({ folder: name, why: 'its name begins with a dot' });
    else if (isModelName(name)) versions.push(...(await scanModel(root, name, ignored)));
    else ignored.push({ folder: name, why: 'no model can have this name' });
  }
  return { versions, ignored };
}

async function scanModel(root: string, name: string, ignored: IgnoredFolder[]): Promise<RepositoryVersion[]> {
  const folder = join(root, name);
  let entries: string[];
  try {
    await findFile(root, folder, name);
    entries = await timely(readdir(folder));
  } catch (error) {
    return [withoutVersion(root, name, fileFault(name, error))];
  }
  const numbers: bigint[] = [];
  for (const entry of entries) {
    if (!/^[0-9]+$/.test(entry)) continue;
    const why = whyNoVersion(entry) ?? ((await isFile(join(folder, entry))) ? 'it is a file, no folder' : undefined);
    if (why === undefined) numbers.push(BigInt(entry));
    else ignored.push({ folder: `${name}/${entry}`, why });
  }
  if (numbers.length === 0 && !entries.some((entry) => signOfModel.test(entry))) {
    ignored.push({ folder: name, why: `it holds no version, e.g. 1/${graphFile}` });
    return [];
  }
  const { settings, fault } = await readSettings(root, folder);
  if (numbers.length === 0) {
    const missing = refusal('MODEL_FILE_MISSING', { file: `folder of a version, e.g. 1/${graphFile}` });
    return [{ ...withoutVersion(root, name, fault ?? missing), settings }];
  }
  numbers.sort((a, b) => (a < b ? -1 : 1));
  const versions: RepositoryVersion[] = [];
  for (const number of numbers) versions.push(await scanVersion(root, { name, settings, fault }, String(number)));
  return versions;
}

async function scanVersion(
  root: string,
  model: Pick<RepositoryVersion, 'name' | 'settings' | 'fault'>,
  version: string,
): Promise<RepositoryVersion> {
  const folder = join(root, model.name, version);
  const base = { ...model, version, folder, graph: graphFile };
  if (model.fault !== undefined) return base;
  try {
    return { ...base, graph: await findGraph(root, folder) };
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return { ...base, fault: error };
  }
}

/** A model of which no version can be listed. */
function withoutVersion(root: string, name: string, fault: TributaryError): RepositoryVersion {
  return { name, version: '', folder: join(root, name), graph: graphFile, settings: defaultModelSettings, fault };
}

function whyNoVersion(entry: string): string | undefined {
  if (isModelVersion(entry)) return undefined;
  return /^[1-9]/.test(entry)
    ? 'a version is at most 2^63 - 1, which is 9223372036854775807'
    : 'a version is a whole number from 1, without leading zeros';
}

async function readSettings(
  root: string,
  folder: string,
): Promise<{ settings: ModelSettings; fault: TributaryError | undefined }> {
  try {
    const text = await readTextFile(root, join(folder, settingsFile), settingsFile);
    return { settings: parseModelSettings(text), fault: undefined };
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    const fault = error.reason === 'MODEL_FILE_MISSING' ? undefined : error;
    return { settings: defaultModelSettings, fault };
  }
}

/** Path of the graph from the version's folder. @throws TributaryError MODEL_FILE_MISSING, MODEL_FILE_INVALID */
async function findGraph(root: string, folder: string): Promise<string> {
  const path = join(folder, graphFile);
  const { stats } = await findFile(root, path, graphFile);
  if (!stats.isDirectory()) {
    await findRegularFile(root, path, graphFile);
    return graphFile;
  }
  const graphs = (await timely(readdir(path))).filter((entry) => entry.endsWith('.onnx'));
  const graph = graphs.includes(graphFile) ? graphFile : graphs[0];
  if (graph === undefined || (graph !== graphFile && graphs.length > 1)) {
    const problem = `it is a folder with ${graphs.length} graphs; expected ${graphFile} in it`;
    throw refusal('MODEL_FILE_INVALID', { file: graphFile, problem });
  }
  await findRegularFile(root, join(path, graph), `${graphFile}/${graph}`);
  return join(basename(path), graph);
}

async function isFolder(path: string): Promise<boolean> {
  return (await kindAt(path)) === 'folder';
}

async function isFile(path: string): Promise<boolean> {
  return (await kindAt(path)) === 'file';
}

/** Undefined for what cannot be looked at: its fault is told where it is needed. */
async function kindAt(path: string): Promise<string | undefined> {
  return timely(stat(path)).then(kindOf, () => undefined);
}
