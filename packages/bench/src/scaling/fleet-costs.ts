import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { createChannelHop } from '@tributary/client';
import type { Bench } from '../keys/key';
import { startFleet, type Fleet } from '../servers/fleet';
import { startRouter } from '../servers/router';
import type { Service } from '../servers/service';
import { cpuOfCalls, smallBytes } from './call-costs';
import { bytesAtRest, cpuAtRest, cpuSecondsOfAll } from './process-use';
import { fleetAnswer, type AddFigure, type ScalingPart } from './scaling-part';

/** Servers of one process. */
const perProcess = 250;

/** Who watches the routes, as clients in direct mode do. */
const watchers = 20;

/** Changes a second, as a rollout of some hundred replicas makes them. */
const changesPerSecond = 50;

/** A router in front of many upstreams. */
export const fleetCosts: ScalingPart = {
  name: 'many upstreams',
  steps: 7,
  measure: async (bench, { upstreams }, add) => {
    const { progress } = bench;
    const fleets: Fleet[] = [];
    for (let left = upstreams; left > 0; left -= perProcess) {
      fleets.push(await startFleet(bench.group, Math.min(left, perProcess), fleetAnswer));
      progress.note(`${upstreams - Math.max(0, left - perProcess)} of ${upstreams} servers started`);
    }
    const servers = fleets.flatMap((fleet) => fleet.servers);
    const pids = fleets.map(({ pid }) => pid);
    progress.step('servers');

    const one = await startRouter(bench.group, bench, servers.slice(0, 1));
    const bytesWithOne = await bytesAtRest(bench, [one.pid]);
    const [restWithOne = NaN, fleetsAlone = NaN] = await cpuAtRest(bench, [[one.pid], pids]);
    await one.end();
    const fleetsBytes = await bytesAtRest(bench, pids);
    progress.step('a router with one');

    const begin = performance.now();
    const router = await startRouter(bench.group, bench, servers, [], (count) =>
      progress.note(`${count} of ${upstreams} upstreams ready`),
    );
    add(`router, start until ${upstreams} upstreams are ready`, performance.now() - begin, 'ms');
    add('router, CPU of that, an upstream', (cpuSecondsOfAll([router.pid]) * 1e6) / upstreams, 'us');
    add('router, longest turn of its event loop meanwhile', await longestTurnMs(router), 'ms');
    const bytes = await bytesAtRest(bench, [router.pid]);
    add(`router, memory with ${upstreams} upstreams`, bytes / 2 ** 20, 'MiB');
    add('router, memory of an upstream', (bytes - bytesWithOne) / upstreams / 1024, 'KiB');
    add('service, memory of a router', ((await bytesAtRest(bench, pids)) - fleetsBytes) / upstreams / 1024, 'KiB');
    progress.step('connected');

    const [rest = NaN, fleetsRest = NaN] = await cpuAtRest(bench, [[router.pid], pids]);
    add(`router, at rest with 1 upstream`, restWithOne, '% of a core');
    add(`router, at rest with ${upstreams} upstreams`, rest, '% of a core');
    add(`services, at rest, what a router adds to ${upstreams}`, fleetsRest - fleetsAlone, '% of a core');
    progress.step('at rest');

    const { perSecond, serverUs, upstreamUs } = await cpuOfCalls(bench, router, fleets, smallBytes);
    add(`router, small calls by relay to ${upstreams} upstreams`, perSecond, 'calls/s');
    add('router, CPU of one', serverUs, 'us');
    add('service, CPU of one', upstreamUs, 'us');
    add('router, memory after that load', (await bytesAtRest(bench, [router.pid])) / 2 ** 20, 'MiB');
    progress.step('calls');

    const scrapes = bench.quick ? 2 : 10;
    const scraped = await cpuOf(router, async () => {
      for (let i = 0; i < scrapes; i++) await router.metric('tributary_router_upstream_state', {});
    });
    add(`router, CPU of a scrape of its metrics, ${upstreams} upstreams`, (scraped * 1000) / scrapes, 'ms');
    add('router, longest turn of its event loop meanwhile', await longestTurnMs(router), 'ms');
    progress.step('metrics');

    await measureChanges(bench, router, fleets, rest, add);
    progress.step('changes');
  },
};

/** Since the last look at its metrics. */
async function longestTurnMs(router: Service): Promise<number> {
  return (await router.metric('nodejs_eventloop_lag_max_seconds', {})) * 1000;
}

async function cpuOf({ pid }: Service, work: () => Promise<void>): Promise<number> {
  const before = cpuSecondsOfAll([pid]);
  await work();
  return cpuSecondsOfAll([pid]) - before;
}

/** What changes of upstreams cost the router: alone, and with clients that watch its routes. */
async function measureChanges(
  bench: Bench,
  router: Service,
  fleets: readonly Fleet[],
  rest: number,
  add: AddFigure,
): Promise<void> {
  const seconds = bench.quick ? 1 : 10;
  const plan = {
    count: Math.ceil((seconds * changesPerSecond) / fleets.length),
    pauseMs: (1000 * fleets.length) / changesPerSecond,
  };
  const changes = plan.count * fleets.length;
  const changeAll = async (): Promise<void> => {
    await Promise.all(fleets.map((fleet) => fleet.change(plan)));
  };
  const share = (cpuSeconds: number, sinceMs: number): number =>
    (cpuSeconds * 1e5) / (performance.now() - sinceMs) - rest;
  let begin = performance.now();
  const alone = await cpuOf(router, changeAll);
  add(`router, ${changesPerSecond} changes of upstreams a second`, share(alone, begin), '% of a core');

  const ending = new AbortController();
  setMaxListeners(watchers, ending.signal);
  let [messages, longest] = [0, 0];
  const hop = createChannelHop(`127.0.0.1:${router.port}`);
  const watches = Array.from({ length: watchers }, () =>
    hop.stream(
      {
        path: '/tributary.router.v1.RouterService/WatchRoutes',
        request: [new Uint8Array()],
        metadata: new Map(),
        timeoutMs: Infinity,
        signal: ending.signal,
      },
      (message) => {
        messages += 1;
        longest = Math.max(longest, message.length);
      },
    ),
  );
  while (messages < watchers) await wait(10);
  messages = 0;
  begin = performance.now();
  const watched = await cpuOf(router, changeAll);
  const tookMs = performance.now() - begin;
  add(`router, the same with ${watchers} who watch the routes`, share(watched, begin), '% of a core');
  add('WatchRoutes, a message', longest, 'bytes');
  add(`WatchRoutes, messages to one who watches, of ${changes} changes`, messages / watchers, 'messages');
  add('WatchRoutes, to one who watches', ((messages / watchers) * longest) / (tookMs / 1000) / 1024, 'KiB/s');
  ending.abort();
  await Promise.all(watches);
  hop.close();
}
