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

/** A load from a generator to a server. */
export interface Traffic {
  readonly generator: LoadGenerator;
  readonly server: MeasuredServer;
  readonly load: Load;
}

/** One load, as one side of a ratio, while others go on beside it; each needs a generator of its own. Their faults count. */
export function servedBeside(name: string, measured: Traffic, beside: readonly Traffic[]): Contestant {
  return { name, measure: (window) => putTraffic(measured, beside, window) };
}

async function putLoad(
  generator: LoadGenerator,
  server: MeasuredServer,
  load: Load,
  window: Window,
): Promise<Measurement> {
  const cpu = startCpuMeter(server.pid);
  const { callsEnded, ...measurement } = await putTraffic({ generator, server, load }, [], window);
  return { ...measurement, ...cpu(callsEnded) };
}

async function putTraffic(
  measured: Traffic,
  beside: readonly Traffic[],
  window: Window,
): Promise<Measurement & Pick<LoadResult, 'callsEnded'>> {
  const traffic = [measured, ...beside];
  const counters = await countersOf(traffic);
  const run = ({ generator, server, load }: Traffic): Promise<LoadResult> =>
    generator.run({ ...load, ...window, port: server.port });
  const [result, ...others] = (await Promise.all(traffic.map(run))) as [LoadResult, ...LoadResult[]];
  const results = [result, ...others];
  const faults = results.flatMap(faultsOf);
  for (const counter of counters) {
    const own = results.filter((_, index) => isCountedBy(counter, traffic[index]!));
    faults.push(...(await countFault(counter, own)));
  }
  const { p50Ms, p99Ms } = result.latency;
  return {
    callsEnded: result.callsEnded,
    perSecond: result.answersPerSecond,
    latency: { p50Ms, p99Ms },
    generator: result.generator,
    faults,
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

/** A server's own count of OK answers of one method, and what it was before the load. */
interface Counter {
  readonly server: MeasuredServer;
  readonly path: string;
  readonly answered: (path: string) => Promise<number>;
  readonly before: number;
}

/** One for each method of each server that counts. */
async function countersOf(traffic: readonly Traffic[]): Promise<Counter[]> {
  const counters: Counter[] = [];
  for (const each of traffic) {
    const { server, load } = each;
    if (server.answered === undefined || counters.some((counter) => isCountedBy(counter, each))) continue;
    const answered = (path: string): Promise<number> => server.answered!(path);
    counters.push({ server, path: load.path, answered, before: await answered(load.path) });
  }
  return counters;
}

function isCountedBy(counter: Counter, { server, load }: Traffic): boolean {
  return server === counter.server && load.path === counter.path;
}

/** What the clients got must be what the server says it answered. */
async function countFault({ answered, path, before }: Counter, results: readonly LoadResult[]): Promise<string[]> {
  const expected = results.reduce(
    (sum, { callsEnded, failedCalls, refusedCalls, expiredCalls }) =>
      sum + callsEnded - failedCalls - refusedCalls - expiredCalls,
    0,
  );
  const giveUpAt = Date.now() + counterLagMs;
  for (;;) {
    const counted = (await answered(path)) - before;
    if (counted === expected) return [];
    if (counted > expected || Date.now() > giveUpAt) {
      return [`the server counted ${counted} answers where ${expected} came`];
    }
    await wait(50);
  }
}
