/** Text of spans that goes to the collector together: some 2,000 of them. Proxies in front of collectors let 1 MiB pass. */
export const maxBatchBytes = 768 * 1024;

const comma = 0x2c;

/** Spans in JSON that go to the collector together, a comma between each two. */
export class SpanBatch {
  // A buffer of its own, for another thread to take.
  private readonly buffer = Buffer.allocUnsafeSlow(maxBatchBytes);
  private length = 0;
  private ownCount = 0;

  /** Spans that it holds. */
  get count(): number {
    return this.ownCount;
  }

  get bytes(): Uint8Array {
    return this.buffer.subarray(0, this.length);
  }

  /**
   * @param count spans in the text
   * @returns false where there is no room for it
   */
  add(text: string, count: number): boolean {
    if (this.length + 1 + Buffer.byteLength(text) > maxBatchBytes) return false;
    if (this.length > 0) this.buffer[this.length++] = comma;
    this.length += this.buffer.write(text, this.length);
    this.ownCount += count;
    return true;
  }
}
