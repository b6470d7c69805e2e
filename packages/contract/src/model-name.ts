import { refusal } from './refusal';

/** Names that a model may have: they are safe in paths, labels of metrics, and messages. */
const modelName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/;

/** Highest version, 2^63 - 1: a version is a positive int64. */
const maxVersion = 9_223_372_036_854_775_807n;

/** Whether a model may have this name. */
export function isModelName(name: string): boolean {
  return modelName.test(name);
}

/** Whether a text is a version as repositories write it: a decimal whole number from 1 to 2^63 - 1 without leading zeros. */
export function isModelVersion(text: string): boolean {
  return /^[1-9][0-9]{0,18}$/.test(text) && BigInt(text) <= maxVersion;
}

/**
 * Checks the model name of a request. `field` is its path in the request, e.g. `model_name`.
 * @throws TributaryError MODEL_NAME_MISSING for an empty name, MODEL_NAME_INVALID for one that no model has
 */
export function assertModelName(name: string, field: string): void {
  if (name === '') throw refusal('MODEL_NAME_MISSING', {}, { field });
  if (!isModelName(name)) throw refusal('MODEL_NAME_INVALID', {}, { field });
}

/**
 * Reads the model version of a request: a decimal whole number from 1 to 2^63 - 1, leading zeros allowed.
 * @returns the version without leading zeros; undefined for '' (the highest that is ready)
 * @throws TributaryError MODEL_VERSION_INVALID for anything else
 */
export function parseModelVersion(text: string, field: string): string | undefined {
  if (text === '') return undefined;
  const digits = /^0{0,64}([1-9][0-9]*)$/.exec(text)?.[1];
  if (digits === undefined || !isModelVersion(digits)) {
    throw refusal('MODEL_VERSION_INVALID', { version: text }, { field });
  }
  return digits;
}
