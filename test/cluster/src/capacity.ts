import { setTimeout as pause } from 'node:timers/promises';
import type { LoadPod } from './load/load';
import { mixedCalls } from './load/workload';
import { ServerCount } from './server-count';
import { deployments, type DeployedSystem, type DeploymentName } from './system';

const warmMs = 5_000;
const measuredMs = 15_000;
const paths = new Set(mixedCalls.map(({ path }) => path.slice(1)));

/** What the system can do, and what it spends on it. */
export interface Capacity {
  /** Calls a second that one client gets answered with 32 under way. */
  readonly capacity: number;
  /** CPU time in ms that a Deployment's processes spend on a call that comes to them, by Deployment. */
  readonly cpuMsPerCall: Readonly<Record<string, number>>;
}

/** Measures with the mixed calls of the drills. */
export async function measureCapacity(
  system: DeployedSystem,
  loadPod: LoadPod,
  signal: AbortSignal,
): Promise<Capacity> {
  const load = await loadPod.load('typescript', undefined, signal);
  const counts = new Map(deployments.map((name) => [name, new ServerCount(system, name, paths)]));
  try {
    // Code that is warm is several times as fast.
    await pause(warmMs, undefined, { signal });
    const before = await spent(system, counts);
    const answeredBefore = load.report.ok;
    const startedAt = performance.now();
    await pause(measuredMs, undefined, { signal });
    const answered = load.report.ok - answeredBefore;
    const seconds = (performance.now() - startedAt) / 1000;
    const after = await spent(system, counts);
    await load.stop();
    const cpuMsPerCall = Object.fromEntries(
      deployments.map((name) => [
        name,
        (after[name].cpuMs - before[name].cpuMs) / Math.max(1, after[name].calls - before[name].calls),
      ]),
    );
    return { capacity: answered / seconds, cpuMsPerCall };
  } finally {
    load.end();
    for (const count of counts.values()) await count.close();
  }
}

type Spent = Readonly<Record<DeploymentName, { readonly cpuMs: number; readonly calls: number }>>;

async function spent(system: DeployedSystem, counts: ReadonlyMap<DeploymentName, ServerCount>): Promise<Spent> {
  const each = deployments.map(async (name) => {
    const pods = await system.pods(name);
    const times = await Promise.all(pods.map((pod) => system.cpuOf(pod)));
    return [name, { cpuMs: times.reduce((sum, ms) => sum + ms, 0), calls: await counts.get(name)!.total() }] as const;
  });
  return Object.fromEntries(await Promise.all(each)) as Spent;
}
