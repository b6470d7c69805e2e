import type { Load, LoadPod } from '../load/load';
import { mixedCalls } from '../load/workload';
import { ServerCount } from '../server-count';
import type { DeployedSystem } from '../system';
import { until } from '../tools/until';
import type { Drill } from './drill';
import type { DrillRecord } from './record';

export interface RunDrillOptions {
  readonly system: DeployedSystem;
  readonly loadPod: LoadPod;
  /** Calls a second of each client. */
  readonly rates: { readonly typescript: number; readonly python: number };
  /** Calls that are answered at least, of both clients together. */
  readonly minCalls: number;
  readonly signal: AbortSignal;
}

const paths = new Set(mixedCalls.map(({ path }) => path.slice(1)));

/** Calls with both clients, does the drill meanwhile, goes on until there were calls enough, and counts on both sides. */
export async function runDrill(drill: Drill, options: RunDrillOptions): Promise<DrillRecord> {
  const { system, loadPod, rates, minCalls, signal } = options;
  const routers = new ServerCount(system, 'router', paths);
  const services = new ServerCount(system, 'recommendation', paths);
  const loads: Load[] = [];
  try {
    const before = await routers.total();
    const startedAt = performance.now();
    for (const client of ['typescript', 'python'] as const)
      loads.push(await loadPod.load(client, rates[client], signal));
    const calls = (): number => loads.reduce((sum, { report }) => sum + report.ok, 0);
    await until('a hundred answers', () => calls() >= 100, { signal });
    let outcome: string;
    let fault: string | undefined;
    try {
      outcome = await drill.act({ system, loadPod, loads, answeredByPod: () => services.byPod(), signal });
    } catch (error) {
      signal.throwIfAborted();
      outcome = fault = (error as Error).message;
    }
    await until('calls enough', () => calls() >= minCalls, { signal, timeoutMs: 600_000 });
    const [typescript, python] = [await loads[0]!.stop(), await loads[1]!.stop()];
    const seconds = (performance.now() - startedAt) / 1000;
    const server = (await routers.total()) - before;
    const failed = typescript.failed + python.failed;
    return {
      drill: drill.name,
      cases: drill.cases,
      passed: fault === undefined && (drill.mayFail || failed === 0),
      outcome,
      seconds,
      rate: rates.typescript + rates.python,
      typescript,
      python,
      server,
    };
  } finally {
    for (const load of loads) load.end();
    await routers.close();
    await services.close();
  }
}
