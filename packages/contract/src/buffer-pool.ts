/** Smaller buffers are not kept: allocating them costs no more than looking for one. */
export const minKeptBytes = 64 * 1024;

/**
 * Memory for large messages that is used again: new buffers of that size are mapped, cleared and collected each time, on two threads.
 * They are lent in exact lengths; whoever wants to share them among nearly equal lengths asks for rounded ones.
 */
export class BufferPool {
  /** In the order in which they came back. */
  private readonly kept: ArrayBuffer[] = [];
  private keptBytes = 0;

  /** @param maxBytes that are kept while nobody uses them */
  constructor(private readonly maxBytes: number) {}

  /** A buffer of exactly this length that can be moved. Not cleared: it holds what others sent, so every byte is to be written. */
  take(byteLength: number): Buffer<ArrayBuffer> {
    if (byteLength >= minKeptBytes) {
      const position = this.kept.findLastIndex((buffer) => buffer.byteLength === byteLength);
      if (position !== -1) {
        this.keptBytes -= byteLength;
        return Buffer.from(this.kept.splice(position, 1)[0]!);
      }
    }
    // Slow means unpooled, so that it can be moved.
    return Buffer.allocUnsafeSlow(byteLength);
  }

  /** Keeps a buffer that nobody uses any more, and lets go of those that came back longest ago where they become too many. */
  give(buffer: ArrayBuffer): void {
    if (buffer.byteLength < minKeptBytes) return;
    this.kept.push(buffer);
    this.keptBytes += buffer.byteLength;
    while (this.keptBytes > this.maxBytes) this.keptBytes -= this.kept.shift()!.byteLength;
  }
}
