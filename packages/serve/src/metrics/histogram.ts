import type { Histogram as PromHistogram, MetricObjectWithValues, MetricValue, Registry } from 'prom-client';

/** What a histogram is made of. */
export interface HistogramDefinition {
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** Upper bounds, rising. */
  readonly buckets: readonly number[];
}

/**
 * A Prometheus histogram that counts in plain numbers and makes text of them when somebody asks. That of prom-client checks and
 * hashes the labels at every observation, which costs a short call several microseconds.
 */
export class Histogram {
  readonly type = 'histogram';
  readonly name: string;
  private readonly series = new Map<string, HistogramSeries>();

  constructor(
    private readonly definition: HistogramDefinition,
    registry: Registry,
  ) {
    this.name = definition.name;
    if (definition.labelNames.length === 0) this.labels();
    // The registry asks its metrics for their names and their values, nothing else.
    registry.registerMetric(this as unknown as PromHistogram);
  }

  /** The series with these values of the labels, in their order; keep it where it is used often. */
  labels(...values: readonly string[]): HistogramSeries {
    const key = values.join('\0');
    let series = this.series.get(key);
    if (series === undefined) {
      const { labelNames, buckets, name } = this.definition;
      if (values.length !== labelNames.length) throw new Error(`${name} has ${labelNames.length} labels`);
      series = new HistogramSeries(Object.fromEntries(labelNames.map((label, at) => [label, values[at]!])), buckets);
      this.series.set(key, series);
    }
    return series;
  }

  /** Forgets a series; who keeps it still may observe, and nobody sees it. */
  remove(...values: readonly string[]): void {
    this.series.delete(values.join('\0'));
  }

  reset(): void {
    this.series.clear();
  }

  /** For the registry. */
  get(): Promise<MetricObjectWithValues<MetricValue<string>>> {
    const { name, help } = this.definition;
    const values = [...this.series.values()].flatMap((series) => series.values(name));
    return Promise.resolve({
      name,
      help,
      type: this.type,
      values,
      aggregator: 'sum',
    } as unknown as MetricObjectWithValues<MetricValue<string>>);
  }
}

/** Observations with the same labels. */
export class HistogramSeries {
  private sum = 0;
  private count = 0;
  /** One for each bucket alone; the text adds them up. */
  private readonly counts: number[];

  constructor(
    private readonly labels: Readonly<Record<string, string>>,
    private readonly buckets: readonly number[],
  ) {
    this.counts = buckets.map(() => 0);
  }

  observe(value: number): void {
    this.sum += value;
    this.count += 1;
    const { buckets } = this;
    let bucket = 0;
    while (bucket < buckets.length && value > buckets[bucket]!) bucket += 1;
    if (bucket < buckets.length) this.counts[bucket]! += 1;
  }

  /** Samples as the registry writes them. */
  values(name: string): (MetricValue<string> & { readonly metricName: string })[] {
    let upTo = 0;
    const bucket = (le: number | string, value: number): MetricValue<string> & { readonly metricName: string } => ({
      metricName: `${name}_bucket`,
      labels: { le, ...this.labels },
      value,
    });
    return [
      ...this.buckets.map((le, at) => bucket(le, (upTo += this.counts[at]!))),
      bucket('+Inf', this.count),
      { metricName: `${name}_sum`, labels: this.labels, value: this.sum },
      { metricName: `${name}_count`, labels: this.labels, value: this.count },
    ];
  }
}
