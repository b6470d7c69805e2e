/**
 * Indices of the `count` highest scores, best first; equal scores in order of index, NaN last. All of them where there are fewer.
 * `allowed` leaves indices out.
 */
export function bestIndices(
  scores: ArrayLike<number>,
  count: number,
  allowed: (index: number) => boolean = () => true,
): number[] {
  const rank = (index: number): number => (Number.isNaN(scores[index]!) ? -Infinity : scores[index]!);
  // At its place in `best` every index beats its right neighbour; most candidates lose against the last one at once.
  const best: number[] = [];
  for (let index = 0; index < scores.length; index++) {
    if (!allowed(index)) continue;
    const score = rank(index);
    if (best.length >= count && score <= rank(best.at(-1) ?? index)) continue;
    best.splice(firstBeaten(best, score, rank), 0, index);
    if (best.length > count) best.pop();
  }
  return best;
}

/** Where in `best` (highest first) a later index with this score belongs: behind its equals. */
function firstBeaten(best: readonly number[], score: number, rank: (index: number) => number): number {
  let low = 0;
  let high = best.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (rank(best[middle]!) >= score) low = middle + 1;
    else high = middle;
  }
  return low;
}
