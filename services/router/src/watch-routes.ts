import { decodeMessage, tributary } from '@tributary/contract';
import type { StreamHandler } from '@tributary/serve';

const { WatchRoutesRequest, WatchRoutesResponse } = tributary.router.v1;

/**
 * WatchRoutes: the routes now, and again after changes. However often they change while one answer is written, one more follows.
 * @param onChange tells a listener of every change, and returns how to stop that
 */
export function watchRoutes(
  routes: () => tributary.router.v1.WatchRoutesResponse.$Properties,
  onChange: (listener: () => void) => () => void,
): StreamHandler {
  return async (request, { signal }, write) => {
    decodeMessage(WatchRoutesRequest, request);
    let wake = (): void => undefined;
    let pending = true;
    const changed = (): void => {
      pending = true;
      wake();
    };
    const stop = onChange(changed);
    const aborted = (): void => wake();
    signal.addEventListener('abort', aborted);
    try {
      while (!signal.aborted) {
        if (!pending) await new Promise<void>((resolve) => (wake = resolve));
        else {
          pending = false;
          await write(WatchRoutesResponse.encode(routes()).finish());
        }
      }
      throw signal.reason;
    } finally {
      stop();
      signal.removeEventListener('abort', aborted);
    }
  };
}
