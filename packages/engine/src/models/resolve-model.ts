import { assertModelName, chooseVersion, parseModelVersion, refusal, whyNoVersion } from '@tributary/contract';
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
  const chosen = chooseVersion(versions, wanted, isUsable);
  if (chosen === undefined) throw whyNoVersion(model, versions, wanted, 'model_version');
  return chosen;
}
