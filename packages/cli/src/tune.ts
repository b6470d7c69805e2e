import { existsSync, readdirSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { TributaryError } from '@tributary/contract';
import { RepositoryError } from '@tributary/engine';
import { TuneError, tuneModel, type TuneResult } from '@tributary/tune';
import { fail, readArguments } from './command-line';
import { createScreen, type Screen } from './screen';
import { renderTable } from './table';

const help = `usage: npm run tune -- MODEL [options]

Measures how a model runs best on this machine: session lanes x threads x rows of a batch, and, for tiny models of fixed shapes, on
the event loop itself. Prints a table and writes the choice beside model.json as plan.json, which services obey from their next start
on, as long as model.onnx and the number of cores are those that were measured. What model.json sets wins over the plan. Another
placement than the plain rule (a session lane a core, one thread each, batches of up to 8) is chosen only where it is surely faster.

A model brought as a single file of weights first gets them in a file of their own (model.onnx and model.data), so that all lanes and
processes share one copy. The new files take the old one's place only after they gave the same answers to made-up inputs; digests in
model.json follow.

Let the machine do nothing else meanwhile. Delete plan.json to be back at the plain rule.

  --repository <dir>   folder that has MODEL (default: whichever of models/* has it)
  --cpu-budget <n>     cores to plan for (default: what this machine allows)
  --keep-file          leave a single file as it is
  --quick              fewer and shorter rounds
  --json               the result as JSON on standard output
  --help               this text
`;

/**
 * `tributary tune`.
 * @param isPlain neither colours nor bars
 * @returns the exit code
 */
export async function tune(root: string, args: readonly string[], isPlain: boolean): Promise<number> {
  const parsed = readArguments({
    command: 'npm run tune',
    help,
    args,
    allowPositionals: true,
    options: {
      repository: { type: 'string' },
      'cpu-budget': { type: 'string' },
      'keep-file': { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (typeof parsed === 'number') return parsed;
  const { values, positionals } = parsed;
  const [model, ...more] = positionals;
  if (model === undefined || more.length > 0) return fail('name one model, e.g. npm run tune -- bge-small-en');
  const cpuBudget = values['cpu-budget'] === undefined ? undefined : Number(values['cpu-budget']);
  if (cpuBudget !== undefined && !(cpuBudget > 0)) return fail('--cpu-budget is a number above 0');
  const repository = values.repository === undefined ? findRepository(root, model) : resolve(values.repository);
  if (repository === undefined) return fail(`none of models/* has ${model}; name its folder with --repository`);

  const screen = createScreen(process.stderr, isPlain);
  try {
    const result = await tuneModel({
      repository,
      model,
      quick: values.quick,
      keepsFile: values['keep-file'],
      ...(cpuBudget !== undefined && { cpuBudget }),
      onProgress: (done, total, note) => {
        // On anything but a terminal a line for every note would be hundreds.
        if (process.stderr.isTTY || done === 0) screen.progress(`measuring ${model}`, done, total, note);
      },
    });
    screen.clear();
    if (values.json) process.stdout.write(`${JSON.stringify(result)}\n`);
    else show(result, createScreen(process.stdout, isPlain));
    return 0;
  } catch (error) {
    screen.clear();
    if (error instanceof TuneError || error instanceof TributaryError || error instanceof RepositoryError)
      return fail(error.message);
    throw error;
  }
}

function show({ plan, file, reasons, placements, weights }: TuneResult, screen: Screen): void {
  if (weights?.kind === 'moved')
    screen.line(`${screen.bold('weights')}: ${megabytes(weights.bytes)} moved to ${relative('.', weights.file)}`);
  if (weights?.kind === 'kept') screen.line(`${screen.bold('weights')}: left in model.onnx: ${weights.why}`);
  const rows = placements.map(({ placement, rowsPerSecond, runUs, overPlain, isChosen }, index) => [
    isChosen ? '*' : '',
    `${placement}${index === 0 ? ' (plain rule)' : ''}`,
    rowsPerSecond.toFixed(rowsPerSecond < 100 ? 1 : 0),
    runUs < 10_000 ? `${runUs.toFixed(0)} us` : `${(runUs / 1000).toFixed(1)} ms`,
    overPlain.toFixed(2),
  ]);
  screen.line(renderTable([['', 'placement', 'rows/s', 'a run', 'over plain'], ...rows], [2, 3, 4]));
  for (const reason of reasons) screen.line(`  ${reason}`);
  const { instances, intraOpThreads, maxBatchSize, inline } = plan;
  const where = inline ? 'on the event loop' : `instances ${instances}, intraOpThreads ${intraOpThreads}`;
  screen.line(`\n${screen.bold('plan')}: ${where}, maxBatchSize ${maxBatchSize}; written to ${relative('.', file)}`);
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function findRepository(root: string, model: string): string | undefined {
  const models = join(root, 'models');
  const found = readdirSync(models).find((name) => existsSync(join(models, name, model, 'model.json')));
  return found === undefined ? undefined : join(models, found);
}
