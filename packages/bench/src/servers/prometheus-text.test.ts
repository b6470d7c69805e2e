import { describe, expect, it } from '@jest/globals';
import { parseSamples, sumOf } from './prometheus-text';

const scrape = [
  '# HELP calls_total Calls by method.',
  '# TYPE calls_total counter',
  'calls_total{method="A/B",code="OK"} 12',
  'calls_total{method="A/B",code="CANCELLED"} 3',
  'calls_total{method="A/C",code="OK"} 1e3 1700000000000',
  'odd_total{text="say \\"hi\\", {ok}\\\\"} 5',
  'up 1',
  '',
].join('\n');

describe('Prometheus text', () => {
  const samples = parseSamples(scrape);

  it('reads names, labels and values', () => {
    expect(samples).toHaveLength(5);
    expect(samples[4]).toEqual({ name: 'up', labels: new Map(), value: 1 });
    expect(samples[3]!.labels.get('text')).toBe('say "hi", {ok}\\');
  });

  it('sums the samples that match all labels', () => {
    expect(sumOf(samples, 'calls_total', {})).toBe(1015);
    expect(sumOf(samples, 'calls_total', { method: 'A/B' })).toBe(15);
    expect(sumOf(samples, 'calls_total', { method: 'A/B', code: 'OK' })).toBe(12);
    expect(sumOf(samples, 'calls_total', { method: 'A/D' })).toBe(0);
  });
});
