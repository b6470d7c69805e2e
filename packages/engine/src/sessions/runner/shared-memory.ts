import { markAsUntransferable } from 'node:worker_threads';
import type { TensorMemory } from '../session-host';
import { slabStart } from './layout';
import type { Linux } from './linux';
import { Slab } from './slab';

/** Free memory that stays touched, so that the next large tensor finds its pages. */
const keptFreeBytes = 64 * 2 ** 20;

/** Smaller blocks stay touched: they are used again before long. */
const leastPunchedBytes = 2 ** 20;

/**
 * The memory that host and runner share, and the books of who uses what of it. It is mapped for the life of the process, because views of
 * it may be in anybody's hands, and is never moved to another thread.
 */
export class SharedMemory implements TensorMemory {
  readonly address: bigint;
  readonly byteLength: number;
  readonly words: Int32Array<ArrayBuffer>;
  readonly doubles: Float64Array<ArrayBuffer>;
  private readonly buffer: ArrayBuffer;
  private readonly slab: Slab;
  private isWanted = false;
  private freeTouchedBytes = 0;

  /**
   * @param file of `linux.createMemory`, without a size yet
   * @param slabBytes a power of two
   * @param onRoom called soon after memory was freed that `take` could not give before
   */
  constructor(
    private readonly linux: Linux,
    readonly file: number,
    slabBytes: number,
    private readonly onRoom: () => void,
  ) {
    this.byteLength = slabStart + slabBytes;
    linux.sizeMemory(file, this.byteLength);
    this.address = linux.map(file, this.byteLength);
    this.buffer = linux.view(this.address, this.byteLength);
    // A message with a view of it would copy all of it; one that moved it would leave nothing here.
    markAsUntransferable(this.buffer);
    this.words = new Int32Array(this.buffer);
    this.doubles = new Float64Array(this.buffer);
    this.slab = new Slab(slabStart, slabBytes);
  }

  get mostBytes(): number {
    return this.slab.mostBytes;
  }

  take(byteLength: number): Uint8Array<ArrayBuffer> | undefined {
    const at = this.takeBlock(byteLength);
    return at === undefined ? undefined : new Uint8Array(this.buffer, at, byteLength);
  }

  give(bytes: Uint8Array<ArrayBuffer>): void {
    this.giveBlock(this.offsetOf(bytes));
  }

  /** @returns offset of a block of at least so many bytes; undefined: there is none now, and onRoom tells when to ask again */
  takeBlock(byteLength: number): number | undefined {
    const at = this.slab.take(byteLength);
    if (at === undefined) this.isWanted = true;
    else if (byteLength >= leastPunchedBytes)
      this.freeTouchedBytes = Math.max(0, this.freeTouchedBytes - this.slab.sizeOf(at));
    return at;
  }

  giveBlock(at: number): void {
    const bytes = this.slab.give(at);
    if (bytes >= leastPunchedBytes) this.freeLarge(at, bytes);
    if (!this.isWanted) return;
    this.isWanted = false;
    queueMicrotask(this.onRoom);
  }

  /** Bytes that a block in use holds. */
  blockBytes(at: number): number {
    return this.slab.sizeOf(at);
  }

  /** Where bytes of `take` begin. @throws RangeError where they are not of this memory */
  offsetOf(bytes: Uint8Array<ArrayBuffer>): number {
    if (bytes.buffer !== this.buffer) throw new RangeError('the bytes are not in the memory of the host');
    return bytes.byteOffset;
  }

  /** A view of bytes that the runner has written; only until their block is given back. */
  view(at: number, byteLength: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.buffer, at, byteLength);
  }

  /** Clears what stands before the slab: requests, answers, doorbells. Nobody else may use the memory. */
  clearControl(): void {
    this.words.fill(0, 0, slabStart / 4);
  }

  /** Gives the pages of the slab back to the system. Nobody may use the memory any more. */
  release(): void {
    this.linux.punch(this.file, slabStart, this.byteLength - slabStart);
  }

  private freeLarge(at: number, bytes: number): void {
    if (this.freeTouchedBytes + bytes <= keptFreeBytes) {
      this.freeTouchedBytes += bytes;
      return;
    }
    this.linux.punch(this.file, at, bytes);
  }
}
