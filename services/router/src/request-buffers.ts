import { BufferPool, lengthOf } from '@tributary/contract';

/** Shorter requests stay in the pieces in which they arrived, and so do longer ones than the second. */
const minGatheredBytes = 64 * 1024;
const maxGatheredBytes = 8 * 2 ** 20;

/** Requests of about the same length share buffers. */
const grainBytes = 64 * 1024;

/** Memory that is kept while there are no requests: as many of 602 KB as keep two cores busy. */
const maxIdleBytes = 16 * 2 ** 20;

/**
 * Memory for long requests while they wait for their answer. What a socket brings lies in pieces of 64 KiB at most, each an object of
 * V8's; kept for as long as a call takes they outlive its young generation, and collecting them cost a call of 602 KB more than the
 * one copy into memory that is used again and again.
 */
export class RequestBuffers {
  private readonly buffers = new BufferPool(maxIdleBytes);

  /** A long request in one place; its pieces are not needed any more. Undefined for others. */
  gather(pieces: readonly Uint8Array[]): Buffer<ArrayBuffer> | undefined {
    const length = lengthOf(pieces);
    if (length < minGatheredBytes || length > maxGatheredBytes) return undefined;
    const buffer = this.buffers.take(Math.ceil(length / grainBytes) * grainBytes);
    let at = 0;
    for (const piece of pieces) {
      buffer.set(piece, at);
      at += piece.length;
    }
    return buffer.subarray(0, length);
  }

  /** Takes back what `gather` gave, once nobody reads or sends it any more: it will hold another caller's request. */
  giveBack(gathered: Buffer<ArrayBuffer>): void {
    this.buffers.give(gathered.buffer);
  }
}
