import { setTimeout as wait } from 'node:timers/promises';
import type { LoadGenerator } from '../load/load-generator';
import type { LoadRequest } from '../load/load-plan';
import { pssBytesOf } from '../process/process-memory';
import type { ProcessGroup } from '../process/process-group';
import { startService } from '../servers/service';
import type { Measurement, Window } from './contestant';
import { served } from './served';

/** What collectors give back comes in the seconds after the load; the least that is seen in this while counts. */
const restMs = 2000;
const sampleMs = 250;

/** A service whose only model has a number of session lanes, and a load on it. */
export interface LanesPlan {
  readonly group: ProcessGroup;
  readonly generator: LoadGenerator;
  readonly root: string;
  readonly scratch: string;
  /** Below `services/`. */
  readonly folder: string;
  /** Repository whose model.json asks for this many lanes. */
  readonly repository: string;
  readonly lanes: number;
  /** Further flags of the service. */
  readonly flags?: readonly string[];
  /** Cores that the service plans for: as many lanes can be made. Threads of lanes without a session are never started. */
  readonly plannedCores: number;
  readonly path: string;
  readonly requests: readonly LoadRequest[];
  readonly window: Window;
}

/** Starts the service, puts load on all lanes, and sees what memory it takes then: its proportional set size in bytes. */
export async function measureLaneMemory(
  plan: LanesPlan,
): Promise<{ readonly pssBytes: number; readonly measurement: Measurement }> {
  const flags = [`--repository=${plan.repository}`, `--cpu-budget=${plan.plannedCores}`, ...(plan.flags ?? [])];
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
      pssBytes = Math.min(pssBytes, await pssBytesOf(service.pid));
    }
    return { pssBytes, measurement };
  } finally {
    await service.end();
  }
}
