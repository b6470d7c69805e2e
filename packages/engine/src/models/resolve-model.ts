import { assertModelName, parseModelVersion, refusal } from '@tributary/contract';
import type { ModelInfo } from '../engine';

/**
 * The version that a call gets: the one it names, else the one served by default.
 * @param isUsable what counts as ready
 * @throws TributaryError MODEL_NAME_MISSING, MODEL_NAME_INVALID, MODEL_VERSION_INVALID, MODEL_NOT_FOUND, MODEL_NO_VERSION,
 *   MODEL_VERSION_NOT_FOUND, MODEL_NOT_READY
 */
export function resolveModel<M extends Pick<ModelInfo, 'name' | 'version' | 'state'>>(
  versionsOf: (model: string) => readonly M[] | undefined,
  model: string,
  version: string,
  isUsable: (candidate: M) => boolean = (candidate) => candidate.state === 'READY',
): M {
  assertModelName(model, 'model_name');
  const wanted = parseModelVersion(version, 'model_version');
  const versions = versionsOf(model);
  if (versions === undefined) throw refusal('MODEL_NOT_FOUND', { model }, { field: 'model_name' });
  if (wanted === undefined) return defaultVersion(versions, model, isUsable);
  const found = versions.find((candidate) => candidate.version === wanted);
  if (found === undefined)
    throw refusal('MODEL_VERSION_NOT_FOUND', { model, version: wanted }, { field: 'model_version' });
  if (!isUsable(found)) throw refusal('MODEL_NOT_READY', { model, version: wanted });
  return found;
}

function defaultVersion<M extends Pick<ModelInfo, 'name' | 'version' | 'state'>>(
  versions: readonly M[],
  model: string,
  isUsable: (candidate: M) => boolean,
): M {
  // Ascending by number: the last that is ready is the highest.
  const highest = versions.findLast(isUsable);
  if (highest !== undefined) return highest;
  const latest = versions.at(-1);
  if (latest === undefined || latest.version === '') throw refusal('MODEL_NO_VERSION', { model });
  throw refusal('MODEL_NOT_READY', { model, version: latest.version });
}
