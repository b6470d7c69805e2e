import { describe, expect, it } from '@jest/globals';
import { LatencyHistogram } from './latency-histogram';

describe('LatencyHistogram', () => {
  it('answers 0 while nothing was recorded', () => {
    const histogram = new LatencyHistogram();
    expect([histogram.count, histogram.meanMs, histogram.maxMs, histogram.percentileMs(0.5)]).toEqual([0, 0, 0, 0]);
  });

  it('finds percentiles within 1.6 % over five orders of size', () => {
    const histogram = new LatencyHistogram();
    const latencies = Array.from({ length: 10_000 }, (_, i) => 0.05 * 1.001 ** i);
    for (const latency of latencies) histogram.record(latency);
    for (const share of [0.01, 0.5, 0.9, 0.99, 0.999]) {
      const exact = latencies[Math.ceil(latencies.length * share) - 1]!;
      expect(Math.abs(histogram.percentileMs(share) / exact - 1)).toBeLessThan(1 / 64);
    }
  });

  it('counts a slow tail: one call in fifty is seen at p99 and not at p50', () => {
    const histogram = new LatencyHistogram();
    for (let call = 0; call < 1000; call++) histogram.record(call % 50 === 0 ? 800 : 2);
    expect(histogram.percentileMs(0.5)).toBeCloseTo(2, 1);
    expect(histogram.percentileMs(0.99)).toBeGreaterThan(780);
    expect(histogram.maxMs).toBe(800);
    expect(histogram.meanMs).toBeCloseTo(2 + 798 / 50, 5);
  });

  it('keeps what is below a microsecond or beyond its range', () => {
    const histogram = new LatencyHistogram();
    histogram.record(0);
    histogram.record(1e9);
    expect(histogram.count).toBe(2);
    expect(histogram.percentileMs(1)).toBeGreaterThan(500_000);
  });
});
