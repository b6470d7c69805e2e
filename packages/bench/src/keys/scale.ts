import { join } from 'node:path';
import { mkdir } from 'node:fs/promises';
import type { BareModel } from '../bare/bare-plan';
import { BareContestant } from '../measure/bare';
import { measureRatio, type Ratios } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { served, type Load } from '../measure/served';
import { startService } from '../servers/service';
import { encoderShape, makeSharedEncoderWorkload } from '../workloads/encoder-workload';
import { modelInferPath, type TensorWorkload } from '../workloads/tensor-workload';
import type { Contestant } from '../measure/contestant';
import { atLeast, windowOf, type Bench, type Key } from './key';

/** What a second session lane wins where runs are long and messages small. */
export const scaleTwoLanes: Key = {
  name: 'scale.two_lanes',
  meaning: 'encoder of about 10 ms, 256 bytes in, not batched, 8 calls in flight: two session lanes / one',
  target: atLeast(1.8),
  steps: ({ rounds }) => measurementsOf(rounds) * 2,
  async measure(bench) {
    const { contestant: two } = await startLanes(bench, 2);
    const { contestant: one, workload } = await startLanes(bench, 1);
    const plan = { rounds: bench.rounds, window: windowOf(bench, 3000) };
    const result = await measureRatio(two, one, plan, bench.onMeasured);
    const bare = await measureBareLanes(bench, workload);
    const { median, min, max } = bare.ratio;
    const limit = `${median.toFixed(2)} [${min.toFixed(2)}, ${max.toFixed(2)}]`;
    return { ...result, notes: [`the machine's own limit: bare worker threads, 2 lanes over 1, reach ${limit}`] };
  },
};

/** What two worker threads win over one where nothing but `session.run` happens: cores share caches, memory and heat. */
async function measureBareLanes(bench: Bench, { file, bareRequests }: TensorWorkload): Promise<Ratios> {
  const model: BareModel = { kind: 'tensors', file, datatype: 'INT64', shape: encoderShape };
  const start = async (lanes: number): Promise<Contestant> => {
    const contestant = await BareContestant.start(bench.group, {
      ...{ model, depth: 1, arrangement: { lanes, threads: 1 } },
    });
    await contestant.take(bareRequests);
    return contestant;
  };
  const plan = { rounds: bench.rounds, window: windowOf(bench, 2000) };
  return measureRatio(await start(2), await start(1), plan, bench.onMeasured);
}

/** A service with so many session lanes, and what it serves: weights in a file of their own, so that lanes read the same memory. */
async function startLanes(
  bench: Bench,
  count: number,
): Promise<{ readonly contestant: Contestant; readonly workload: TensorWorkload }> {
  const name = `${count} ${count === 1 ? 'lane' : 'lanes'}`;
  const scratch = join(bench.scratch, name.replace(' ', '-'));
  await mkdir(scratch);
  const settings = { batching: { maxBatchSize: 1 }, instances: { count, intraOpThreads: 1 } };
  const workload = await makeSharedEncoderWorkload({ ...bench, scratch }, settings);
  const { repository, requests } = workload;
  // Both processes plan for two cores, on any machine; the model of one takes half of its lanes.
  const flags = [`--repository=${repository}`, '--cpu-budget=2'];
  const service = await startService(bench.group, { ...bench, scratch, folder: 'recommendation', flags });
  const load: Load = {
    ...{ path: modelInferPath, requests, connections: 2 },
    mode: { kind: 'closed', inFlightPerConnection: 4 },
  };
  return { contestant: { ...served(bench.generator, service, load), name }, workload };
}
