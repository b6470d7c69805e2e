import { describe, expect, it } from '@jest/globals';
import { Gauge, Registry } from 'prom-client';
import { metricsText } from './metrics-text';

function registryOf(metrics: number, series: number): Registry {
  const registry = new Registry();
  for (let each = 0; each < metrics; each += 1) {
    const gauge = new Gauge({ name: `gauge_${each}`, help: 'A gauge.', labelNames: ['x'], registers: [registry] });
    for (let value = 0; value < series; value += 1) gauge.set({ x: String(value) }, value);
  }
  return registry;
}

describe('the text of metrics', () => {
  it('is what the registry itself says', async () => {
    for (const registry of [registryOf(0, 0), registryOf(3, 2), registryOf(2, 3_000)]) {
      expect(await metricsText(registry)).toBe(await registry.metrics());
    }
  });

  it('leaves turns of the event loop to others where it is long', async () => {
    let turns = 0;
    let done = false;
    const count = (): void => {
      turns += 1;
      if (!done) setImmediate(count);
    };
    setImmediate(count);
    await metricsText(registryOf(10, 3_000));
    done = true;
    expect(turns).toBeGreaterThanOrEqual(10);
  });
});
