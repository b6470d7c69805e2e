import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunOptions } from './command-line/run-options';
import { accessThroughputRatio } from './keys/access';
import { aloneBatchingCost, aloneTinyOverEcho } from './keys/alone';
import { cancelEncoderMs, cancelLoopMs } from './keys/cancel';
import { isolationRecoverMs, isolationSmallRatio } from './keys/isolation';
import { imageServedOverBare, textServedOverBare } from './keys/tasks';
import { modelEncoderOverFp32, modelImageOverFp32 } from './keys/forms';
import type { Bench, Key, KeyName } from './keys/key';
import { memoryLaneOverWeights, memoryLaneOverWeightsInside, memoryLaneOverWeightsShipped } from './keys/memory';
import { mixedSmallP99Ratio } from './keys/mixed';
import { overloadGoodput } from './keys/overload';
import { peerKeys } from './keys/peers';
import {
  aloneRoutedOverDirect,
  directClientOverService,
  imageRoutedOverService,
  smallRoutedOverService,
  tensor600kRoutedOverService,
} from './keys/routed';
import { reloadGrowthMb } from './keys/reload';
import { scaleTwoLanes } from './keys/scale';
import { routerMemoryPerStuckMb } from './keys/stuck';
import { startReadyOverBare } from './keys/start';
import { tensor600kServedOverBare, transport600k, transport600kModel } from './keys/tensors';
import { smallServiceOverEcho } from './keys/small';
import { tracingThroughputRatio } from './keys/tracing';
import { LoadGenerator } from './load/load-generator';
import { describeCommit, describeMachine } from './machine';
import { served } from './measure/served';
import { ProcessGroup } from './process/process-group';
import { startOthersMeter } from './process/others-cpu';
import type { Progress } from './progress';
import { judge, type GeneratorCeiling, type KeyReport, type Report } from './report';
import { startBareHttp2Server } from './servers/echo-server';

const allKeys: readonly Key[] = [
  smallServiceOverEcho,
  smallRoutedOverService,
  imageServedOverBare,
  textServedOverBare,
  aloneTinyOverEcho,
  aloneBatchingCost,
  aloneRoutedOverDirect,
  tensor600kRoutedOverService,
  imageRoutedOverService,
  directClientOverService,
  mixedSmallP99Ratio,
  routerMemoryPerStuckMb,
  transport600k,
  transport600kModel,
  tensor600kServedOverBare,
  scaleTwoLanes,
  overloadGoodput,
  memoryLaneOverWeights,
  memoryLaneOverWeightsInside,
  memoryLaneOverWeightsShipped,
  cancelLoopMs,
  cancelEncoderMs,
  isolationSmallRatio,
  isolationRecoverMs,
  reloadGrowthMb,
  startReadyOverBare,
  tracingThroughputRatio,
  accessThroughputRatio,
  modelEncoderOverFp32,
  modelImageOverFp32,
  ...peerKeys,
];

/** Measures what was asked for. Ends every process it started and removes every file it wrote, whichever way it ends. */
export async function runBench(options: RunOptions, root: string, progress: Progress): Promise<Report> {
  const generator = await measureCeiling(progress);
  const keys: Partial<Record<KeyName, KeyReport>> = {};
  const failures: Partial<Record<KeyName, string>> = {};
  for (const key of allKeys.filter(({ name }) => options.keys.includes(name))) {
    const others = startOthersMeter();
    try {
      const measured = await withBench(options, root, progress, async (bench) => {
        progress.start(key.name, key.steps(bench));
        return judge(key, await key.measure(bench));
      });
      const othersCores = others();
      keys[key.name] = { ...measured, ...(othersCores !== undefined && { othersCores }) };
    } catch (error) {
      failures[key.name] = error instanceof Error ? error.message : String(error);
    }
  }
  return {
    machine: describeMachine(),
    node: process.versions.node,
    commit: describeCommit(root),
    date: new Date().toISOString(),
    quick: options.quick,
    generator,
    keys,
    failures,
  };
}

/**
 * Measures with processes and a folder of its own: nothing is measured while another measurement's servers sit on the memory.
 * Ends the processes and removes the folder, whichever way it ends.
 */
export async function withBench<T>(
  { quick, rounds }: Pick<RunOptions, 'quick' | 'rounds'>,
  root: string,
  progress: Progress,
  measure: (bench: Bench) => Promise<T>,
): Promise<T> {
  const scratch = await mkdtemp(join(tmpdir(), 'tributary-bench-'));
  const removeScratch = (): void => rmSync(scratch, { recursive: true, force: true });
  process.once('exit', removeScratch);
  const group = new ProcessGroup();
  try {
    return await measure({
      ...{ group, root, scratch, rounds, quick, progress },
      generator: new LoadGenerator(group),
      onMeasured: (name, { perSecond }) => progress.step(`${name}: ${perSecond.toFixed(1)}/s`),
      onTimed: (name, milliseconds) => progress.step(`${name}: ${milliseconds.toFixed(0)} ms`),
    });
  } finally {
    progress.end();
    await group.end();
    process.off('exit', removeScratch);
    removeScratch();
  }
}

/** What the generator reaches with the small load where the server is as cheap as Node allows. */
async function measureCeiling(progress: Progress): Promise<GeneratorCeiling> {
  const group = new ProcessGroup();
  try {
    progress.start('load generator', 1);
    const answer = new Uint8Array(64);
    const server = await startBareHttp2Server(group, { path: '/', answer });
    const requests = [{ message: new Uint8Array(320), check: { kind: 'bytes', expected: answer } }] as const;
    const load = {
      path: '/bench/Ceiling',
      requests,
      connections: 4,
      mode: { kind: 'closed', inFlightPerConnection: 32 },
    } as const;
    const contestant = served(new LoadGenerator(group), server, load);
    const { perSecond, generator, faults } = await contestant.measure({ warmUpMs: 500, windowMs: 1000 });
    if (faults.length > 0 || generator === undefined) throw new Error(`load generator: ${faults.join('; ')}`);
    progress.step(`${perSecond.toFixed(0)} calls/s`);
    return {
      callsPerSecond: perSecond,
      coreShare: generator.coreShare,
      cpuMicrosecondsPerCall: (generator.coreShare / perSecond) * 1e6,
    };
  } finally {
    progress.end();
    await group.end();
  }
}
