/** A number in [0, 1), as Math.random gives it. */
export type Random = () => number;

/**
 * Power of two choices: of two candidates drawn by chance, the one with fewer calls outstanding. Nearly as even as asking
 * all of them, and unlike "the least busy of all" it does not send everything to a replica that has just come back.
 * @returns undefined where there is no candidate
 */
export function chooseUpstream<U extends { readonly outstanding: number }>(
  candidates: readonly U[],
  random: Random,
): U | undefined {
  if (candidates.length < 2) return candidates[0];
  const first = Math.floor(random() * candidates.length);
  // One of the others, each with the same chance.
  const second = (first + 1 + Math.floor(random() * (candidates.length - 1))) % candidates.length;
  const a = candidates[first] as U;
  const b = candidates[second] as U;
  return b.outstanding < a.outstanding ? b : a;
}
