import { mlp } from '@tributary/engine/testing';
import { seededRandom } from '../measure/statistics';
import { tuneModel } from './tune-model';
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
  /** `tuned`, which is the default: where `tributary tune` puts it. `lanes`: on session lanes, as a model without a plan. */
  readonly placement?: 'tuned' | 'lanes';
}

/** Where the perceptron is made and tuned. */
export interface TunedSite extends Site {
  /** Root folder of the checkout. */
  readonly root: string;
}

/** The perceptron, placed by its plan.json. */
export interface TunedWorkload extends TensorWorkload {
  /** Where it is placed, a line. */
  readonly plan: string;
}

/** The perceptron in a repository, beside those that are there, and requests on it. */
export async function makeMlpWorkload(
  site: TunedSite,
  { name, settings, placement = 'tuned' }: MlpModel = { name: 'mlp', settings: { batching: { maxBatchSize } } },
): Promise<TunedWorkload> {
  const random = seededRandom(64);
  const workload = await makeTensorWorkload(site, {
    name,
    settings,
    graph: mlp(...sizes),
    input: { name: 'input', datatype: 'FP32', shape: [1, sizes[0]] },
    rows: Array.from({ length: rowCount }, () => Float32Array.from({ length: sizes[0] }, () => random() * 2 - 1)),
    tolerance,
  });
  const { repository } = workload;
  const plan = placement === 'tuned' ? await tuneModel(site, repository, name) : `${name}: on session lanes, no plan`;
  return { ...workload, plan };
}
