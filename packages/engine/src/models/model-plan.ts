import { isModelVersion, TributaryError } from '@tributary/contract';
import { z } from 'zod';
import { describeIssues } from './repository/model-settings';
import { parseJson } from './repository/read-text';

/** File of the plan, beside model.json. */
export const planFile = 'plan.json';

const count = (most: number): z.ZodInt => z.int().min(1).max(most);

/** `plan.json`: written by `tributary tune`, obeyed where the model and the cores are those that were measured. */
const schema = z.strictObject({
  format: z.literal(1).describe('Shape of this file.'),
  version: z
    .string()
    .refine(isModelVersion, 'expected a whole number from 1 to 2^63 - 1')
    .describe('Version of the model that was measured.'),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .describe("SHA-256 of that version's model.onnx. The plan of another file is passed over."),
  cores: count(4096).describe(
    'Whole cores of the quota that were measured. The plan of another number is passed over.',
  ),
  cpu: z.string().max(200).describe('Name of the processor, for people.'),
  onnxRuntime: z.string().max(40).describe('Version of ONNX Runtime, for people.'),
  instances: count(256).describe('Most runs of the model at the same time.'),
  intraOpThreads: count(256).describe('Threads inside one run.'),
  maxBatchSize: count(1024).describe('Most rows in one run.'),
  inline: z
    .boolean()
    .describe(
      'True: runs on the event loop, which spares tiny models of fixed shapes the way to a worker thread and back.',
    ),
  costs: z
    .array(
      z.strictObject({
        rows: count(1024),
        length: z.int().min(0).max(1_000_000),
        runUs: z.number().min(0).max(1e9),
      }),
    )
    .max(512)
    .default([])
    .describe(
      'Median duration of a run by rows and by `length`, the size given to dimensions that may vary (0: there are none), in microseconds.',
    ),
});

/** `plan.json` as read. */
export type ModelPlan = z.infer<typeof schema>;

/** Duration of a run on one lane of the plan. */
export type MeasuredCost = ModelPlan['costs'][number];

/**
 * Reads the text of a plan.json.
 * @returns the plan, or what is wrong with it
 */
export function parseModelPlan(text: string): ModelPlan | { readonly problem: string } {
  let value: unknown;
  try {
    value = parseJson(text, planFile);
  } catch (error) {
    if (error instanceof TributaryError) return { problem: error.message };
    throw error;
  }
  const result = schema.safeParse(value);
  return result.success ? result.data : { problem: describeIssues(result.error.issues) };
}

/** The text of a plan.json: stable, so that a version control shows what changed. */
export function renderModelPlan({ costs, ...plan }: ModelPlan): string {
  const lines = Object.entries(plan).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},`);
  const rows = costs.map(
    ({ rows, length, runUs }) =>
      `    { "rows": ${rows}, "length": ${length}, "runUs": ${Math.round(runUs * 10) / 10} }`,
  );
  const table = rows.length === 0 ? '[]' : `[\n${rows.join(',\n')}\n  ]`;
  return `{\n${lines.join('\n')}\n  "costs": ${table}\n}\n`;
}

/** The table of `plan.json` for docs/models.md. */
export function renderModelPlanMarkdown(): string {
  const { properties = {} } = z.toJSONSchema(schema, { io: 'input' });
  const rows = Object.entries(properties).map(([name, property]) => {
    const { type, description } = property as z.core.JSONSchema.JSONSchema;
    return `| \`${name}\` | ${String(type)} | ${description ?? ''} |`;
  });
  return ['| key | type | meaning |', '| --- | --- | --- |', ...rows, ''].join('\n');
}

/** What a plan is compared with before it is obeyed. */
export interface PlanSite {
  readonly digest: string;
  readonly cores: number;
}

/** Why a plan is not obeyed here; undefined: it is. */
export function planMisfit(plan: ModelPlan, site: PlanSite): string | undefined {
  if (plan.digest !== site.digest) return 'it was measured with another model.onnx';
  if (plan.cores !== site.cores)
    return `it was measured on ${plan.cores} cores, and this process plans for ${site.cores}`;
  return undefined;
}
