import { spanToJson } from './otlp-json';
import { shownSpans, type Span } from './span';
import { SpanBatch } from './span-batch';
import { SpanColumns } from './span-columns';
import type { TraceIds } from './trace-ids';
import { wallOriginMs } from './wall-clock';

/** Takes spans to their collector. */
export interface SpanExporter {
  /**
   * Rejects where the collector did not take them. Never more than one batch at a time.
   * @param spans in JSON, a comma between each two; the bytes are the exporter's from now on, with the buffer they lie in
   */
  send(spans: Uint8Array): Promise<void>;
  /** Nothing is sent after it. */
  close?(): Promise<void>;
}

/**
 * Spans that are put into text together, within less than a millisecond. One at a time that would take some times longer: code that
 * runs only now and then is in no cache of the processor.
 */
const writtenSpans = 128;

/** Batches that are full and wait for the collector, 768 KiB each; spans that find no room any more are dropped. */
export const maxWaitingBatches = 3;

/** What became of spans, since the start. */
export interface SpanCounts {
  exported: number;
  /** No room in the queue. */
  dropped: number;
  /** The collector did not take them. */
  failed: number;
}

/** Where spans go, and how long they may wait. */
export interface SpanQueueOptions {
  readonly exporter: SpanExporter;
  /** For stages, which are sent as spans. */
  readonly ids: TraceIds;
  /** Longest wait for company, in milliseconds. */
  readonly maxDelayMs: number;
  /** Told when the collector takes no more, and when it does again. */
  readonly onTurn: (problem: Error | undefined) => void;
}

/** Spans on their way out: a call that ends never waits for them. */
export class SpanQueue {
  readonly counts: SpanCounts = { exported: 0, dropped: 0, failed: 0 };
  private readonly waiting: SpanBatch[] = [];
  /** The batch that spans are written to. */
  private open: SpanBatch | undefined;
  /** Those that are not yet text. */
  private fresh = new SpanColumns();
  private timer: NodeJS.Timeout | undefined;
  /** Whether the open batch has waited long enough, but another is on its way. */
  private isDue = false;
  private sending: Promise<void> | undefined;

  constructor(private readonly options: SpanQueueOptions) {}

  add(span: Span): void {
    // Before it is text, which is most of what a span costs.
    if (this.isFull) {
      this.counts.dropped += shownSpans(span);
      return;
    }
    this.timer ??= setTimeout(() => this.flush(), this.options.maxDelayMs).unref();
    this.fresh.add(span);
    if (this.fresh.count >= writtenSpans) this.write();
  }

  /** Sends what waits, for at most `timeoutMs`; what is left then is dropped. */
  async close(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const expired = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, timeoutMs);
    });
    await Promise.race([expired, this.sendAll()]);
    clearTimeout(timer);
    if (this.open !== undefined) this.waiting.push(this.open);
    this.open = undefined;
    for (const { count } of this.waiting.splice(0)) this.counts.dropped += count;
    await this.options.exporter.close?.();
  }

  private async sendAll(): Promise<void> {
    this.flush();
    while (this.sending !== undefined) await this.sending;
  }

  /** Sends what there is, or has it sent as soon as the batch before it has arrived. */
  private flush(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.write();
    // Behind one that is on its way it grows: small ones, closed by the clock, would use up the places of those that wait.
    if (this.sending === undefined) this.ownClose();
    else this.isDue = true;
  }

  /** Puts the fresh ones into text. */
  private write(): void {
    const originMs = wallOriginMs();
    for (const span of this.fresh.spans()) {
      const count = shownSpans(span);
      if (!this.put(spanToJson(span, this.options.ids, originMs), count)) this.counts.dropped += count;
    }
    this.fresh = new SpanColumns();
  }

  /** @returns false where there is no room */
  private put(text: string, count: number): boolean {
    if (this.open?.add(text, count) === true) return true;
    this.ownClose();
    if (this.isFull) return false;
    this.open = new SpanBatch();
    return this.open.add(text, count);
  }

  private get isFull(): boolean {
    return this.open === undefined && this.waiting.length >= maxWaitingBatches;
  }

  /** The open batch gets no more. */
  private ownClose(): void {
    if (this.open !== undefined) this.waiting.push(this.open);
    this.open = undefined;
    this.isDue = false;
    this.send();
  }

  private send(): void {
    if (this.sending !== undefined) return;
    const batch = this.waiting.shift();
    if (batch !== undefined) this.sending = this.sendBatch(batch);
  }

  private async sendBatch({ bytes, count }: SpanBatch): Promise<void> {
    try {
      await this.options.exporter.send(bytes);
      this.counts.exported += count;
      this.options.onTurn(undefined);
    } catch (error) {
      this.counts.failed += count;
      this.options.onTurn(error as Error);
    }
    this.sending = undefined;
    if (this.waiting.length === 0 && this.isDue) this.ownClose();
    else this.send();
  }
}
