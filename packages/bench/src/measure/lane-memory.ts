import { setTimeout as wait } from 'node:timers/promises';
import type { LoadGenerator } from '../load/load-generator';
import type { LoadRequest } from '../load/load-plan';
import { pssBytesOfTree } from '../process/process-memory';
import type { ProcessGroup } from '../process/process-group';
import { startService } from '../servers/service';
import type { Measurement, Window } from './contestant';
import { served } from './served';

/** What collectors give back comes in the seconds after the load; the least that is seen in this while counts. */
const restMs = 2000;
const sampleMs = 250;

/** A service with a number of session lanes, one model, and a load on it. */
export interface LanesPlan {
  readonly group: ProcessGroup;
  readonly generator: LoadGenerator;
  readonly root: string;
  readonly scratch: string;
  /** Below `services/`. */
  readonly folder: string;
  readonly repository: string;
  /** The service plans for as many cores. */
  readonly lanes: number;
  readonly path: string;
  readonly requests: readonly LoadRequest[];
  readonly window: Window;
}

/** Starts the service, puts load on all lanes, and sees what memory it and its runner take then: their proportional set size in bytes. */
export async function measureLaneMemory(
  plan: LanesPlan,
): Promise<{ readonly pssBytes: number; readonly measurement: Measurement }> {
  const flags = [`--repository=${plan.repository}`, `--cpu-budget=${plan.lanes}`];
  const service = await startService(plan.group, { ...plan, flags });
  try {
    const { path, requests, lanes } = plan;
    const mode = { kind: 'closed', inFlightPerConnection: 4 } as const;
    const contestant = served(plan.generator, service, { path, requests, connections: lanes, mode });
    const measurement = await contestant.measure(plan.window);
    if (measurement.faults.length > 0) throw new Error(measurement.faults.join('; '));
    let pssBytes = Number.POSITIVE_INFINITY;
    for (let waitedMs = 0; waitedMs < restMs; waitedMs += sampleMs) {
      await wait(sampleMs);
      pssBytes = Math.min(pssBytes, await pssBytesOfTree(service.pid));
    }
    return { pssBytes, measurement };
  } finally {
    await service.end();
  }
}
