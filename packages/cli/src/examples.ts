import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isRpcName, type Client, type RpcName, type RpcRequest } from '@tributary/client';
import { differences, toCamelCase } from './compare';

/** One call whose right answer is known: `example.json` beside a model. The answer came from the source model, not from here. */
export interface Example {
  readonly model: string;
  /** Folder of the model. */
  readonly folder: string;
  readonly rpc: RpcName;
  /** The request as proto JSON with the names of the .proto; `{"$file": name}` stands for the bytes of a file beside it. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  /** Largest difference allowed between numbers. */
  readonly tolerance: number;
}

/** What came of an example. */
export interface ExampleResult {
  readonly example: Example;
  /** The answer; undefined where the call failed. */
  readonly answer: unknown;
  /** Empty: the answer is right. */
  readonly faults: readonly string[];
}

/** What the system proves at its start: one call of every task, by the service that answers it. */
const proofs: readonly (readonly [string, RpcName])[] = [
  ['image', 'tributary.image.v1.ImageService/Classify'],
  ['nlp', 'tributary.nlp.v1.NlpService/Embed'],
  ['nlp', 'tributary.nlp.v1.NlpService/Classify'],
  ['recommendation', 'tributary.recommendation.v1.RecommendationService/Recommend'],
];

/** What stands in the way of the proof, and what to do about it; undefined: nothing. */
export function missingExample(models: string): string | undefined {
  for (const [service, rpc] of proofs) {
    const folder = join(models, service);
    if (!existsSync(folder))
      return `there is no folder ${folder}; name one with --models that holds image/, nlp/ and recommendation/`;
    if (loadExamples(models, [service]).every((example) => example.rpc !== rpc))
      return (
        `no model in ${folder} proves ${rpc} (none has such an example.json); restore it, for instance by git checkout, ` +
        `or start the services one by one: node services/${service}/dist/main.js --help`
      );
  }
  return undefined;
}

/** Examples of every model under `models/<service>/<name>`, by service, then by name. */
export function loadExamples(models: string, services: readonly string[]): Example[] {
  return services.flatMap((service) =>
    readdirSync(join(models, service), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => join(models, service, entry.name))
      .filter((folder) => existsSync(join(folder, 'example.json')))
      .sort()
      .map(loadExample),
  );
}

function loadExample(folder: string): Example {
  const file = join(folder, 'example.json');
  const content = JSON.parse(readFileSync(file, 'utf8')) as Omit<Example, 'model' | 'folder'>;
  if (!isRpcName(content.rpc)) throw new Error(`${file}: there is no RPC ${String(content.rpc)}`);
  return { ...content, model: basename(folder), folder };
}

/** Makes the call and compares. A call that fails is a fault, not an exception. */
export async function runExample(client: Client, example: Example, signal?: AbortSignal): Promise<ExampleResult> {
  try {
    const request = toRequest(example.request, example.folder) as RpcRequest<RpcName>;
    const answer = await client.call(example.rpc, request, { waitForReady: true, ...(signal && { signal }) });
    return { example, answer, faults: differences(example.expected, answer, example.tolerance) };
  } catch (error) {
    return { example, answer: undefined, faults: [(error as Error).message] };
  }
}

function toRequest(fields: Readonly<Record<string, unknown>>, folder: string): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      toCamelCase(name),
      isFile(value) ? readFileSync(join(folder, value.$file)) : value,
    ]),
  );
}

function isFile(value: unknown): value is { $file: string } {
  return typeof value === 'object' && value !== null && '$file' in value;
}
