import { lengthOf } from '@tributary/contract';

/** Shorter requests stay in the pieces in which they arrived. */
const minBytes = 64 * 1024;

/** Buffers are kept in sizes of this grain, so that requests of about the same length share them. */
const grainBytes = 64 * 1024;

/** Longer ones are not kept. */
const maxKeptBytes = 8 * 2 ** 20;

/**
 * Memory for long requests while they wait for their answer. What a socket brings lies in pieces of 64 KiB at most, each an object of
 * V8's; kept for as long as a call takes they outlive its young generation, and collecting them cost a call of 602 KB more than the
 * one copy into memory that is used again and again.
 */
export class RequestBuffers {
  readonly #kept = new Map<number, Buffer[]>();
  #keptBytes = 0;

  /** @param maxIdleBytes how much may lie here unused */
  constructor(private readonly maxIdleBytes: number) {}

  /** The request in one piece, where it is long; the pieces are not needed any more. */
  gather(pieces: readonly Uint8Array[]): readonly Uint8Array[] {
    const length = lengthOf(pieces);
    if (length < minBytes || length > maxKeptBytes) return pieces;
    const size = Math.ceil(length / grainBytes) * grainBytes;
    let buffer = this.#kept.get(size)?.pop();
    if (buffer === undefined) buffer = Buffer.allocUnsafeSlow(size);
    else this.#keptBytes -= size;
    let at = 0;
    for (const piece of pieces) {
      buffer.set(piece, at);
      at += piece.length;
    }
    return [buffer.subarray(0, length)];
  }

  /** Only what `gather` gave, once nobody reads or sends it any more. */
  giveBack(request: readonly Uint8Array[]): void {
    const size = request[0]?.buffer.byteLength ?? 0;
    if (request.length !== 1 || size < minBytes || size % grainBytes !== 0) return;
    if (this.#keptBytes + size > this.maxIdleBytes) return;
    const buffer = Buffer.from(request[0]!.buffer);
    const others = this.#kept.get(size);
    if (others === undefined) this.#kept.set(size, [buffer]);
    else others.push(buffer);
    this.#keptBytes += size;
  }
}
