import { randomFillSync } from 'node:crypto';

const traceIdBytes = 16;
const spanIdBytes = 8;

/** Random bytes that are drawn at once: a draw of its own for each id would cost more than the rest of an unsampled call's tracing. */
const poolBytes = 8192;

/** Makes ids of traces and spans, and decides which traces are recorded. */
export class TraceIds {
  readonly #pool = Buffer.allocUnsafe(poolBytes);
  #at = poolBytes;
  /** Trace ids whose last 32 bits are below it are recorded. */
  readonly #threshold: number;

  /** @param ratio share of traces that are recorded, from 0 to 1 */
  constructor(ratio: number) {
    this.#threshold = ratio * 2 ** 32;
  }

  /**
   * The id of a trace that is to be recorded; undefined where it is not. The id decides, by its last 32 bits, before anything is made of
   * it.
   */
  drawRecorded(): string | undefined {
    const start = this.#take(traceIdBytes);
    if (this.#pool.readUInt32BE(start + traceIdBytes - 4) >= this.#threshold) return undefined;
    return this.#pool.toString('hex', start, start + traceIdBytes);
  }

  traceId(): string {
    const start = this.#take(traceIdBytes);
    return this.#pool.toString('hex', start, start + traceIdBytes);
  }

  spanId(): string {
    const start = this.#take(spanIdBytes);
    return this.#pool.toString('hex', start, start + spanIdBytes);
  }

  #take(bytes: number): number {
    if (this.#at + bytes > poolBytes) {
      randomFillSync(this.#pool);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += bytes;
    return start;
  }
}
