import { refusal } from './refusal';
import type { TributaryError } from './tributary-error';

/** A version as this rule sees it. */
export interface Versioned {
  /** In decimal, without leading zeros; '' stands for a model that has no version at all, and never answers. */
  readonly version: string;
}

/**
 * The version that answers a call: the one that the call names where it is ready, else the highest that is ready. Engine, router and
 * client all go by this rule.
 * @param versions of one model, in any order; of two with the same number, one of which takes the place of the other, the later wins
 * @param asked as `parseModelVersion` returns it; undefined: the call names none
 * @returns undefined where no version answers; `whyNoVersion` says why
 */
export function chooseVersion<V extends Versioned>(
  versions: Iterable<V>,
  asked: string | undefined,
  isReady: (candidate: V) => boolean,
): V | undefined {
  let chosen: V | undefined;
  for (const candidate of versions) {
    const { version } = candidate;
    if (version === '' || (asked !== undefined && version !== asked)) continue;
    if (chosen !== undefined && compareVersions(version, chosen.version) < 0) continue;
    if (isReady(candidate)) chosen = candidate;
  }
  return chosen;
}

/**
 * The refusal of a call for which `chooseVersion` found nothing.
 * @param field path of the version in the request
 * @returns MODEL_VERSION_NOT_FOUND (the version asked for does not exist), MODEL_NO_VERSION (there is none), or MODEL_NOT_READY with
 *   the version asked for, else the highest
 */
export function whyNoVersion(
  model: string,
  versions: Iterable<Versioned>,
  asked: string | undefined,
  field: string,
): TributaryError {
  const exists = chooseVersion(versions, asked, () => true);
  if (exists !== undefined) return refusal('MODEL_NOT_READY', { model, version: exists.version });
  if (asked === undefined) return refusal('MODEL_NO_VERSION', { model });
  return refusal('MODEL_VERSION_NOT_FOUND', { model, version: asked }, { field });
}

/** Orders versions by their number, highest last. Versions are decimal without leading zeros. */
export function compareVersions(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}
