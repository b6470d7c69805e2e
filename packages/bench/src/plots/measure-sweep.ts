import { windowOf, type Bench } from '../keys/key';
import type { Measurement } from '../measure/contestant';
import { measureLaneMemory } from '../measure/lane-memory';
import { measureOpenLoop, served, type Load } from '../measure/served';
import { median } from '../measure/statistics';
import { startService, type Service } from '../servers/service';
import { makeEncoderWorkload, makeSharedEncoderWorkload } from '../workloads/encoder-workload';
import { makeMlpWorkload } from '../workloads/mlp';
import { modelInferPath, type TensorWorkload } from '../workloads/tensor-workload';
import type { LoadPoint, LoadSweep, MemoryPoint, MemorySweep } from './sweep';

/** Shares of the peak that are offered. */
const shares = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1] as const;
/** Calls that wait longer are lost: beyond the peak the queue would grow as long as one looks. */
const deadlineMs = 1000;
const laneCounts = [1, 2, 3, 4] as const;
const windowMs = 2500;

interface SweptModel {
  readonly name: string;
  readonly title: string;
  readonly inFlightPerConnection: number;
  make(bench: Bench): Promise<TensorWorkload>;
}

export const sweptModels: readonly SweptModel[] = [
  {
    ...{ name: 'mlp', title: 'perceptron 64-256-64-1, ModelInfer', inFlightPerConnection: 32 },
    make: (bench) => makeMlpWorkload(bench),
  },
  {
    ...{ name: 'encoder', title: 'encoder of 6 layers, 32 tokens, ModelInfer', inFlightPerConnection: 8 },
    make: (bench) => makeEncoderWorkload(bench, {}),
  },
];

export function loadSteps(rounds: number): number {
  return rounds * (shares.length + 1);
}

export const memorySteps = laneCounts.length;

/** Rising loads, round after round; each round has its own peak, so that drift of the machine does not bend the curve. */
export async function sweepLoad(bench: Bench, model: SweptModel): Promise<LoadSweep> {
  const { repository, requests } = await model.make(bench);
  const service = await startMade(bench, repository);
  const load: Load = {
    ...{ path: modelInferPath, requests, connections: 4 },
    mode: { kind: 'closed', inFlightPerConnection: model.inFlightPerConnection },
  };
  const window = windowOf(bench, windowMs);
  const closed = served(bench.generator, service, load);
  const peaks: number[] = [];
  const seen = shares.map(() => [] as Omit<LoadPoint, 'share'>[]);
  // The first peak is not counted: code is compiled in it.
  await closed.measure(window);
  for (let round = 0; round < bench.rounds; round++) {
    const peak = await closed.measure(window);
    assertRight(peak);
    peaks.push(peak.perSecond);
    bench.onMeasured('peak', peak);
    for (const [index, share] of shares.entries()) {
      const offeredPerSecond = peak.perSecond * share;
      const before = await batchesOf(service, model.name);
      const mode = { kind: 'open', callsPerSecond: offeredPerSecond, seed: round + 1, deadlineMs } as const;
      const point = await measureOpenLoop(bench.generator, service, load, mode, window);
      assertRight(point);
      const after = await batchesOf(service, model.name);
      seen[index]!.push({
        ...{ offeredPerSecond, answersPerSecond: point.perSecond, ...point.latency! },
        rowsPerBatch: (after.rows - before.rows) / Math.max(1, after.batches - before.batches),
      });
      bench.onMeasured(`${Math.round(share * 100)} %`, point);
    }
  }
  return {
    ...{ name: model.name, title: model.title, peakPerSecond: median(peaks) },
    points: seen.map((points, index) => ({ share: shares[index]!, ...medianOf(points) })),
  };
}

/** Starts a service for each number of lanes, one after another, and looks at it after a load on all of them. */
export async function sweepMemory(bench: Bench): Promise<MemorySweep> {
  const points: MemoryPoint[] = [];
  const { repository, requests, weightBytes } = await makeSharedEncoderWorkload(bench, {});
  for (const lanes of laneCounts) {
    const { pssBytes, measurement } = await measureLaneMemory({
      ...{ ...bench, folder: 'recommendation', lanes, repository, path: modelInferPath, requests },
      window: windowOf(bench, windowMs),
    });
    points.push({ lanes, pssBytes });
    bench.onMeasured(`${lanes} lanes`, measurement);
  }
  return { title: 'encoder of 90 MB, weights in a file of their own', weightBytes, points };
}

function startMade(bench: Bench, repository: string): Promise<Service> {
  return startService(bench.group, { ...bench, folder: 'recommendation', flags: [`--repository=${repository}`] });
}

async function batchesOf(
  service: Service,
  model: string,
): Promise<{ readonly rows: number; readonly batches: number }> {
  return {
    rows: await service.metric('tributary_batch_rows_sum', { model }),
    batches: await service.metric('tributary_batch_rows_count', { model }),
  };
}

/** Dropped arrivals are an outcome of a load that is too high, as refusals are; wrong answers never are. */
function assertRight({ faults }: Measurement): void {
  const wrong = faults.filter((fault) => !fault.startsWith('the open loop'));
  if (wrong.length > 0) throw new Error(wrong.join('; '));
}

function medianOf(points: readonly Omit<LoadPoint, 'share'>[]): Omit<LoadPoint, 'share'> {
  const of = (figure: keyof Omit<LoadPoint, 'share'>): number =>
    Number(median(points.map((point) => point[figure])).toPrecision(5));
  return {
    offeredPerSecond: of('offeredPerSecond'),
    answersPerSecond: of('answersPerSecond'),
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    rowsPerBatch: of('rowsPerBatch'),
  };
}
