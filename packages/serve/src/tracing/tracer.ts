import type { Logger } from 'pino';
import { offered, type ReceivedMetadata } from '../call/metadata';
import { Span } from './span';
import { SpanQueue, type SpanCounts, type SpanExporter } from './span-queue';
import { TraceIds } from './trace-ids';
import { formatTraceparent, isSampled, isTraceparent, spanIdOf, traceIdOf } from './traceparent';

export interface TracerOptions {
  readonly exporter: SpanExporter;
  /** Share of the calls without a trace of their caller's that are traced, from 0 to 1. */
  readonly ratio: number;
  /** Longest time for which an ended span waits for others to be sent with it, in milliseconds. */
  readonly maxDelayMs: number;
  readonly log: Logger;
}

/** Makes the spans of a process and sends them to the collector. Calls whose callers trace them are traced, whatever the ratio. */
export class Tracer {
  readonly ids: TraceIds;
  private readonly queue: SpanQueue;

  constructor({ exporter, ratio, maxDelayMs, log }: TracerOptions) {
    this.ids = new TraceIds(ratio);
    let isFailing = false;
    const onTurn = (problem: Error | undefined): void => {
      const failed = problem !== undefined;
      if (failed === isFailing) return;
      isFailing = failed;
      if (failed) log.warn({ problem: problem.message }, 'the collector takes no spans; they are dropped');
      else log.info('the collector takes spans again');
    };
    this.queue = new SpanQueue({ exporter, ids: this.ids, maxDelayMs, onTurn });
  }

  get counts(): Readonly<SpanCounts> {
    return this.queue.counts;
  }

  /** The span of a call that has come, where it is traced. Nothing is made for one that is not. */
  serve(method: string, received: ReceivedMetadata, startMs: number): Span | undefined {
    const given = offered(received, 'traceparent');
    if (!isTraceparent(given)) {
      const traceId = this.ids.drawRecorded();
      if (traceId === undefined) return undefined;
      return new Span(
        this,
        method,
        'server',
        { traceId, parentId: '', hasRemoteParent: false, traceState: '' },
        startMs,
      );
    }
    if (!isSampled(given)) return undefined;
    const state = offered(received, 'tracestate');
    const origin = {
      traceId: traceIdOf(given),
      parentId: spanIdOf(given),
      hasRemoteParent: true,
      traceState: typeof state === 'string' ? state : '',
    };
    return new Span(this, method, 'server', origin, startMs);
  }

  /** What tells the next process that a call is not traced, so that it does not begin a trace of its own. */
  untraced(): string {
    return formatTraceparent(this.ids.traceId(), this.ids.spanId(), false);
  }

  ended(span: Span): void {
    this.queue.add(span);
  }

  /** Sends what waits, for at most `timeoutMs`. */
  close(timeoutMs: number): Promise<void> {
    return this.queue.close(timeoutMs);
  }
}
