import { setTimeout as wait } from 'node:timers/promises';
import { engineRequestsOf, startEngine } from '../engine/bench-engine';
import type { TrafficSection } from '../engine/engine-plan';
import { watchMemory } from '../measure/held-memory';
import type { Refusal } from '../measure/ratio';
import { spread } from '../measure/statistics';
import { makeEncoderWorkload } from '../workloads/encoder-workload';
import { makeMlpWorkload } from '../workloads/mlp';
import { atMost, type Key } from './key';
import { makeConvolutions, makePictureMeans } from './tensors';

const cycles = 1000;
const quickCycles = 60;
/** Allocators have found their sizes by then. */
const firstCycles = 10;
/** On two lanes of about 10 ms a run: a third of a core. */
const callsPerSecond = 30;
const aloneMs = 10_000;
const burst = { windowMs: 2000, inFlight: 160 };
const restMs = 2000;

/** What models that come and go leave behind. */
export const reloadGrowthMb: Key = {
  name: 'reload.growth_mb',
  meaning:
    'MB (Pss, process and runner) by which 1,000 loads and unloads of three models, under traffic on a fourth, grow an engine, from the first ten on',
  target: atMost(30),
  steps: () => 4,
  async measure(bench) {
    const encoder = await makeEncoderWorkload(bench, {});
    const reloaded = [
      engineRequestsOf('mlp', await makeMlpWorkload(bench))[0]!,
      engineRequestsOf('convolution', await makeConvolutions(bench))[0]!,
      engineRequestsOf('picture-mean', await makePictureMeans(bench))[0]!,
    ];
    const { repository } = encoder;
    const program = await startEngine(bench.group, 'engine', { repository, isolation: 'runner', cpuBudget: 2 });
    for (const { model } of reloaded) await program.ask('unload', model);
    const requests = engineRequestsOf('encoder', encoder);
    await program.ask('take', requests);
    // The widest batches of the fourth model come first: what they take is not what reloads leave behind.
    await program.ask('run', { ...burst, warmUpMs: 0 });
    await program.ask('startTraffic', { requests, callsPerSecond, seed: 4 });
    const inTurn = { requests: reloaded };
    await program.ask('reload', { ...inTurn, cycles: firstCycles });
    const { leastBytes: firstBytes } = await watchMemory(program.pid, restMs);
    bench.progress.step(`${firstCycles} loads: ${megabytes(firstBytes)} MB`);
    // What came until here is not timed: code gets compiled in it.
    const early = await program.ask('trafficSection', undefined);
    await wait(bench.quick ? aloneMs / 10 : aloneMs);
    const alone = await program.ask('trafficSection', undefined);
    bench.progress.step(`p99 alone ${alone.p99Ms.toFixed(1)} ms`);
    const count = bench.quick ? quickCycles : cycles;
    const startedAt = performance.now();
    await program.ask('reload', { ...inTurn, cycles: count - firstCycles });
    const cycleMs = (performance.now() - startedAt) / (count - firstCycles);
    const beside = await program.ask('trafficSection', undefined);
    bench.progress.step(`p99 beside loads ${beside.p99Ms.toFixed(1)} ms`);
    const { leastBytes: lastBytes } = await watchMemory(program.pid, restMs);
    await program.ask('stopTraffic', undefined);
    const late = await program.ask('trafficSection', undefined);
    bench.progress.step(`${count} loads: ${megabytes(lastBytes)} MB`);
    const growth = [(lastBytes - firstBytes) / 1e6];
    return {
      ...{ ratios: growth, ratio: spread(growth), refusals: refusalsOf([early, alone, beside, late]) },
      numerator: { name: 'growth', megabytes: spread(growth) },
      notes: [
        `${megabytes(firstBytes)} MB after ${firstCycles} loads, ${megabytes(lastBytes)} MB after ${count}; a load with its first answer and its unload took ${cycleMs.toFixed(0)} ms`,
        `p99 of the fourth model ${beside.p99Ms.toFixed(1)} ms (${beside.calls} calls), without loads ${alone.p99Ms.toFixed(1)} ms ` +
          `(${alone.calls} calls): ${(beside.p99Ms / alone.p99Ms).toFixed(2)}; p50 ${beside.p50Ms.toFixed(1)} and ${alone.p50Ms.toFixed(1)} ms`,
      ],
    };
  },
};

function refusalsOf(sections: readonly TrafficSection[]): Refusal[] {
  const texts = new Set(sections.flatMap(({ faults }) => faults));
  return [...texts].map((text) => ({ kind: 'answers', text }));
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(0);
}
