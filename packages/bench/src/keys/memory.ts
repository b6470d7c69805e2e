import { cp, mkdir, readFile, readdir, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { measureLaneMemory, type LanesPlan } from '../measure/lane-memory';
import { spread } from '../measure/statistics';
import { makeSharedEncoderWorkload } from '../workloads/encoder-workload';
import { modelInferPath } from '../workloads/tensor-workload';
import { atMost, windowOf, type Bench, type Key, type KeyResult } from './key';
import { makeShippedText } from './tasks';

/** The further lane is the second. */
const laneCounts = [1, 2] as const;
const windowMs = 2000;

/** What a further lane costs where weights lie in a file of their own. */
export const memoryLaneOverWeights: Key = {
  name: 'memory.lane_over_weights',
  meaning:
    'memory (Pss) that the second session lane of an fp32 encoder of 90 MB adds where weights are shared (--prepack-budget=0) / bytes of its weights',
  target: atMost(0.35),
  steps: ({ rounds }) => rounds * laneCounts.length,
  async measure(bench) {
    let weightBytes = 0;
    const sites: LanesSite[] = [];
    for (const lanes of laneCounts) {
      const scratch = await folderFor(bench, lanes);
      const settings = { instances: { count: lanes, intraOpThreads: 1 } };
      const workload = await makeSharedEncoderWorkload({ ...bench, scratch }, settings);
      weightBytes = workload.weightBytes;
      const { repository, requests } = workload;
      const flags = ['--prepack-budget=0'];
      sites.push({
        ...{ scratch, lanes, repository, requests, flags },
        folder: 'recommendation',
        path: modelInferPath,
      });
    }
    return measureFurtherLane(bench, sites, weightBytes);
  },
};

/** The same for a model that comes with it. */
export const memoryLaneOverWeightsShipped: Key = {
  name: 'memory.lane_over_weights_shipped',
  meaning:
    'memory (Pss) that the second session lane of bge-small-en as shipped adds, after load / bytes of its files of weights',
  steps: ({ rounds }) => rounds * laneCounts.length,
  async measure(bench) {
    const text = await makeShippedText(bench);
    const sites: LanesSite[] = [];
    for (const lanes of laneCounts) {
      const scratch = await folderFor(bench, lanes);
      const repository = join(scratch, 'repository');
      const copy = join(repository, basename(text.modelFolder));
      await cp(join(text.modelFolder, text.version), join(copy, text.version), { recursive: true });
      const settings = JSON.parse(await readFile(join(text.modelFolder, 'model.json'), 'utf8')) as object;
      await writeFile(join(copy, 'model.json'), JSON.stringify({ ...settings, instances: { count: lanes } }));
      sites.push({ ...{ scratch, lanes, repository }, folder: text.folder, path: text.path, requests: text.requests });
    }
    return measureFurtherLane(bench, sites, await weightBytesOf(join(text.modelFolder, text.version)));
  },
};

type LanesSite = Pick<LanesPlan, 'scratch' | 'lanes' | 'folder' | 'repository' | 'path' | 'requests' | 'flags'>;

async function folderFor({ scratch }: Bench, lanes: number): Promise<string> {
  const folder = join(scratch, `lanes-${lanes}`);
  await mkdir(folder);
  return folder;
}

/** Both numbers of lanes in turn, each round in the other order, each in a process of its own. */
async function measureFurtherLane(bench: Bench, sites: readonly LanesSite[], weightBytes: number): Promise<KeyResult> {
  const addedMegabytes: number[] = [];
  const window = windowOf(bench, windowMs);
  const plannedCores = Math.max(...laneCounts);
  const runs: string[] = [];
  for (let round = 0; round < bench.rounds; round++) {
    const pssByLanes = new Map<number, number>();
    for (const site of round % 2 === 0 ? sites : [...sites].reverse()) {
      const { pssBytes, measurement } = await measureLaneMemory({ ...bench, ...site, plannedCores, window });
      pssByLanes.set(site.lanes, pssBytes);
      bench.onMeasured(`${site.lanes} ${site.lanes === 1 ? 'lane' : 'lanes'}`, measurement);
    }
    const [one, two] = laneCounts.map((lanes) => pssByLanes.get(lanes)! / 1e6) as [number, number];
    addedMegabytes.push(two - one);
    runs.push(`${one.toFixed(0)} -> ${two.toFixed(0)}`);
  }
  const weightMegabytes = weightBytes / 1e6;
  const ratios = addedMegabytes.map((megabytes) => megabytes / weightMegabytes);
  return {
    ...{ ratios, ratio: spread(ratios), refusals: [] },
    numerator: { name: 'second lane', megabytes: spread(addedMegabytes) },
    denominator: { name: 'weights', megabytes: spread([weightMegabytes]) },
    notes: [`process with one lane -> two, in MB: ${runs.join(', ')}`],
  };
}

/** Of the graph, and of files of external weights beside it. */
async function weightBytesOf(folder: string): Promise<number> {
  const names = (await readdir(folder)).filter((name) => /[.](onnx|data)$/.test(name));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
