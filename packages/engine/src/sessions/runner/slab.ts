/** Smallest block, as a power of two: aligned for every datatype, and what a page holds 16 of. */
const minOrder = 8;

/** Free blocks of one size that are not merged: the next run wants the same. */
const unmergedBlocks = 32;

/**
 * Hands out blocks of a stretch of memory by halving (a buddy allocator). Its books are kept beside the memory, so that nobody who
 * shares the memory can spoil them.
 */
export class Slab {
  private readonly maxOrder: number;
  /** Order of each free block by its offset: the truth. */
  private readonly freeOrders = new Map<number, number>();
  private readonly usedOrders = new Map<number, number>();
  /** Offsets by order; an offset whose block was merged or cut since is passed over. */
  private freeStacks: number[][];

  /**
   * @param start offset of the first byte; offsets are told with it
   * @param bytes a power of two
   */
  constructor(
    private readonly start: number,
    bytes: number,
  ) {
    this.maxOrder = Math.floor(Math.log2(bytes));
    this.freeStacks = Array.from({ length: this.maxOrder + 1 }, () => []);
    this.addFree(0, this.maxOrder);
  }

  /** Largest block that can be had while anything else is used. */
  get mostBytes(): number {
    return 2 ** (this.maxOrder - 1);
  }

  /** Nothing is used. */
  get isEmpty(): boolean {
    return this.usedOrders.size === 0;
  }

  /** @returns offset of a block of at least so many bytes; undefined: there is none now */
  take(bytes: number): number | undefined {
    const order = Math.max(minOrder, Math.ceil(Math.log2(bytes)));
    if (order > this.maxOrder) return undefined;
    let offset = this.takeBlock(order);
    if (offset === undefined) {
      this.mergeAll();
      offset = this.takeBlock(order);
    }
    return offset === undefined ? undefined : this.start + offset;
  }

  /** @returns bytes of the block that was freed. @throws RangeError where none in use begins there */
  give(at: number): number {
    let offset = at - this.start;
    const usedOrder = this.usedOrders.get(offset);
    if (usedOrder === undefined) throw new RangeError(`no block in use begins at ${at}`);
    this.usedOrders.delete(offset);
    let order = usedOrder;
    while (order < this.maxOrder && this.freeStacks[order]!.length > unmergedBlocks) {
      const buddy = buddyOf(offset, order);
      if (this.freeOrders.get(buddy) !== order) break;
      this.freeOrders.delete(buddy);
      offset = Math.min(offset, buddy);
      order++;
    }
    this.addFree(offset, order);
    return 2 ** usedOrder;
  }

  /** Bytes of a block in use, which may be more than were asked for. */
  sizeOf(at: number): number {
    return 2 ** this.usedOrders.get(at - this.start)!;
  }

  private takeBlock(order: number): number | undefined {
    for (let from = order; from <= this.maxOrder; from++) {
      const offset = this.popFree(from);
      if (offset === undefined) continue;
      for (let half = from - 1; half >= order; half--) this.addFree(offset + 2 ** half, half);
      this.usedOrders.set(offset, order);
      return offset;
    }
    return undefined;
  }

  private popFree(order: number): number | undefined {
    const stack = this.freeStacks[order]!;
    for (let offset = stack.pop(); offset !== undefined; offset = stack.pop()) {
      if (this.freeOrders.get(offset) !== order) continue;
      this.freeOrders.delete(offset);
      return offset;
    }
    return undefined;
  }

  private addFree(offset: number, order: number): void {
    this.freeOrders.set(offset, order);
    this.freeStacks[order]!.push(offset);
  }

  private mergeAll(): void {
    for (let order = minOrder; order < this.maxOrder; order++) {
      for (const [offset, itsOrder] of [...this.freeOrders]) {
        const buddy = buddyOf(offset, order);
        if (itsOrder !== order || this.freeOrders.get(offset) !== order || this.freeOrders.get(buddy) !== order)
          continue;
        this.freeOrders.delete(buddy);
        this.freeOrders.delete(offset);
        this.freeOrders.set(Math.min(offset, buddy), order + 1);
      }
    }
    this.freeStacks = this.freeStacks.map(() => []);
    for (const [offset, order] of this.freeOrders) this.freeStacks[order]!.push(offset);
  }
}

/** The other half of the block from which a block was cut. Not by XOR, which ends at 32 bits. */
function buddyOf(offset: number, order: number): number {
  return Math.floor(offset / 2 ** order) % 2 === 0 ? offset + 2 ** order : offset - 2 ** order;
}
