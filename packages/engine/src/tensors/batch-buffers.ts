/** Smaller buffers are not kept: allocating them costs no more than looking for one. */
export const minKeptBytes = 64 * 1024;

/** Most bytes that are kept. Two lanes with a batch of eight pictures of 602 KB each use 10 MB. */
const maxKeptBytes = 16 * 2 ** 20;

/**
 * Memory for batches. A lane sends the large buffers of a batch back when it has run, and the next batch of that size is laid into
 * them: new ones of that size are mapped, cleared and collected again, on two threads.
 */
export class BatchBuffers {
  /** In the order in which they came back. */
  private readonly kept: ArrayBuffer[] = [];
  private keptBytes = 0;

  constructor(private readonly maxBytes = maxKeptBytes) {}

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
    this.kept.push(buffer);
    this.keptBytes += buffer.byteLength;
    while (this.keptBytes > this.maxBytes) this.keptBytes -= this.kept.shift()!.byteLength;
  }
}
