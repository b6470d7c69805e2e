import { setTimeout as wait } from 'node:timers/promises';
import type { LoadMode, LoadPlan, LoadResult } from '../load/load-plan';
import type { LoadGenerator } from '../load/load-generator';
import type { MeasuredServer } from '../servers/measured-server';
import type { Contestant, Measurement, Window } from './contestant';
import { startCpuMeter } from './cpu-meter';

/** A load without its server and its times. */
export type Load = Omit<LoadPlan, 'port' | 'warmUpMs' | 'windowMs'>;

/** A server's counter may trail its last answer by this much. */
const counterLagMs = 3000;

/** A server under load, as one side of a ratio. */
export function served(generator: LoadGenerator, server: MeasuredServer, load: Load): Contestant {
  return {
    name: server.name,
    measure: (window) => putLoad(generator, server, load, window),
  };
}

/** Latency of a server at a rate of calls that come whether or not it keeps up. */
export function measureOpenLoop(
  generator: LoadGenerator,
  server: MeasuredServer,
  load: Load,
  mode: LoadMode & { readonly kind: 'open' },
  window: Window,
): Promise<Measurement> {
  return putLoad(generator, server, { ...load, mode }, window);
}

async function putLoad(
  generator: LoadGenerator,
  server: MeasuredServer,
  load: Load,
  window: Window,
): Promise<Measurement> {
  const before = await server.answered?.(load.path);
  const cpu = startCpuMeter(server.pid);
  const result = await generator.run({ ...load, ...window, port: server.port });
  const { p50Ms, p99Ms } = result.latency;
  return {
    perSecond: result.answersPerSecond,
    ...cpu(result.callsEnded),
    latency: { p50Ms, p99Ms },
    generator: result.generator,
    faults: [...faultsOf(result), ...(await countFault(server, load.path, before, result))],
  };
}

function faultsOf(result: LoadResult): string[] {
  const faults: string[] = [];
  if (result.answersInWindow === 0) faults.push('not one right answer in the window');
  if (result.wrongAnswers > 0) faults.push(`wrong answers, e.g. ${result.firstFault}`);
  if (result.failedCalls > 0) faults.push(`failed calls, e.g. ${result.firstFault}`);
  if (result.droppedArrivals > 0) faults.push('the open loop had too many calls in flight and dropped some');
  return faults;
}

/** What the client got must be what the server says it answered. */
async function countFault(
  server: MeasuredServer,
  path: string,
  before: number | undefined,
  result: LoadResult,
): Promise<string[]> {
  if (server.answered === undefined || before === undefined) return [];
  const expected = result.callsEnded - result.failedCalls - result.refusedCalls - result.expiredCalls;
  const giveUpAt = Date.now() + counterLagMs;
  for (;;) {
    const counted = (await server.answered(path)) - before;
    if (counted === expected) return [];
    if (counted > expected || Date.now() > giveUpAt) {
      return [`the server counted ${counted} answers where ${expected} came`];
    }
    await wait(50);
  }
}
