import { dirname, join } from 'node:path';
import { TributaryError } from '@tributary/contract';
import { readTextFile } from './repository/repository-file';
import type { RepositoryVersion } from './repository/scan-repository';
import { parseModelPlan, planFile, planMisfit, type ModelPlan } from './model-plan';

/** What is known of the place where a plan would be obeyed. */
export interface PlanReader {
  /** Whole cores. */
  readonly cores: number;
  /** Digest of the version's model.onnx; asked for only where there is a plan for the version. */
  readonly digest: () => Promise<string>;
}

/**
 * The plan of a model version, where there is one.
 * @returns the plan; or why it is not obeyed; or undefined where there is none, or one for another version
 */
export async function readModelPlan(
  { folder, version }: RepositoryVersion,
  { cores, digest }: PlanReader,
): Promise<ModelPlan | { readonly problem: string } | undefined> {
  let text: string;
  try {
    const model = dirname(folder);
    text = await readTextFile(dirname(model), join(model, planFile), planFile);
  } catch (error) {
    if (!(error instanceof TributaryError)) throw error;
    return error.reason === 'MODEL_FILE_MISSING' ? undefined : { problem: error.message };
  }
  const plan = parseModelPlan(text);
  if ('problem' in plan) return plan;
  if (plan.version !== version) return undefined;
  // What costs nothing to compare comes first.
  const problem =
    planMisfit(plan, { cores, digest: plan.digest }) ?? planMisfit(plan, { cores, digest: await digest() });
  return problem === undefined ? plan : { problem };
}
