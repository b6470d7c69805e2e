/** Longest wait of a router that starts for upstreams that have not said what they serve, in milliseconds. */
const firstSightMs = 3_000;

/**
 * The time at the start of a router in which it does not know yet what it routes: until every name has an address and every upstream
 * has spoken, `firstSightMs` at most. Callers know nothing of it: a client that knows two routers calls one that has just come back
 * as soon as it listens, and would be refused by it several times in a row. So what is not found meanwhile is looked for again.
 */
export class InitialSync {
  private ownIsOver = false;
  private resolve: () => void = () => undefined;
  private readonly over = new Promise<void>((resolve) => (this.resolve = resolve));
  private readonly timer: NodeJS.Timeout;

  /**
   * @param isComplete whether everything has been seen
   * @param onOver told once, at the end
   */
  constructor(
    private readonly isComplete: () => boolean,
    private readonly onOver: () => void,
  ) {
    this.timer = setTimeout(() => this.end(), firstSightMs);
  }

  get isOver(): boolean {
    return this.ownIsOver;
  }

  /** To be called after every change of what has been seen. */
  changed(): void {
    if (!this.ownIsOver && this.isComplete()) this.end();
  }

  /**
   * What `find` returns; where it throws before the first sight is over, it is asked once more then.
   * @param ending of the call; it waits no longer than that
   * @throws what `find` throws
   */
  async ask<T>(find: () => T, ending: AbortSignal): Promise<T> {
    try {
      return find();
    } catch (error) {
      if (this.ownIsOver) throw error;
    }
    await Promise.race([this.over, endOf(ending)]);
    return find();
  }

  /** Nobody waits any more. */
  close(): void {
    clearTimeout(this.timer);
    this.ownIsOver = true;
    this.resolve();
  }

  private end(): void {
    this.close();
    this.onOver();
  }
}

function endOf(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
