import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { isModelName } from '@tributary/contract';
import { defaultModelSettings, ModelSettingsError, parseModelSettings, type ModelSettings } from './model-settings';

/** A version of a model as it lies on disk. */
export interface RepositoryVersion {
  readonly name: string;
  /** Decimal without leading zeros; '' for a model without any version. */
  readonly version: string;
  /** Real path of the version's folder. */
  readonly folder: string;
  readonly settings: ModelSettings;
  /** Why it cannot be loaded; undefined where it can be tried. */
  readonly fault: RepositoryFault | undefined;
}

/** What is wrong with a version on disk. */
export type RepositoryFault =
  | { readonly reason: 'MODEL_CONFIG_INVALID' | 'MODEL_UNSUPPORTED'; readonly problem: string }
  | { readonly reason: 'MODEL_FILE_MISSING'; readonly file: string };

/** A repository, and what in it was passed over. */
export interface RepositoryListing {
  /** By name, then by version as a number. */
  readonly versions: readonly RepositoryVersion[];
  /** Folders that are no models, each with the reason. */
  readonly ignored: readonly { readonly folder: string; readonly why: string }[];
}

/** Thrown where the repository as a whole cannot be read. */
export class RepositoryError extends Error {
  override readonly name = 'RepositoryError';
}

/** Positive integers up to 2^63 - 1, without leading zeros. */
const versionName = /^[1-9][0-9]{0,17}$/;

/** File of the graph in every version folder. */
export const graphFile = 'model.onnx';

/**
 * Lists a repository laid out as `<name>/<version>/model.onnx`. A faulty model is listed with its fault and hides no other.
 * @throws RepositoryError where the folder is missing or unreadable
 */
export async function scanRepository(repository: string): Promise<RepositoryListing> {
  let root: string;
  let names: string[];
  try {
    root = await realpath(repository);
    names = (await readdir(root)).sort();
  } catch (error) {
    throw new RepositoryError(
      `the model repository ${repository} cannot be read; make the folder, or name another with --repository`,
      { cause: error },
    );
  }
  const versions: RepositoryVersion[] = [];
  const ignored: { folder: string; why: string }[] = [];
  for (const name of names) {
    const folder = join(root, name);
    if (name.startsWith('.') || !(await isFolder(folder))) continue;
    if (isModelName(name)) versions.push(...(await scanModel(root, name, ignored)));
    else ignored.push({ folder: name, why: 'no model can have this name' });
  }
  return { versions, ignored };
}

async function scanModel(
  root: string,
  name: string,
  ignored: { folder: string; why: string }[],
): Promise<RepositoryVersion[]> {
  const folder = join(root, name);
  const { settings, fault } = await readSettings(root, folder);
  const numbers: bigint[] = [];
  // A folder that may not be read is a model without versions.
  for (const entry of await readdir(folder).catch(() => [])) {
    if (versionName.test(entry)) numbers.push(BigInt(entry));
    else if (/^[0-9]+$/.test(entry))
      ignored.push({ folder: `${name}/${entry}`, why: 'a version is a whole number from 1, without leading zeros' });
  }
  const base = { name, settings, fault };
  if (numbers.length === 0) {
    return [
      {
        ...base,
        version: '',
        folder,
        fault: fault ?? { reason: 'MODEL_FILE_MISSING', file: `folder of a version, e.g. 1/${graphFile}` },
      },
    ];
  }
  numbers.sort((a, b) => (a < b ? -1 : 1));
  return Promise.all(
    numbers.map(async (number) => {
      const version = String(number);
      const versionFolder = join(folder, version);
      return { ...base, version, folder: versionFolder, fault: fault ?? (await versionFault(root, versionFolder)) };
    }),
  );
}

async function readSettings(
  root: string,
  folder: string,
): Promise<{ settings: ModelSettings; fault: RepositoryFault | undefined }> {
  const file = join(folder, 'model.json');
  const invalid = (problem: string): { settings: ModelSettings; fault: RepositoryFault } => ({
    settings: defaultModelSettings,
    fault: { reason: 'MODEL_CONFIG_INVALID', problem },
  });
  let text: string;
  try {
    if (!(await isInside(root, file))) return invalid('it is a link to outside of the repository');
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { settings: defaultModelSettings, fault: undefined };
    return invalid('it cannot be read');
  }
  try {
    return { settings: parseModelSettings(text), fault: undefined };
  } catch (error) {
    if (error instanceof ModelSettingsError) return invalid(error.message);
    throw error;
  }
}

async function versionFault(root: string, folder: string): Promise<RepositoryFault | undefined> {
  const file = join(folder, graphFile);
  try {
    if (!(await isInside(root, file))) {
      return { reason: 'MODEL_UNSUPPORTED', problem: `${graphFile} is a link to outside of the repository` };
    }
    if ((await stat(file)).isFile()) return undefined;
  } catch {
    // Missing, or a link to nothing.
  }
  return { reason: 'MODEL_FILE_MISSING', file: graphFile };
}

async function isInside(root: string, file: string): Promise<boolean> {
  return (await realpath(file)).startsWith(root + sep);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
}
