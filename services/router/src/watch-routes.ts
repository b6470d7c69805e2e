import { decodeMessage, tributary } from '@tributary/contract';
import type { StreamHandler } from '@tributary/serve';

const { WatchRoutesRequest, WatchRoutesResponse } = tributary.router.v1;

/**
 * Shortest time between two messages to who watches. A message says everything, 59 KB with 1,000 upstreams, and a rollout is thousands of
 * changes: 50 a second, put together for each of 20 clients, took the router a whole core, and take 4 % of one like this.
 */
const minGapMs = 250;

/**
 * WatchRoutes: the routes now, and again after changes: the first after a quiet time at once, then at most one message every `minGapMs`
 * with all that has changed, put together once for everybody who watches.
 * @param onChange tells a listener of every change
 */
export function watchRoutes(
  routes: () => tributary.router.v1.WatchRoutesResponse.$Properties,
  onChange: (listener: () => void) => void,
): StreamHandler {
  const feed = new RoutesFeed(() => WatchRoutesResponse.encode(routes()).finish());
  onChange(() => feed.changed());
  return async (request, { signal }, write) => {
    decodeMessage(WatchRoutesRequest, request);
    let wake = (): void => undefined;
    const woken = (): void => wake();
    const stop = feed.join(woken);
    signal.addEventListener('abort', woken);
    try {
      let sent: Uint8Array | undefined;
      while (!signal.aborted) {
        const { latest } = feed;
        // Who reads slowly gets the latest and none between.
        if (latest === sent) await new Promise<void>((resolve) => (wake = resolve));
        else {
          sent = latest;
          await write(latest);
        }
      }
      throw signal.reason;
    } finally {
      stop();
      signal.removeEventListener('abort', woken);
    }
  };
}

/** The latest message, and who waits for the next. */
class RoutesFeed {
  private readonly watchers = new Set<() => void>();
  private ownLatest: Uint8Array | undefined;
  private madeMs = -Infinity;
  /** Runs from a change until the message that says it. */
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly make: () => Uint8Array) {}

  get latest(): Uint8Array {
    return (this.ownLatest ??= this.made());
  }

  /** `wake` is told of every message from here on; returns how to stop that. */
  join(wake: () => void): () => void {
    // What calls have changed since makes no message, but is not to be as old as that.
    if (this.timer === undefined && performance.now() - this.madeMs > minGapMs) this.ownLatest = undefined;
    this.watchers.add(wake);
    return () => this.watchers.delete(wake);
  }

  changed(): void {
    if (this.watchers.size === 0) this.ownLatest = undefined;
    else this.timer ??= setTimeout(() => this.tell(), Math.max(0, this.madeMs + minGapMs - performance.now()));
  }

  private tell(): void {
    this.timer = undefined;
    this.ownLatest = undefined;
    for (const wake of this.watchers) wake();
  }

  private made(): Uint8Array {
    this.madeMs = performance.now();
    return this.make();
  }
}
