import { inference } from '@tributary/contract';
import type { Bench } from '../keys/key';
import type { LoadRequest } from '../load/load-plan';
import { served, type Load } from '../measure/served';
import { startFleet, type Fleet } from '../servers/fleet';
import type { MeasuredServer } from '../servers/measured-server';
import { startRouter } from '../servers/router';
import { modelInferPath } from '../workloads/tensor-workload';
import { cpuSecondsOfAll } from './process-use';
import { fleetAnswer, type ScalingPart } from './scaling-part';

/** Kinds of calls, as the bench's keys have them: bytes of a tensor. */
export const smallBytes = 256;
const largeBytes = 602_112;

/** CPU of a call, at the router and at the upstream, by either hop. */
export const callCosts: ScalingPart = {
  name: 'calls',
  steps: 5,
  measure: async (bench, _options, add) => {
    const fleet = await startFleet(bench.group, 1, fleetAnswer);
    const straight = await cpuOfCalls(bench, fleet.servers[0]!, [fleet], smallBytes);
    add('service, small call, straight', straight.upstreamUs, 'us');
    bench.progress.step('straight');
    for (const hop of ['relay', 'plain'] as const) {
      const router = await startRouter(bench.group, bench, fleet.servers, hop === 'plain' ? ['--hop=plain'] : []);
      for (const [size, bytes] of [
        ['small', smallBytes],
        ['602 KB', largeBytes],
      ] as const) {
        const { serverUs, upstreamUs } = await cpuOfCalls(bench, router, [fleet], bytes);
        add(`router, ${size} call by ${hop}`, serverUs, 'us');
        add(`service, ${size} call by ${hop}`, upstreamUs, 'us');
        bench.progress.step(`${size} by ${hop}`);
      }
      await router.end();
    }
  },
};

/** What a call cost a server and the fleets behind it, or the fleet that it is of, in microseconds of CPU. */
export interface CallCost {
  readonly perSecond: number;
  readonly serverUs: number;
  readonly upstreamUs: number;
}

/** Puts a closed load on a server: 128 small calls in flight, or 16 long ones. */
export async function cpuOfCalls(
  bench: Bench,
  server: MeasuredServer,
  fleets: readonly Fleet[],
  bytes: number,
): Promise<CallCost> {
  const answered = async (): Promise<number> =>
    (await Promise.all(fleets.map((fleet) => fleet.answered()))).reduce((sum, count) => sum + count, 0);
  const pids = fleets.map(({ pid }) => pid);
  const contestant = served(bench.generator, server, loadOf(bytes));
  const window = { warmUpMs: 0, windowMs: bench.quick ? 1_000 : 5_000 };
  // Warms up all that is on the way; not in the window's own time, since the fleets count from its first call.
  await contestant.measure(window);
  const [before, cpuBefore] = [await answered(), cpuSecondsOfAll(pids)];
  const { faults, perSecond, cpuUsPerAnswer = NaN } = await contestant.measure(window);
  if (faults.length > 0) throw new Error(faults.join('; '));
  const calls = (await answered()) - before;
  return {
    perSecond,
    serverUs: cpuUsPerAnswer,
    upstreamUs: ((cpuSecondsOfAll(pids) - cpuBefore) * 1e6) / calls,
  };
}

function loadOf(bytes: number): Load {
  const inFlightPerConnection = bytes > 100_000 ? 4 : 32;
  return {
    path: modelInferPath,
    requests: [requestOf(bytes)],
    connections: 4,
    mode: { kind: 'closed', inFlightPerConnection },
  };
}

function requestOf(bytes: number): LoadRequest {
  const message = inference.ModelInferRequest.encode({
    modelName: 'echo',
    rawInputContents: [new Uint8Array(bytes)],
  }).finish();
  return { message, check: { kind: 'bytes', expected: fleetAnswer } };
}
