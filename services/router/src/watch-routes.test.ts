import { describe, expect, it } from '@jest/globals';
import { tributary } from '@tributary/contract';
import type { StreamHandler } from '@tributary/serve';
import { watchRoutes } from './watch-routes';

type Context = Parameters<StreamHandler>[1];

/** Watches of routes that name one upstream by how often they were put together. */
function startWatches(count: number) {
  let made = 0;
  let change = (): void => undefined;
  let check = (): void => undefined;
  const handler = watchRoutes(
    () => ({ upstreams: [{ address: `made:${(made += 1)}` }] }),
    (listener) => (change = listener),
  );
  const got = Array.from({ length: count }, (): string[] => []);
  const endings = got.map(() => new AbortController());
  const ended = got.map((messages, index) =>
    handler(new Uint8Array(), { signal: endings[index]!.signal } as Context, (message) => {
      messages.push(tributary.router.v1.WatchRoutesResponse.decode(message).upstreams[0]!.address!);
      check();
      return Promise.resolve();
    }),
  );
  return {
    got,
    made: () => made,
    change: () => change(),
    /** Resolves once each has so many messages. */
    untilEach: (messages: number) =>
      new Promise<void>((resolve) => {
        check = () => {
          if (got.every(({ length }) => length >= messages)) resolve();
        };
        check();
      }),
    end: async () => {
      for (const ending of endings) ending.abort(new Error('over'));
      return (await Promise.allSettled(ended)).map(({ status }) => status);
    },
  };
}

describe('who watches the routes', () => {
  it('gets what was put together once for all, once for many changes', async () => {
    const { got, made, change, untilEach, end } = startWatches(50);
    await untilEach(1);
    for (let i = 0; i < 1_000; i += 1) change();
    await untilEach(2);
    // These fall into the pause after it.
    for (let i = 0; i < 1_000; i += 1) change();
    await untilEach(3);
    expect(made()).toBe(3);
    expect(new Set(got.map((messages) => messages.join(' ')))).toEqual(new Set(['made:1 made:2 made:3']));
    expect(new Set(await end())).toEqual(new Set(['rejected']));
  });
});
