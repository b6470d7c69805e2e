import { isModelVersion, refusal } from '@tributary/contract';
import { z } from 'zod';
import { parseJson } from './read-text';

/** A file name inside a version folder; no path. */
const fileName = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,254}$/, 'expected a file name without folders');

/** A path from the model's folder: a version, then names of files and folders. */
function isFilePath(path: string): boolean {
  const [version, ...names] = path.split('/');
  return isModelVersion(version!) && names.length > 0 && names.every((name) => fileName.safeParse(name).success);
}

/** `model.json`, beside the version folders. Every key is optional; unknown keys are errors. */
const schema = z.strictObject({
  task: z
    .string()
    .min(1)
    .max(128)
    .default('')
    .describe("What the model is for; one of the service's tasks. Without it the model answers tensors only."),
  description: z.string().max(1000).default('').describe('One line for people.'),
  default: z
    .boolean()
    .default(false)
    .describe('The model that a task RPC uses when the caller names none. Not needed where a task has one model.'),
  batching: z
    .strictObject({
      maxBatchSize: z
        .int()
        .min(1)
        .max(1024)
        .optional()
        .describe('Most rows in one run and in one request; 1 turns batching off. Default: no bound on a request, and as many rows in a run as pay, at most 64, where the graph keeps rows apart.'),
      maxQueueDelayMs: z
        .number()
        .min(0)
        .max(1000)
        .default(0)
        .describe('How long a request may wait for company while a lane is free. Default 0: it never waits.'),
      rowsIndependent: z
        .boolean()
        .default(false)
        .describe(
          "True: its owner's word that no row's answer depends on other rows of a run, for a graph of which that cannot be proved.",
        ),
    })
    .default({ maxQueueDelayMs: 0, rowsIndependent: false }),
  maxQueueSize: z
    .int()
    .min(1)
    .max(65_536)
    .default(1024)
    .describe('Most requests that wait for one version; more are refused with QUEUE_FULL.'),
  instances: z
    .strictObject({
      count: z
        .int()
        .min(1)
        .max(256)
        .optional()
        .describe('Most runs of the model at the same time. Default: as many as there are session lanes.'),
      intraOpThreads: z.int().min(1).max(256).optional().describe("Threads inside one run. Default: the CPU plan's."),
    })
    .default({}),
  labels: fileName.optional().describe('File in the version folder with one label a line.'),
  files: z
    .record(
      z.string().refine(isFilePath, 'expected a path like 1/model.onnx'),
      z.string().regex(/^sha256:[0-9a-f]{64}$/, 'expected sha256: and 64 lower-case hex digits'),
    )
    .default({})
    .describe('SHA-256 of files, by path from the model\'s folder: `{ "1/model.onnx": "sha256:<64 hex digits>" }`.'),
  rejectNonFinite: z
    .boolean()
    .default(false)
    .describe('Refuse NaN and infinite inputs. Default: they pass as they are.'),
  options: z.record(z.string(), z.unknown()).default({}).describe('For the task; checked by the task.'),
});

/** `model.json` with every default filled in. */
export type ModelSettings = z.infer<typeof schema>;

/** The settings of a model without model.json. */
export const defaultModelSettings: ModelSettings = schema.parse({});

/** Most faults that one sentence names. */
const maxShownFaults = 8;

/**
 * Reads the text of a model.json.
 * @throws TributaryError MODEL_FILE_INVALID; MODEL_CONFIG_INVALID naming the path of every fault and what was expected there
 */
export function parseModelSettings(text: string): ModelSettings {
  const result = schema.safeParse(parseJson(text, 'model.json'));
  if (result.success) return result.data;
  throw refusal('MODEL_CONFIG_INVALID', { problem: describeIssues(result.error.issues) });
}

/** One line for all faults: `batching.maxBatchSize: expected number, received string; ...`. Of many only the first ones. */
export function describeIssues(issues: readonly z.core.$ZodIssue[]): string {
  const shown = issues.slice(0, maxShownFaults);
  const text = shown.map((issue) => `${issue.path.map(String).join('.') || 'the file'}: ${wordsOf(issue)}`).join('; ');
  return issues.length > shown.length ? `${text}; and ${issues.length - shown.length} more` : text;
}

/** Of a key that is not valid zod itself says no more than that. */
function wordsOf(issue: z.core.$ZodIssue): string {
  return issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
}

/** The table of `model.json` for docs/models.md. */
export function renderModelSettingsMarkdown(): string {
  const rows = rowsOf(z.toJSONSchema(schema, { io: 'input' }), '');
  return ['| key | type | default | meaning |', '| --- | --- | --- | --- |', ...rows, ''].join('\n');
}

function rowsOf({ properties = {} }: z.core.JSONSchema.JSONSchema, prefix: string): string[] {
  return Object.entries(properties).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return [];
    if (property.properties !== undefined) return rowsOf(property, `${prefix}${name}.`);
    const { minimum, maximum, default: fallback, description = '' } = property;
    const range = minimum === undefined || maximum === undefined ? '' : `, ${minimum} to ${maximum}`;
    const shown = fallback === undefined || fallback === '' ? '' : `\`${JSON.stringify(fallback)}\``;
    return [`| \`${prefix}${name}\` | ${String(property.type)}${range} | ${shown} | ${description} |`];
  });
}
