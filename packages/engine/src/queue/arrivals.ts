/** Tells calls that come one at a time from those that come in company, by turns of the event loop. */
export class Arrivals {
  private inThisTurn = 0;
  /** In the last turn that had any. */
  private inLastTurn = 0;

  /** Counts one more. @returns true where it is the first of its turn and the last turn had only one */
  areAlone(): boolean {
    if (++this.inThisTurn > 1) return false;
    setImmediate(() => {
      this.inLastTurn = this.inThisTurn;
      this.inThisTurn = 0;
    });
    return this.inLastTurn <= 1;
  }
}
