/** Steps within each power of two: a percentile is at most 1/64 (1.6 %) off. */
const stepsPerOctave = 64;
/** One tick is a microsecond; the widest latency told apart is 2^30 us, about 18 minutes. */
const octaves = 30;

/** Latencies in constant memory, counted in steps of 1.6 %. Times go in and come out in milliseconds. */
export class LatencyHistogram {
  private readonly counts = new Uint32Array(octaves * stepsPerOctave);
  private ownCount = 0;
  private sumMs = 0;
  private ownMaxMs = 0;

  get count(): number {
    return this.ownCount;
  }

  /** Mean of what was recorded, exact; 0 while empty. */
  get meanMs(): number {
    return this.ownCount === 0 ? 0 : this.sumMs / this.ownCount;
  }

  /** Longest recorded, exact. */
  get maxMs(): number {
    return this.ownMaxMs;
  }

  record(latencyMs: number): void {
    this.counts[stepOf(latencyMs)]!++;
    this.ownCount++;
    this.sumMs += latencyMs;
    if (latencyMs > this.ownMaxMs) this.ownMaxMs = latencyMs;
  }

  /** The latency that the given share (0 to 1) of the calls did not exceed; 0 while empty. */
  percentileMs(share: number): number {
    const rank = Math.max(1, Math.ceil(this.ownCount * share));
    let seen = 0;
    for (let step = 0; step < this.counts.length; step++) {
      seen += this.counts[step]!;
      if (seen >= rank) return Math.min(middleMsOf(step), this.ownMaxMs);
    }
    return this.ownMaxMs;
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
