import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { pino } from 'pino';
import { maxBatchBytes } from './span-batch';
import { maxWaitingBatches, type SpanExporter } from './span-queue';
import { Tracer } from './tracer';

function tracerWith(exporter: SpanExporter, ratio = 1): Tracer {
  return new Tracer({ exporter, ratio, maxDelayMs: 60_000, log: pino({ level: 'silent' }) });
}

/** As a collector reads them. */
function spansIn(batch: Uint8Array): { readonly spanId: string; readonly name: string }[] {
  return JSON.parse(`[${Buffer.from(batch).toString()}]`) as ReturnType<typeof spansIn>;
}

function endSpans(tracer: Tracer, count: number): void {
  for (let made = 0; made < count; made += 1) tracer.serve('demo.Demo/Echo', {}, 0)?.end(1);
}

afterEach(() => void jest.useRealTimers());

describe('a tracer', () => {
  it('with a collector that never answers holds a bounded number of bytes, and counts spans that find no room as dropped', async () => {
    const sent: Uint8Array[] = [];
    const tracer = tracerWith({
      send: (batch) => {
        sent.push(batch);
        return new Promise(() => undefined);
      },
    });
    endSpans(tracer, 30_000);
    expect(sent).toHaveLength(1);
    expect(sent[0]!.length).toBeLessThanOrEqual(maxBatchBytes);
    const taken = spansIn(sent[0]!).length;
    // All spans are about as long; the last few are not text yet.
    const held = 30_000 - taken - tracer.counts.dropped;
    expect(held / taken).toBeGreaterThan(0.95 * maxWaitingBatches);
    expect(held / taken).toBeLessThan(1.2 * maxWaitingBatches);
    await tracer.close(1);
    expect(tracer.counts).toEqual({ exported: 0, dropped: 30_000 - taken, failed: 0 });
  });

  it('keeps the few spans of a quiet process while the collector takes its time, and sends them then', async () => {
    jest.useFakeTimers();
    const answers: (() => void)[] = [];
    const sizes: number[] = [];
    const tracer = tracerWith({
      send: (batch) => {
        sizes.push(spansIn(batch).length);
        return new Promise((resolve) => answers.push(resolve));
      },
    });
    for (let minute = 0; minute < 20; minute += 1) {
      endSpans(tracer, 10);
      await jest.advanceTimersByTimeAsync(60_000);
    }
    expect(sizes).toEqual([10]);
    answers[0]!();
    await jest.advanceTimersByTimeAsync(0);
    expect(sizes).toEqual([10, 190]);
    answers[1]!();
    await jest.advanceTimersByTimeAsync(0);
    expect(tracer.counts).toEqual({ exported: 200, dropped: 0, failed: 0 });
  });

  it('counts what the collector refuses as failed, and goes on', async () => {
    const sent: number[] = [];
    const tracer = tracerWith({
      send: (batch) => {
        sent.push(spansIn(batch).length);
        return sent.length === 1 ? Promise.reject(new Error('no')) : Promise.resolve();
      },
    });
    endSpans(tracer, 5000);
    await tracer.close(60_000);
    expect(sent.length).toBeGreaterThan(1);
    expect(sent.reduce((sum, length) => sum + length)).toBe(5000);
    expect(tracer.counts).toEqual({ exported: 5000 - sent[0]!, dropped: 0, failed: sent[0] });
  });

  it('sends the last spans before it closes, each once', async () => {
    const ids: string[] = [];
    const tracer = tracerWith({ send: async (batch) => void ids.push(...spansIn(batch).map(({ spanId }) => spanId)) });
    endSpans(tracer, 5000);
    await tracer.close(60_000);
    expect(new Set(ids).size).toBe(5000);
    expect(ids).toHaveLength(5000);
  });

  it('counts stages as the spans that they are shown as; of a span that has ended they come too late', async () => {
    const names: string[] = [];
    const tracer = tracerWith({ send: async (batch) => void names.push(...spansIn(batch).map(({ name }) => name)) });
    const span = tracer.serve('demo.Demo/Echo', {}, 0)!;
    span.stage('queue', 0, 1);
    span.stage('inference', 1, 2);
    span.end(2);
    span.stage('finish', 2, 3);
    await tracer.close(60_000);
    expect(tracer.counts).toEqual({ exported: 3, dropped: 0, failed: 0 });
    expect(names).toEqual(['demo.Demo/Echo', 'queue', 'inference']);
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
