import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { digestAt, planCpus, planFile, renderModelPlan } from '@tributary/engine/tuning';
import { mlp } from '@tributary/engine/testing';
import { seededRandom } from '../measure/statistics';
import { makeTensorWorkload, type Site, type TensorWorkload } from './tensor-workload';

/** Sizes of the perceptron's layers: a model so small that the call around it is what costs. */
const sizes = [64, 256, 64, 1] as const;
/** Half of the calls in flight: one batch runs while the next one gathers. */
const maxBatchSize = 64;
const rowCount = 64;
/** A few units in the last place. */
const tolerance = 2e-5;

/** Name and model.json of the perceptron. */
export interface MlpModel {
  readonly name: string;
  readonly settings: object;
}

/** The perceptron in a repository, beside those that are there, and requests on it. */
export function makeMlpWorkload(
  site: Site,
  { name, settings }: MlpModel = { name: 'mlp', settings: { batching: { maxBatchSize } } },
): Promise<TensorWorkload> {
  const random = seededRandom(64);
  return makeTensorWorkload(site, {
    name,
    settings,
    graph: mlp(...sizes),
    input: { name: 'input', datatype: 'FP32', shape: [1, sizes[0]] },
    rows: Array.from({ length: rowCount }, () => Float32Array.from({ length: sizes[0] }, () => random() * 2 - 1)),
    tolerance,
  });
}

/** Keeps a model off the event loop by a plan.json, which a service takes to where it would put the model itself. */
export async function keepOnLanes({ file }: TensorWorkload, batchSize: number): Promise<void> {
  const { cpuBudget, sessionLanes } = planCpus();
  const plan = renderModelPlan({
    ...{ format: 1, version: '1', digest: await digestAt(file), cores: Math.max(1, Math.floor(cpuBudget)) },
    ...{ cpu: '', onnxRuntime: '', instances: sessionLanes, intraOpThreads: 1, maxBatchSize: batchSize },
    ...{ inline: false, costs: [] },
  });
  await writeFile(join(dirname(file), '..', planFile), plan);
}
