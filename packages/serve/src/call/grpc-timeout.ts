/** Largest value of a setting that becomes a `grpc-timeout`: its eight digits hold 27 hours of milliseconds. */
export const longestDeadlineMs = 24 * 60 * 60 * 1000;

const millisecondsOfUnit: Readonly<Record<string, number>> = {
  H: 3_600_000,
  M: 60_000,
  S: 1000,
  m: 1,
  u: 0.001,
  n: 0.000_001,
};

/**
 * Milliseconds in a `grpc-timeout` header (at most eight digits and a unit).
 * @returns undefined for text that is not one
 */
export function parseGrpcTimeout(text: string): number | undefined {
  const match = /^(\d{1,8})([HMSmun])$/.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * millisecondsOfUnit[match[2]!]!;
}

/** A `grpc-timeout` header of whole milliseconds, at most `longestDeadlineMs`. */
export function formatGrpcTimeout(timeoutMs: number): string {
  return `${Math.ceil(timeoutMs)}m`;
}
