/** What was thrown, as an Error: promises are rejected with nothing else. */
export function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}
