/**
 * Indices of the `count` highest scores, best first; equal scores in order of index, NaN last. All of them where there are fewer.
 * `allowed` leaves indices out. Takes time in proportion to n + count log n.
 */
export function bestIndices(
  scores: ArrayLike<number>,
  count: number,
  allowed: (index: number) => boolean = () => true,
): number[] {
  const best: number[] = [];
  if (count <= 0) return best;
  for (const index of bestFirst(scores, allowed)) if (best.push(index) >= count) break;
  return best;
}

/**
 * The indices of scores, the highest score first; equal scores in order of index, NaN last. The first one costs time in proportion
 * to the number of scores, each further one to its logarithm: who takes many can pause between two of them.
 */
export function* bestFirst(
  scores: ArrayLike<number>,
  allowed: (index: number) => boolean = () => true,
): Generator<number, void> {
  const heap = new Int32Array(scores.length);
  let size = 0;
  for (let index = 0; index < scores.length; index++) if (allowed(index)) heap[size++] = index;
  for (let place = (size >>> 1) - 1; place >= 0; place--) sink(heap, size, place, scores);
  while (size > 0) {
    yield heap[0]!;
    heap[0] = heap[--size]!;
    sink(heap, size, 0, scores);
  }
}

/** Moves the index at `place` down until both below it are worse: every index of a heap beats those at 2 place + 1 and + 2. */
function sink(heap: Int32Array, size: number, place: number, scores: ArrayLike<number>): void {
  const index = heap[place]!;
  for (;;) {
    let below = 2 * place + 1;
    if (below >= size) break;
    if (below + 1 < size && beats(heap[below + 1]!, heap[below]!, scores)) below++;
    if (!beats(heap[below]!, index, scores)) break;
    heap[place] = heap[below]!;
    place = below;
  }
  heap[place] = index;
}

function beats(a: number, b: number, scores: ArrayLike<number>): boolean {
  const ofA = scores[a]!;
  const ofB = scores[b]!;
  if (ofA > ofB) return true;
  if (ofA < ofB) return false;
  // Equal, or one of them is NaN.
  const aIsNumber = !Number.isNaN(ofA);
  return aIsNumber === !Number.isNaN(ofB) ? a < b : aIsNumber;
}
