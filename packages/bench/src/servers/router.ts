import { createClient } from '@tributary/client';
import { tributary } from '@tributary/contract';
import type { ProcessGroup } from '../process/process-group';
import type { MeasuredServer } from './measured-server';
import { startService, type Service, type ServicePlan } from './service';

/** From the router's readiness, which may come before it has heard of all upstreams, until it has. */
const upstreamsTimeoutMs = 60_000;

const { UPSTREAM_STATE_READY } = tributary.router.v1.UpstreamState;

/**
 * Starts the router in front of servers that are ready, with no further setting, and waits until calls may go to each of them.
 * @param onReady told how many are ready, as they come
 */
export async function startRouter(
  group: ProcessGroup,
  plan: Pick<ServicePlan, 'root' | 'scratch'>,
  upstreams: readonly MeasuredServer[],
  flags: readonly string[] = [],
  onReady: (count: number) => void = () => undefined,
): Promise<Service> {
  const addresses = upstreams.map(({ port }) => `127.0.0.1:${port}`);
  const router = await startService(group, {
    ...{ root: plan.root, scratch: plan.scratch, folder: 'router' },
    flags: [`--upstreams=${addresses.join(',')}`, ...flags],
  });
  const client = createClient(`127.0.0.1:${router.port}`);
  let ready = 0;
  try {
    const watch = client.stream('tributary.router.v1.RouterService/WatchRoutes', {}, { timeoutMs: upstreamsTimeoutMs });
    for await (const routes of watch) {
      ready = routes.upstreams.filter(({ state }) => state === UPSTREAM_STATE_READY).length;
      onReady(ready);
      if (ready === upstreams.length) return router;
    }
  } catch (error) {
    throw new Error(`the router finds ${ready} of its ${upstreams.length} upstreams ready`, { cause: error });
  } finally {
    client.close();
  }
  throw new Error('the router tells no more of its upstreams');
}
