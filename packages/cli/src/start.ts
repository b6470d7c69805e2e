import { join } from 'node:path';
import { createClient, type Client } from '@tributary/client';
import { tributary } from '@tributary/contract';
import { loadExamples, runExample, type ExampleResult } from './examples';
import { presentAnswer } from './present';
import { renderLogLine } from './render-log-line';
import type { Screen } from './screen';
import { processNames, startSystem, SystemStartFailure, type System } from './system';
import { renderBytes, renderTable } from './table';

export interface StartOptions {
  readonly root: string;
  readonly models: string;
  /** Stop after the proof. */
  readonly once: boolean;
  readonly freePorts: boolean;
  /** Show every line that the processes log, not only warnings. */
  readonly verbose: boolean;
  readonly env: NodeJS.ProcessEnv;
  readonly screen: Screen;
  /** Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

/**
 * Starts the system, proves that it answers, shows what it serves, and stays until the signal (or, with `once`, stops at once).
 * Returns the exit code: 0 where every answer was right and every process drained.
 */
export async function start(options: StartOptions): Promise<number> {
  const { screen, signal } = options;
  const system = await startProcesses(options).catch((error: unknown) => {
    screen.clear();
    if (signal.aborted) return undefined;
    if (!(error instanceof SystemStartFailure)) throw error;
    screen.warn(explainFailure(error));
    return null;
  });
  if (system === null) return 1;
  if (system === undefined) return 0;

  let right = true;
  try {
    const router = createClient(system.address('router'));
    right = await prove(router, options);
    router.close();
    if (!signal.aborted) await showModels(system, screen);
    if (!options.once && !signal.aborted) {
      showFirstCalls(system, options);
      await untilAborted(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    screen.line(signal.aborted ? '\nstopping: answers under way are finished first' : 'stopping');
    if (!(await system.stop())) right = false;
    screen.line('stopped');
  }
  return right ? 0 : 1;
}

async function startProcesses({ screen, signal, ...options }: StartOptions): Promise<System> {
  const startedMs = performance.now();
  const loading = new Set<string>();
  const plans: string[] = [];
  const total = loadExamples(options.models, processNames.slice(0, 3)).length;
  // What is said before a process serves is shown once all do; where one cannot start, only the reason is.
  let held: string[] | undefined = [];
  const show = (line: string): void => {
    if (held === undefined) screen.line(line);
    else held.push(line);
  };
  screen.progress('starting', 0, total, 'router, image, nlp, recommendation');
  const system = await startSystem(
    {
      ...options,
      // glibc's cache of small pieces of memory holds 7 of a size, and calls come by dozens: docs/performance.md.
      env: { GLIBC_TUNABLES: 'glibc.malloc.tcache_count=2000', ...options.env, ORT_DISABLE_TELEMETRY: '1' },
      onLine: (process, line) => {
        const entry = renderLogLine(line);
        if (held !== undefined && entry.message.startsWith('loading ')) {
          loading.add(String(entry.fields.model));
          screen.progress('loading models', loading.size, total, String(entry.fields.model));
        }
        if (held !== undefined && 'plan' in entry.fields) plans.push(`  ${process.padEnd(14)} ${entry.message}`);
        const text = screen.dim(`${process.padEnd(14)} ${entry.text}`);
        if (options.verbose) screen.line(text);
        else if (entry.level >= 40) show(text);
      },
      onRestart: (process, how, delayMs) =>
        screen.warn(`${process} ended (${how}); starting it again in ${(delayMs / 1000).toFixed(2)} s`),
      onReturn: (process) => screen.line(`${process} is back`),
    },
    signal,
  );
  screen.clear();
  for (const line of held) screen.line(line);
  held = undefined;
  for (const plan of plans.sort()) screen.line(screen.dim(plan));
  screen.line(`${total} models behind 4 processes, ready in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`);
  return system;
}

/** What a process said last: its one clear line where there is one, else the gravest line of its log. */
function explainFailure({ process, message }: SystemStartFailure): string {
  const lines = message.split('\n').map((text) => ({ text, log: renderLogLine(text) }));
  const clear = lines.filter(({ text }) => !text.startsWith('{')).map(({ text }) => text);
  const gravest = lines.reduce((worst, line) => (line.log.level >= worst.log.level ? line : worst));
  return clear.length > 0 ? clear.join('\n') : `${process} could not start: ${gravest.log.text}`;
}

/** Longer than the router takes to see a service that is ready. */
const readyTimeoutMs = 15_000;

/** One call of every task through the router, its answer printed and compared. */
async function prove(router: Client, { screen, models, signal }: StartOptions): Promise<boolean> {
  const patience = AbortSignal.timeout(readyTimeoutMs);
  try {
    await router.waitUntilReady(AbortSignal.any([signal, patience]));
  } catch (error) {
    if (!patience.aborted) throw error;
    screen.warn(`no model became ready within ${readyTimeoutMs / 1000} s; the table and --verbose tell why`);
    return false;
  }
  const results: ExampleResult[] = [];
  for (const example of loadExamples(models, processNames.slice(0, 3))) {
    const result = await runExample(router, example, signal);
    results.push(result);
    screen.line(`\n${screen.bold(example.rpc.split('.').at(-1) ?? '')} ${screen.dim(`(${example.model})`)}`);
    for (const line of result.answer === undefined ? [] : presentAnswer(result)) screen.line(`  ${line}`);
    for (const fault of result.faults.slice(0, 3)) screen.warn(`  wrong: ${fault}`);
  }
  const wrong = results.filter(({ faults }) => faults.length > 0).length;
  screen.line(
    wrong === 0
      ? `\nevery answer equals the one that the source model gives (${results.length} of ${results.length})`
      : `\n${wrong} of ${results.length} answers are wrong`,
  );
  return wrong === 0;
}

async function showModels(system: System, screen: Screen): Promise<void> {
  const rows = [['model', 'task', 'version', 'service', 'load time', 'memory']];
  const faults: string[] = [];
  for (const name of processNames.filter((process) => process !== 'router')) {
    const client = createClient(system.address(name));
    const { service, models } = await client.call('tributary.model.v1.ModelService/ListModels', {});
    client.close();
    for (const model of models) {
      const ready = model.state === tributary.model.v1.ModelState.MODEL_STATE_READY;
      const measured = ready ? [`${model.loadMs} ms`, renderBytes(Number(model.memoryBytes))] : ['not ready', ''];
      rows.push([model.name, model.task || 'tensors only', model.version, service, ...measured]);
      if (!ready) faults.push(`${model.name}, version ${model.version}: ${model.reason}`);
    }
  }
  screen.line(`\n${renderTable(rows, [4, 5])}`);
  for (const fault of faults) screen.warn(fault);
}

function showFirstCalls(system: System, { screen, root }: StartOptions): void {
  const router = system.address('router').replace('127.0.0.1', 'localhost');
  const picture = join(root, 'models/image/efficientnet-lite0/sample.jpg');
  screen.line(
    [
      `\n${screen.bold('The router answers on')} ${router}${screen.bold('; try')}`,
      `  grpcurl -plaintext ${router} tributary.router.v1.RouterService/ListRoutes`,
      `  grpcurl -plaintext -d '{"texts": ["What a lovely day"]}' ${router} tributary.nlp.v1.NlpService/Classify`,
      `  grpcurl -plaintext -d '{"user_id": 146, "k": 3}' ${router} tributary.recommendation.v1.RecommendationService/Recommend`,
      `  echo '{"image": "'$(base64 -w0 ${picture})'"}' | grpcurl -plaintext -d @ ${router} tributary.image.v1.ImageService/Classify`,
      `  curl -s localhost:${system.ports('router').metricsPort}/metrics`,
      '\nCtrl-C stops everything.',
    ].join('\n'),
  );
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
