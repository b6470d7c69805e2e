import { frameHeaderBytes, writeFrameHeader } from './http2-frame';

/** Bytes are gathered in blocks of this size; written parts of a block are never used again. */
const blockBytes = 256 * 1024;

/** Gathers the frames of one turn of the event loop, so that they leave in one write. */
export class OutputBuffer {
  private readonly write: (bytes: Buffer) => void;
  private block = Buffer.allocUnsafeSlow(blockBytes);
  private start = 0;
  private end = 0;
  private flushScheduled = false;

  constructor(write: (bytes: Buffer) => void) {
    this.write = write;
  }

  /** Takes a copy of bytes of at most one frame, behind the frame header where one is given. */
  append(bytes: Buffer, header?: Parameters<typeof writeFrameHeader>[2]): void {
    if (this.end + frameHeaderBytes + bytes.length > this.block.length) {
      this.flush();
      this.block = Buffer.allocUnsafeSlow(blockBytes);
      this.start = this.end = 0;
    }
    if (header !== undefined) this.end = writeFrameHeader(this.block, this.end, header);
    this.block.set(bytes, this.end);
    this.end += bytes.length;
    if (this.flushScheduled) return;
    this.flushScheduled = true;
    queueMicrotask(() => {
      this.flushScheduled = false;
      this.flush();
    });
  }

  /** Writes what was gathered. */
  flush(): void {
    if (this.end === this.start) return;
    this.write(this.block.subarray(this.start, this.end));
    this.start = this.end;
  }
}
