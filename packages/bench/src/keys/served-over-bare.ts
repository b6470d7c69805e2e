import type { Arrangement, BareModel } from '../bare/bare-plan';
import type { LoadRequest } from '../load/load-plan';
import { describeArrangement, sweep } from '../measure/bare';
import { measureRatio } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { served, type Load } from '../measure/served';
import { startService } from '../servers/service';
import { windowOf, type Bench, type KeyResult } from './key';
import { measureHalfLoad } from './small';

/** Times that every arrangement is measured before the best is taken. */
const sweepPasses = 2;

export const allArrangements: readonly Arrangement[] = [
  { lanes: 1, threads: 1 },
  { lanes: 1, threads: 2 },
  { lanes: 2, threads: 1 },
  { lanes: 2, threads: 2 },
];

/** A service under load, and the same work without one. */
export interface ServedOverBare {
  readonly service: { readonly folder: string; readonly repository: string };
  readonly load: Load;
  readonly bare: {
    readonly model: BareModel;
    readonly requests: readonly LoadRequest[];
    /** All are measured, the best is the denominator. */
    readonly arrangements: readonly Arrangement[];
    /** See BareSetup. */
    readonly depth: number;
  };
  readonly windowMs: number;
}

/** The sweep, both sides every round, and the open loop. */
export function stepsOf(bench: Bench, arrangements: readonly Arrangement[]): number {
  return arrangements.length * passesOf(bench) + measurementsOf(bench.rounds) + 1;
}

export async function measureServedOverBare(
  bench: Bench,
  { service, load, bare, windowMs }: ServedOverBare,
): Promise<KeyResult> {
  const window = windowOf(bench, windowMs);
  const swept = await sweep(bench.group, { ...bare, passes: passesOf(bench), window }, bench.onMeasured);
  const server = await startService(bench.group, {
    ...bench,
    folder: service.folder,
    flags: [`--repository=${service.repository}`],
  });
  const plan = { rounds: bench.rounds, window };
  const result = await measureRatio(served(bench.generator, server, load), swept.best, plan, bench.onMeasured);
  return {
    ...result,
    ...(await measureHalfLoad(bench, { server, load }, result.numerator.perSecond.median)),
    arrangements: swept.figures.map(({ arrangement, perSecond }) => ({
      name: describeArrangement(arrangement),
      perSecond,
      best: arrangement === swept.best.arrangement,
    })),
  };
}

function passesOf({ quick }: Bench): number {
  return quick ? 1 : sweepPasses;
}
