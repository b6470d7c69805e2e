/** Steps within each power of two: a percentile is at most 1/64 (1.6 %) off. */
const stepsPerOctave = 64;
/** One tick is a microsecond; the widest latency told apart is 2^30 us, about 18 minutes. */
const octaves = 30;

/** Latencies in constant memory, counted in steps of 1.6 %. Times go in and come out in milliseconds. */
export class LatencyHistogram {
  readonly #counts = new Uint32Array(octaves * stepsPerOctave);
  #count = 0;
  #sumMs = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  /** Mean of what was recorded, exact; 0 while empty. */
  get meanMs(): number {
    return this.#count === 0 ? 0 : this.#sumMs / this.#count;
  }

  /** Longest recorded, exact. */
  get maxMs(): number {
    return this.#maxMs;
  }

  record(latencyMs: number): void {
    this.#counts[stepOf(latencyMs)]!++;
    this.#count++;
    this.#sumMs += latencyMs;
    if (latencyMs > this.#maxMs) this.#maxMs = latencyMs;
  }

  /** The latency that the given share (0 to 1) of the calls did not exceed; 0 while empty. */
  percentileMs(share: number): number {
    const rank = Math.max(1, Math.ceil(this.#count * share));
    let seen = 0;
    for (let step = 0; step < this.#counts.length; step++) {
      seen += this.#counts[step]!;
      if (seen >= rank) return Math.min(middleMsOf(step), this.#maxMs);
    }
    return this.#maxMs;
  }
}

function stepOf(latencyMs: number): number {
  const ticks = Math.max(1, latencyMs * 1000);
  const step = Math.floor(Math.log2(ticks) * stepsPerOctave);
  return Math.min(step, octaves * stepsPerOctave - 1);
}

function middleMsOf(step: number): number {
  return 2 ** ((step + 0.5) / stepsPerOctave) / 1000;
}
