import type { Span } from './span';

/** Takes spans to their collector. */
export interface SpanExporter {
  /** Rejects where the collector did not take them. Never more than one batch at a time. */
  send(spans: readonly Span[]): Promise<void>;
  /** Nothing is sent after it. */
  close?(): Promise<void>;
}

/** Spans that wait for the collector; more are dropped. About 1 KiB each. */
export const maxQueuedSpans = 2048;

/**
 * Spans that go to the collector together. Putting them into text holds the event loop, for about a millisecond; a request costs
 * as much as the text of 300.
 */
const batchSpans = 512;

/** Longest wait for company, in milliseconds. */
const maxDelayMs = 2000;

/** What became of spans, since the start. */
export interface SpanCounts {
  exported: number;
  /** No room in the queue. */
  dropped: number;
  /** The collector did not take them. */
  failed: number;
}

/** Spans on their way out: a call that ends never waits for them. */
export class SpanQueue {
  readonly counts: SpanCounts = { exported: 0, dropped: 0, failed: 0 };
  readonly #spans: Span[] = [];
  /** Of `#spans`, their stages among them. */
  #count = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;

  constructor(
    private readonly exporter: SpanExporter,
    /** Told when the collector takes no more, and when it does again. */
    private readonly onTurn: (problem: Error | undefined) => void,
  ) {}

  add(span: Span): void {
    if (this.#count + span.count > maxQueuedSpans) {
      this.counts.dropped += span.count;
      return;
    }
    this.#spans.push(span);
    this.#count += span.count;
    this.#plan();
  }

  /** Sends what waits, for at most `timeoutMs`; what is left then is dropped. */
  async close(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<boolean>((resolve) => {
      timer = setTimeout(() => resolve(true), timeoutMs);
    });
    const isExpired = await Promise.race([expired, this.#sendAll().then(() => false)]);
    clearTimeout(timer);
    clearTimeout(this.#timer);
    if (isExpired) this.counts.dropped += countOf(this.#take(Infinity));
    await this.exporter.close?.();
  }

  async #sendAll(): Promise<void> {
    for (;;) {
      this.#send();
      if (this.#sending === undefined) return;
      await this.#sending;
    }
  }

  #plan(): void {
    if (this.#count >= batchSpans) this.#send();
    else if (this.#spans.length > 0) this.#timer ??= setTimeout(() => this.#send(), maxDelayMs).unref();
  }

  #send(): void {
    if (this.#sending !== undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#spans.length > 0) this.#sending = this.#sendBatch(this.#take(batchSpans));
  }

  /** Those that waited longest, until there are so many; stages stay with their span. */
  #take(most: number): readonly Span[] {
    let end = 0;
    for (let taken = 0; end < this.#spans.length && taken < most; end++) taken += this.#spans[end]!.count;
    const spans = this.#spans.splice(0, end);
    this.#count -= countOf(spans);
    return spans;
  }

  async #sendBatch(batch: readonly Span[]): Promise<void> {
    const count = countOf(batch);
    try {
      await this.exporter.send(batch);
      this.counts.exported += count;
      this.onTurn(undefined);
    } catch (error) {
      this.counts.failed += count;
      this.onTurn(error as Error);
    }
    this.#sending = undefined;
    this.#plan();
  }
}

function countOf(spans: readonly Span[]): number {
  return spans.reduce((sum, { count }) => sum + count, 0);
}
