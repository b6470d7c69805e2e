import { describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import type { Span } from './span';
import { maxQueuedSpans, type SpanExporter } from './span-queue';
import { Tracer } from './tracer';

function tracerWith(exporter: SpanExporter, ratio = 1): Tracer {
  return new Tracer({ exporter, ratio, log: pino({ level: 'silent' }) });
}

function endSpans(tracer: Tracer, count: number): void {
  for (let made = 0; made < count; made += 1) tracer.serve('demo.Demo/Echo', {}, 0)?.end(1);
}

describe('a tracer', () => {
  it('with a collector that never answers holds a bounded number of spans and counts the others as dropped', async () => {
    let taken = 0;
    const tracer = tracerWith({
      send: (spans) => {
        taken += spans.length;
        return new Promise(() => undefined);
      },
    });
    endSpans(tracer, 10_000);
    expect(tracer.counts).toEqual({ exported: 0, dropped: 10_000 - taken - maxQueuedSpans, failed: 0 });
    expect(taken).toBeGreaterThan(0);
    await tracer.close(1);
    expect(tracer.counts.dropped).toBe(10_000 - taken);
  });

  it('counts what the collector refuses as failed, and goes on', async () => {
    const sent: number[] = [];
    const tracer = tracerWith({
      send: ({ length }) => {
        sent.push(length);
        return sent.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    });
    endSpans(tracer, 1000);
    await tracer.close(60_000);
    expect(sent.reduce((sum, length) => sum + length)).toBe(1000);
    expect(tracer.counts).toEqual({ exported: 1000 - sent[0]!, dropped: 0, failed: sent[0] });
  });

  it('sends the last spans before it closes, each once', async () => {
    const spans: Span[] = [];
    const tracer = tracerWith({ send: async (batch) => void spans.push(...batch) });
    endSpans(tracer, 300);
    await tracer.close(60_000);
    expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(300);
    expect(spans).toHaveLength(300);
  });

  it('counts stages as the spans that they are shown as; of a span that has ended they come too late', async () => {
    const spans: Span[] = [];
    const tracer = tracerWith({ send: async (batch) => void spans.push(...batch) });
    const span = tracer.serve('demo.Demo/Echo', {}, 0)!;
    span.stage('queue', 0, 1);
    span.stage('inference', 1, 2);
    span.end(2);
    span.stage('finish', 2, 3);
    await tracer.close(60_000);
    expect(tracer.counts).toEqual({ exported: 3, dropped: 0, failed: 0 });
    expect(spans).toMatchObject([{ stages: [{ name: 'queue' }, { name: 'inference' }] }]);
  });

  it.each([
    [0, 0, 0],
    [0.1, 8000, 12_000],
    [1, 100_000, 100_000],
  ])('at %s it traces that share of the calls', (ratio, least, most) => {
    const tracer = tracerWith({ send: () => Promise.resolve() }, ratio);
    let traced = 0;
    for (let call = 0; call < 100_000; call += 1) {
      if (tracer.serve('demo.Demo/Echo', {}, 0) !== undefined) traced += 1;
    }
    expect(traced).toBeGreaterThanOrEqual(least);
    expect(traced).toBeLessThanOrEqual(most);
  });
});
