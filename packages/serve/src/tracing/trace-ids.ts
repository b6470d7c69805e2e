import { randomFillSync } from 'node:crypto';

const traceIdBytes = 16;
const spanIdBytes = 8;

/** Random bytes that are drawn at once: a draw of its own for each id would cost more than the rest of an unsampled call's tracing. */
const poolBytes = 8192;

/** Makes ids of traces and spans, and decides which traces are recorded. */
export class TraceIds {
  private readonly pool = Buffer.allocUnsafe(poolBytes);
  private at = poolBytes;
  /** Traces that are passed over until the next one that is recorded. */
  private untilRecorded: number;

  /** @param ratio share of traces that are recorded, from 0 to 1 */
  constructor(private readonly ratio: number) {
    this.untilRecorded = this.drawGap();
  }

  /**
   * The id of a trace that is to be recorded; undefined where it is not. Each is recorded with the same chance, whatever became of
   * those before, and yet nothing is drawn for most of them: gaps between events that are independent are of geometric lengths.
   */
  drawRecorded(): string | undefined {
    if (this.untilRecorded > 0) {
      this.untilRecorded -= 1;
      return undefined;
    }
    this.untilRecorded = this.drawGap();
    return this.traceId();
  }

  traceId(): string {
    const start = this.take(traceIdBytes);
    return this.pool.toString('hex', start, start + traceIdBytes);
  }

  spanId(): string {
    const start = this.take(spanIdBytes);
    return this.pool.toString('hex', start, start + spanIdBytes);
  }

  /** By the inverse of the geometric distribution; Infinity where nothing is recorded. */
  private drawGap(): number {
    if (this.ratio >= 1) return 0;
    const uniform = (this.pool.readUInt32BE(this.take(4)) + 1) / (2 ** 32 + 1);
    return Math.floor(Math.log(uniform) / Math.log1p(-this.ratio));
  }

  private take(bytes: number): number {
    if (this.at + bytes > poolBytes) {
      randomFillSync(this.pool);
      this.at = 0;
    }
    const start = this.at;
    this.at += bytes;
    return start;
  }
}
