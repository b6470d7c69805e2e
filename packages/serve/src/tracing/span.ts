import type { TraceIds } from './trace-ids';
import { formatTraceparent } from './traceparent';

/** server: a call that came; client: one that was sent; internal: a stage of work. */
export type SpanKind = 'server' | 'client' | 'internal';

/** What the spans of a process share. */
export interface SpanSink {
  readonly ids: TraceIds;
  /** Takes a span that has ended. */
  ended(span: Span): void;
}

/** Where a span stands in its trace. */
export interface SpanOrigin {
  readonly traceId: string;
  /** '' for the first span of a trace. */
  readonly parentId: string;
  /** Whether the parent is in another process. */
  readonly hasRemoteParent: boolean;
  /** `tracestate` as it came; '' for none. */
  readonly traceState: string;
}

/** A part of a span's time, with nothing to say of it but that. It is shown as a span of its own. */
export interface Stage {
  readonly name: string;
  readonly startMs: number;
  readonly endMs: number;
}

/** What a span is told of as, once it has ended. */
export interface EndedSpan {
  /** 16 hex digits. */
  readonly spanId: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly origin: SpanOrigin;
  readonly startMs: number;
  readonly endMs: number;
  /** Names of OpenTelemetry's semantic conventions, or ours under `tributary.`. */
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly stages: readonly Stage[];
  /** Whether the work failed, and not by the caller's fault. */
  readonly isFailed: boolean;
}

/** As how many spans it is shown: itself and its stages. */
export function shownSpans({ stages }: EndedSpan): number {
  return 1 + stages.length;
}

/** A stretch of work on a call that is traced. Times are of performance.now(), in milliseconds. */
export class Span implements EndedSpan {
  readonly spanId: string;
  readonly attributes: Record<string, string | number> = {};
  /** Most spans of a call are its stages; as a `Span` each would cost it more than all else. */
  readonly stages: Stage[] = [];
  isFailed = false;
  private endedMs: number | undefined;

  constructor(
    private readonly sink: SpanSink,
    readonly name: string,
    readonly kind: SpanKind,
    readonly origin: SpanOrigin,
    readonly startMs: number,
  ) {
    this.spanId = sink.ids.spanId();
  }

  /** What goes to the next process, for it to go on from this span. */
  get traceparent(): string {
    return formatTraceparent(this.origin.traceId, this.spanId, true);
  }

  /** When it ended; of one that has not, its start. */
  get endMs(): number {
    return this.endedMs ?? this.startMs;
  }

  child(name: string, kind: SpanKind, startMs: number): Span {
    const { traceId, traceState } = this.origin;
    return new Span(
      this.sink,
      name,
      kind,
      { traceId, parentId: this.spanId, hasRemoteParent: false, traceState },
      startMs,
    );
  }

  /** A stage that is over; of a span that has ended it is too late. */
  stage(name: string, startMs: number, endMs: number): void {
    if (this.endedMs === undefined) this.stages.push({ name, startMs, endMs });
  }

  /** Ends it, once; later calls do nothing. */
  end(endMs: number): void {
    if (this.endedMs !== undefined) return;
    this.endedMs = endMs;
    this.sink.ended(this);
  }
}
