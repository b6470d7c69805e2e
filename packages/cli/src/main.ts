import { join, resolve } from 'node:path';
import { fail, readArguments, UsageError } from './command-line';
import { demoRollout } from './demo/rollout';
import { missingExample } from './examples';
import { routes } from './routes';
import { createScreen } from './screen';
import { start } from './start';
import { top } from './top/top';

const help = `usage: npm start [-- options]

Starts router, image, nlp and recommendation, proves that each task answers rightly, and stays until Ctrl-C.

  --once           stop after the proof; exit code 0 if every answer was right, else 1
  --models <dir>   folder with image/, nlp/ and recommendation/ (default: models)
  --free-ports     take any free ports instead of 8001 to 8032
  --verbose        show everything that the processes log, not only warnings
  --help           this text

npm run demo:rollout restarts three replicas under load, one after the other.
npm run routes shows the models, the upstreams and their loads once the system runs.
npm run top shows what all processes do, each second anew.
npm run token -- --help tells how to let a caller in (docs/security.md).
npm run tune -- --help tells how to measure a model and place it on this machine's cores.
`;

/** Signals that come this soon after the first are the same one. */
const sameSignalMs = 1000;

type Command = (args: readonly string[], isPlain: boolean) => number | Promise<number>;

const root = resolve(__dirname, '../../..');

/** What the first argument may name. Those that need an engine or a server's code load it themselves: the launcher has no use for it. */
const commands: ReadonlyMap<string | undefined, Command> = new Map<string, Command>([
  ['start', startAll],
  ['routes', routes],
  ['top', top],
  ['token', async (args) => (await import('./token.js')).token(args)],
  ['tune', async (args, isPlain) => (await import('./tune.js')).tune(root, args, isPlain)],
  [
    'demo:rollout',
    (args, isPlain) => {
      const plain = isPlain || !process.stdout.isTTY;
      return demoRollout({ root, args, env: process.env, plain, signal: stopSignal() });
    },
  ],
]);

async function main(): Promise<number> {
  const [first, ...args] = process.argv.slice(2);
  const isPlain = process.env.CI !== undefined || process.env.NO_COLOR !== undefined;
  const command = commands.get(first);
  // Options alone are those of start.
  return command === undefined ? startAll(process.argv.slice(2), isPlain) : command(args, isPlain);
}

function startAll(args: readonly string[], isPlain: boolean): number | Promise<number> {
  const read = readArguments({
    command: 'npm start',
    help,
    args,
    options: {
      once: { type: 'boolean', default: false },
      models: { type: 'string' },
      'free-ports': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (typeof read === 'number') return read;
  const { values } = read;
  const models = resolve(values.models ?? join(root, 'models'));
  const missing = missingExample(models);
  if (missing !== undefined) return fail(missing);

  return start({
    root,
    models,
    once: values.once,
    freePorts: values['free-ports'],
    verbose: values.verbose,
    env: process.env,
    screen: createScreen(process.stdout, isPlain),
    signal: stopSignal(),
  });
}

/** Aborts when the process is asked to stop. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  let firstSignalMs: number | undefined;
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.removeAllListeners(name);
    process.on(name, () => {
      firstSignalMs ??= performance.now();
      // Ctrl-C arrives twice where npm passes on what the terminal has sent already. A later one means it: the processes see their
      // IPC channel close and stop by themselves.
      if (performance.now() - firstSignalMs > sameSignalMs) process.exit(130);
      stop.abort();
    });
  }
  // Whoever read the output is gone (`| head`): there is nobody left to stay up for.
  process.stdout.on('error', () => stop.abort());
  return stop.signal;
}

void main().then(
  (code) => {
    process.exitCode = code;
    // An exit at once could cut off what a pipe still has to take.
    if (process.stdout.writableLength === 0) process.exit();
    else process.stdout.once('drain', () => process.exit());
  },
  (error: unknown) => {
    if (error instanceof UsageError) process.exit(fail(error.message));
    process.stderr.write(`tributary: ${(error as Error).stack ?? String(error)}\n`);
    process.exit(1);
  },
);
