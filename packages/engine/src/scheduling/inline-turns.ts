import type { InferenceLane } from '../sessions/session-host';

/** How long batches may run on the event loop one after another, in milliseconds, before it looks at its sockets again. */
const mostInlineMs = 5;

/** Which batches run at once on the event loop, and which wait for the end of its turn. */
export class InlineTurns {
  private arrivedInThisTurn = 0;
  /** In the last turn that had any. */
  private arrivedInLastTurn = 0;
  private untilMs = 0;

  constructor(private readonly lane: InferenceLane) {}

  /**
   * Whether what waits goes at once now that a call has come: one that comes alone has nobody to wait for, and its run is over before
   * a turn would be. A full batch waits for nobody either, and a turn may bring many.
   */
  startsWith(queue: { readonly isBatchFull: boolean }): boolean {
    return (this.cameAlone() || queue.isBatchFull) && this.lane.isFree;
  }

  /**
   * Whether another batch follows the one that has ended. What came in a turn of the loop and is left for later turns would pile up:
   * each brings as many calls as its sockets hold, and would run one batch of them. Only where runs have held the loop for long does it
   * look at its sockets first.
   * @param isFirst of its turn
   */
  goesOn(isFirst: boolean): boolean {
    const nowMs = performance.now();
    if (isFirst) this.untilMs = nowMs + mostInlineMs;
    return nowMs < this.untilMs && this.lane.isFree;
  }

  /** Counts a call. @returns true where it is the first of its turn and the last turn had only one */
  private cameAlone(): boolean {
    if (++this.arrivedInThisTurn > 1) return false;
    setImmediate(() => {
      this.arrivedInLastTurn = this.arrivedInThisTurn;
      this.arrivedInThisTurn = 0;
    });
    return this.arrivedInLastTurn <= 1;
  }
}
