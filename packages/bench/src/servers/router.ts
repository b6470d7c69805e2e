import { setTimeout as wait } from 'node:timers/promises';
import type { ProcessGroup } from '../process/process-group';
import type { MeasuredServer } from './measured-server';
import { startService, type Service, type ServicePlan } from './service';

/** From the router's readiness, which one upstream gives it, until it has heard of all. */
const upstreamsTimeoutMs = 30_000;

/** Starts the router in front of servers that are ready, with no further setting, and waits until calls may go to each of them. */
export async function startRouter(
  group: ProcessGroup,
  plan: Pick<ServicePlan, 'root' | 'scratch'>,
  upstreams: readonly MeasuredServer[],
  flags: readonly string[] = [],
): Promise<Service> {
  const addresses = upstreams.map(({ port }) => `127.0.0.1:${port}`);
  const router = await startService(group, {
    ...{ root: plan.root, scratch: plan.scratch, folder: 'router' },
    flags: [`--upstreams=${addresses.join(',')}`, ...flags],
  });
  const giveUpAt = Date.now() + upstreamsTimeoutMs;
  while ((await router.metric('tributary_router_upstream_state', { state: 'READY' })) < upstreams.length) {
    if (Date.now() > giveUpAt) throw new Error('the router does not find all of its upstreams ready');
    await wait(50);
  }
  return router;
}
