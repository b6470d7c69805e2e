import { expect, it } from '@jest/globals';
import { Histogram as PromHistogram, Registry } from 'prom-client';
import { Histogram } from './histogram';

it('writes what prom-client writes for the same observations', async () => {
  const definition = { name: 'x_seconds', help: 'Help.', labelNames: ['model', 'stage'], buckets: [0.1, 1, 10] };
  const ours = new Registry();
  const theirs = new Registry();
  const histogram = new Histogram(definition, ours);
  const reference = new PromHistogram({ ...definition, registers: [theirs] });
  for (const value of [0, 0.1, 0.11, 1, 5, 10, 11]) {
    for (const stage of ['queue', 'a "quoted"\\ one']) {
      histogram.labels('m', stage).observe(value);
      reference.labels('m', stage).observe(value);
    }
  }
  expect(await ours.metrics()).toBe(await theirs.metrics());
});

it('without labels is there before anything is observed', async () => {
  const registry = new Registry();
  new Histogram({ name: 'x_seconds', help: 'Help.', labelNames: [], buckets: [1] }, registry);
  expect(await registry.metrics()).toContain('x_seconds_count 0');
});

it('refuses the wrong number of labels', () => {
  const histogram = new Histogram({ name: 'x', help: 'x', labelNames: ['a'], buckets: [1] }, new Registry());
  expect(() => histogram.labels('1', '2')).toThrow('x has 1 labels');
});
