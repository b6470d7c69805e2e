import { Counter, Gauge, type Registry } from 'prom-client';
import { Histogram } from './histogram';

/** A metric as it is declared: what the registry gets, and what docs/metrics.md says. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram';
  /** Ends in its unit; a counter of ours in `_total`. */
  readonly name: string;
  /** One sentence, for `# HELP` and the documentation. */
  readonly help: string;
  /** Label names. Values must come from a bounded set: never from a request. */
  readonly labels?: readonly string[];
  /** Upper bounds, of a histogram. */
  readonly buckets?: readonly number[];
}

/** Definitions by the name that code uses. */
export type MetricDefinitions = Readonly<Record<string, MetricDefinition>>;

/** The metrics of definitions, under the same names. */
export type Metrics<D extends MetricDefinitions> = {
  readonly [K in keyof D]: D[K]['type'] extends 'counter' ? Counter : D[K]['type'] extends 'gauge' ? Gauge : Histogram;
};

/** Keeps the names and types of the definitions. */
export function defineMetrics<const D extends MetricDefinitions>(definitions: D): D {
  return definitions;
}

/** Functions that bring gauges and counters up to date when they are asked for, rather than whenever what they show changes. */
export type Collectors<D extends MetricDefinitions> = {
  readonly [K in keyof D]?: (metric: D[K]['type'] extends 'counter' ? Counter : Gauge) => void;
};

/** Makes the metrics of definitions in a registry. Throws where a name is taken. */
export function createMetrics<D extends MetricDefinitions>(
  registry: Registry,
  definitions: D,
  collectors: Collectors<D> = {},
): Metrics<D> {
  const metrics = Object.entries(definitions).map(([key, definition]) => [
    key,
    createMetric(registry, definition, collectors[key] as Collector | undefined),
  ]);
  return Object.fromEntries(metrics) as Metrics<D>;
}

type Collector = (metric: Counter | Gauge) => void;

function createMetric(
  registry: Registry,
  definition: MetricDefinition,
  collector: Collector | undefined,
): Counter | Gauge | Histogram {
  const { name, help, labels = [], buckets = [] } = definition;
  if (definition.type === 'histogram') return new Histogram({ name, help, labelNames: labels, buckets }, registry);
  const metric: Counter | Gauge = new { counter: Counter, gauge: Gauge }[definition.type]({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    ...(collector !== undefined && { collect: () => collector(metric) }),
  });
  return metric;
}
