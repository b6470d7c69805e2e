import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Registry } from 'prom-client';

/** A metric that renders longer than this is followed by a turn of the event loop for others: some hundred series, a millisecond. */
const longText = 32 * 1024;

/**
 * The metrics of a registry in the Prometheus text format, as `registry.metrics()`, but not in one go: those of a router with a thousand
 * upstreams take 60 ms, and its calls do not wait for that.
 */
export async function metricsText(registry: Registry): Promise<string> {
  const texts: string[] = [];
  for (const { name } of registry.getMetricsAsArray()) {
    const text = await registry.getSingleMetricAsString(name);
    texts.push(text);
    if (text.length > longText) await nextTurn();
  }
  return `${texts.join('\n\n')}\n`;
}
