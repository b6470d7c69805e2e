import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { LoadGenerator } from '../load/load-generator';
import { measureRatio, type RatioResult } from '../measure/ratio';
import { served, servedBeside, type Load, type Traffic } from '../measure/served';
import { median } from '../measure/statistics';
import { measurementsOf } from '../measure/turns';
import { startRouter } from '../servers/router';
import type { Service } from '../servers/service';
import { makeMlpWorkload } from '../workloads/mlp';
import { atMost, windowOf, type Bench, type Key } from './key';
import { smallLoad, startTensorService } from './small';
import { makePictureMeans, pictureLoad } from './tensors';

/**
 * Rate of either kind, as a part of what the router passes of it alone in a closed loop. A call costs more at a low rate than at a
 * peak, where many are worked on at once: a fifth of each leaves the router's loop about half idle, and the machine too.
 */
const shareOfPeak = 0.2;
const peakRounds = 3;
const peakWindowMs = 1000;
/** Some thousand small calls on a slow hop: some ten of them lie above their p99. */
const windowMs = 4000;
/** Rounds of the same traffic without the router. */
const directRounds = 3;

/**
 * How much longer the slowest small calls take while large ones share the router: what they wait for behind a large message.
 *
 * The figure is to be the router's. The two kinds of call have services of their own, so that they meet nowhere else; connections
 * and generators of their own, so that no client sends one behind the other; and rates that neither saturate a core nor depend on
 * answers: Poisson times at a fifth of what the router passed of each kind alone at the start of the run. Latency counts
 * from when a call was sent. What two cores add by themselves is printed beside it: the same traffic straight to the services.
 */
export const mixedSmallP99Ratio: Key = {
  name: 'mixed.small_p99_ratio',
  meaning: 'p99 of small calls while 602 KB calls share the router / without them, each at a fifth of its routed peak',
  target: atMost(2),
  steps: ({ rounds }) => peakRounds * 2 + measurementsOf(rounds) + measurementsOf(Math.min(rounds, directRounds)),
  async measure(bench) {
    const { small, large } = await startBoth(bench);
    const router = await startRouter(bench.group, bench, [small.server, large.server]);
    const smallRate = shareOfPeak * (await measurePeak(bench, router, 'small', small));
    const largeRate = shareOfPeak * (await measurePeak(bench, router, 'large', large));
    const measure = (smallServer: Service, largeServer: Service, rounds: number): Promise<RatioResult> => {
      const measured = { ...small, server: smallServer, load: atRate(small.load, smallRate, 1) };
      const beside = [{ ...large, server: largeServer, load: atRate(large.load, largeRate, 2) }];
      const numerator = servedBeside('small beside large', measured, beside);
      const denominator = servedBeside('small alone', measured, []);
      const plan = { rounds, window: windowOf(bench, windowMs), figure: 'p99Ms' } as const;
      return measureRatio(numerator, denominator, plan, bench.onMeasured);
    };
    const result = await measure(router, router, bench.rounds);
    const direct = await measure(small.server, large.server, Math.min(bench.rounds, directRounds));
    const { ratio, numerator, denominator, refusals } = direct;
    return {
      ...result,
      refusals: [...result.refusals, ...refusals],
      notes: [
        `${smallRate.toFixed(0)} small and ${largeRate.toFixed(0)} large calls a second, at Poisson times`,
        `the same straight to the two services: ${ratio.median.toFixed(2)} [${ratio.min.toFixed(2)}, ${ratio.max.toFixed(2)}], ` +
          `p99 ${numerator.p99Ms!.toFixed(2)} ms over ${denominator.p99Ms!.toFixed(2)} ms`,
      ],
    };
  },
};

/** A service for the small calls and one for the large ones, each with a load at its peak and a generator. */
async function startBoth(bench: Bench): Promise<{ readonly small: ServiceTraffic; readonly large: ServiceTraffic }> {
  const mlp = await makeMlpWorkload(await siteFor(bench, 'small'));
  const means = await makePictureMeans(await siteFor(bench, 'large'));
  return {
    small: {
      generator: bench.generator,
      server: await startTensorService(bench, mlp.repository),
      load: smallLoad(mlp.requests),
    },
    large: {
      generator: new LoadGenerator(bench.group),
      server: await startTensorService(bench, means.repository),
      load: pictureLoad(means.requests),
    },
  };
}

type ServiceTraffic = Traffic & { readonly server: Service };

/** A folder of its own, so that the services have a repository each. */
async function siteFor(bench: Bench, name: string): Promise<Bench> {
  const scratch = join(bench.scratch, name);
  await mkdir(scratch);
  return { ...bench, scratch };
}

/** Calls a second of one kind alone through the router, in its closed loop. */
async function measurePeak(
  bench: Bench,
  router: Service,
  name: string,
  { generator, load }: ServiceTraffic,
): Promise<number> {
  const contestant = served(generator, router, load);
  const rates: number[] = [];
  for (let round = 0; round < peakRounds; round++) {
    const measurement = await contestant.measure(windowOf(bench, peakWindowMs));
    if (measurement.faults.length > 0) throw new Error(measurement.faults.join('; '));
    bench.onMeasured(`${name}, peak`, measurement);
    rates.push(measurement.perSecond);
  }
  return median(rates);
}

function atRate(load: Load, callsPerSecond: number, seed: number): Load {
  return { ...load, mode: { kind: 'open', callsPerSecond, seed, timedFrom: 'sent' } };
}
