/**
 * Connections that are being made at the same time. Each costs a millisecond of this thread until it stands. A thousand at once were no
 * sooner there than these in turn (1.5 s), but kept the thread from all else for 0.3 to 0.5 s, where these take 0.05.
 */
export const maxTurns = 64;

/** A turn ends after this time at the latest: addresses that do not answer must not keep the others waiting. */
const turnMs = 250;

/** A turn, or the place in the queue for one. */
export interface Turn {
  /** The connection stands, has failed, or is not wanted any more. May be called again. */
  end(): void;
}

/** Lets connections begin in order, so many at a time. */
export class ConnectTurns {
  private readonly waiting = new Set<() => void>();
  private running = 0;

  /** Begins at once where there is room, else once those before have ended. */
  take(begin: () => void): Turn {
    let timer: NodeJS.Timeout | undefined;
    const start = (): void => {
      this.waiting.delete(start);
      this.running += 1;
      timer = setTimeout(end, turnMs);
      begin();
    };
    const end = (): void => {
      this.waiting.delete(start);
      if (timer === undefined) return;
      clearTimeout(timer);
      timer = undefined;
      this.running -= 1;
      this.startNext();
    };
    if (this.running < maxTurns) start();
    else this.waiting.add(start);
    return { end };
  }

  private startNext(): void {
    const [next] = this.waiting;
    if (next !== undefined && this.running < maxTurns) next();
  }
}
