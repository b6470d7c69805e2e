import type { BareModel } from '../bare/bare-plan';
import { BareContestant } from '../measure/bare';
import { measureRatio, type Ratios } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { served, type Load } from '../measure/served';
import { startService } from '../servers/service';
import { encoderShape, makeEncoderWorkload } from '../workloads/encoder-workload';
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
    const workload = await makeEncoderWorkload(bench, { batching: { maxBatchSize: 1 } });
    const [two, one] = [await startLanes(bench, workload, 2), await startLanes(bench, workload, 1)];
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

/** A service with so many session lanes: as many as it plans for cores. */
async function startLanes(bench: Bench, workload: TensorWorkload, count: number): Promise<Contestant> {
  const flags = [`--repository=${workload.repository}`, `--cpu-budget=${count}`];
  const service = await startService(bench.group, { ...bench, folder: 'recommendation', flags });
  const load: Load = {
    ...{ path: modelInferPath, requests: workload.requests, connections: 2 },
    mode: { kind: 'closed', inFlightPerConnection: 4 },
  };
  return { ...served(bench.generator, service, load), name: `${count} ${count === 1 ? 'lane' : 'lanes'}` };
}
