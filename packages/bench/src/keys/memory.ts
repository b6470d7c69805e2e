import { cp, readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { measureLaneMemory, type LanesPlan } from '../measure/lane-memory';
import { spread } from '../measure/statistics';
import { makeEncoderWorkload, makeSharedEncoderWorkload } from '../workloads/encoder-workload';
import { modelInferPath, type TensorWorkload } from '../workloads/tensor-workload';
import { atMost, windowOf, type Bench, type Key, type KeyName, type KeyResult } from './key';
import { makeShippedText } from './tasks';

/** The further lane is the second. */
const laneCounts = [1, 2] as const;
const windowMs = 2000;
/** Runs of one row on either number of lanes: how wide batches become is no matter of lanes. */
const alone = { batching: { maxBatchSize: 1 } };

/** What a further lane costs where weights lie in a file of their own. */
export const memoryLaneOverWeights: Key = encoderKey({
  name: 'memory.lane_over_weights',
  form: 'in a file of their own',
  make: (bench) => makeSharedEncoderWorkload(bench, alone),
});

/** The same where they do not. */
export const memoryLaneOverWeightsInside: Key = encoderKey({
  name: 'memory.lane_over_weights_inside',
  form: 'inside model.onnx',
  make: (bench) => makeEncoderWorkload(bench, alone),
});

/** The same for a model that comes with it. */
export const memoryLaneOverWeightsShipped: Key = {
  name: 'memory.lane_over_weights_shipped',
  meaning:
    'memory (Pss of service and runner) that the second session lane of bge-small-en as shipped adds, after load / bytes of its files of weights',
  steps: ({ rounds }) => rounds * laneCounts.length,
  async measure(bench) {
    const { folder, modelFolder, version, path, requests } = await makeShippedText(bench);
    const repository = join(bench.scratch, 'repository');
    const copy = join(repository, basename(modelFolder));
    await cp(join(modelFolder, version), join(copy, version), { recursive: true });
    await cp(join(modelFolder, 'model.json'), join(copy, 'model.json'));
    return measureFurtherLane(bench, { folder, repository, path, requests }, join(copy, version));
  },
};

function encoderKey({
  name,
  form,
  make,
}: {
  readonly name: KeyName;
  readonly form: string;
  readonly make: (bench: Bench) => Promise<TensorWorkload>;
}): Key {
  return {
    name,
    meaning: `memory (Pss of service and runner) that the second session lane adds to an fp32 encoder of 90 MB, weights ${form} / bytes of its weights`,
    target: atMost(0.15),
    steps: ({ rounds }) => rounds * laneCounts.length,
    async measure(bench) {
      const { repository, file, requests } = await make(bench);
      const served = { folder: 'recommendation', repository, path: modelInferPath, requests };
      return measureFurtherLane(bench, served, dirname(file));
    },
  };
}

type ServedModel = Pick<LanesPlan, 'folder' | 'repository' | 'path' | 'requests'>;

/** Both numbers of lanes in turn, each round in the other order, each in a process of its own. */
async function measureFurtherLane(bench: Bench, served: ServedModel, versionFolder: string): Promise<KeyResult> {
  const addedMegabytes: number[] = [];
  const window = windowOf(bench, windowMs);
  const runs: string[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const pssByLanes = new Map<number, number>();
    for (const lanes of round % 2 === 0 ? laneCounts : laneCounts.toReversed()) {
      const { pssBytes, measurement } = await measureLaneMemory({ ...bench, ...served, lanes, window });
      pssByLanes.set(lanes, pssBytes);
      bench.onMeasured(`${lanes} ${lanes === 1 ? 'lane' : 'lanes'}`, measurement);
    }
    const [one, two] = laneCounts.map((lanes) => pssByLanes.get(lanes)! / 1e6) as [number, number];
    addedMegabytes.push(two - one);
    runs.push(`${one.toFixed(0)} -> ${two.toFixed(0)}`);
  }
  const weightMegabytes = (await weightBytesOf(versionFolder)) / 1e6;
  const ratios = addedMegabytes.map((megabytes) => megabytes / weightMegabytes);
  return {
    ...{ ratios, ratio: spread(ratios), refusals: [] },
    numerator: { name: 'second lane', megabytes: spread(addedMegabytes) },
    denominator: { name: 'weights', megabytes: spread([weightMegabytes]) },
    notes: [`service and runner with one lane -> two, in MB: ${runs.join(', ')}`],
  };
}

/** Of the graph, and of files of external weights beside it. */
async function weightBytesOf(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => /[.](onnx|data)$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
