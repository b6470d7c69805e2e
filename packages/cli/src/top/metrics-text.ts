/** One sample of a process's metrics. */
export interface Sample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The metrics of a process at one moment. */
export class Metrics {
  private readonly samples = new Map<string, Sample[]>();

  /** Reads the Prometheus text format as our processes write it. */
  constructor(text: string) {
    for (const line of text.split('\n')) {
      const match = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
      if (match === null) continue;
      const [, name = '', labelText = '', value] = match;
      const labels = Object.fromEntries(
        [...labelText.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key, text]),
      ) as Record<string, string>;
      const samples = this.samples.get(name);
      const sample = { labels, value: Number(value) };
      if (samples === undefined) this.samples.set(name, [sample]);
      else samples.push(sample);
    }
  }

  /** Samples of a metric whose labels hold these values. */
  of(name: string, labels: Readonly<Record<string, string>> = {}): readonly Sample[] {
    const wanted = Object.entries(labels);
    return (this.samples.get(name) ?? []).filter((sample) =>
      wanted.every(([key, value]) => sample.labels[key] === value),
    );
  }

  /** Their sum; 0 where there is none. */
  sum(name: string, labels: Readonly<Record<string, string>> = {}): number {
    return this.of(name, labels).reduce((sum, { value }) => sum + value, 0);
  }

  /** Every value that a label of a metric has. */
  values(name: string, label: string): readonly string[] {
    return [...new Set(this.of(name).flatMap(({ labels }) => labels[label] ?? []))];
  }
}

/**
 * The time that a share of the observations between two moments did not exceed, in seconds, as histogram_quantile() has it: between the
 * bounds of its bucket by the straight line. Undefined where there were none.
 */
export function quantileBetween(
  share: number,
  before: readonly Sample[],
  after: readonly Sample[],
): number | undefined {
  const counts = new Map<number, number>();
  const add = (samples: readonly Sample[], sign: number): void => {
    for (const { labels, value } of samples) {
      const bound = labels.le === '+Inf' ? Infinity : Number(labels.le);
      counts.set(bound, (counts.get(bound) ?? 0) + sign * value);
    }
  };
  add(after, 1);
  add(before, -1);
  const wanted = share * (counts.get(Infinity) ?? 0);
  if (wanted <= 0) return undefined;
  let [lowBound, lowCount] = [0, 0];
  for (const [bound, count] of [...counts].sort(([a], [b]) => a - b)) {
    if (count >= wanted) {
      if (bound === Infinity) return lowBound;
      return lowBound + ((bound - lowBound) * (wanted - lowCount)) / (count - lowCount);
    }
    [lowBound, lowCount] = [bound, count];
  }
  return undefined;
}
