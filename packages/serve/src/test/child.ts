import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** A demo process, from its start to its end. */
export interface Child {
  readonly process: ChildProcess;
  readonly grpcPort: number;
  readonly metricsPort: number;
  /** Everything on stdout so far. */
  readonly stdout: () => string;
  /** Resolves when stdout holds a text. */
  readonly logged: (text: string) => Promise<void>;
  readonly ended: Promise<End>;
}

export interface End {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface RunOptions {
  /** What starts it in the place of this process, and its arguments. */
  readonly prefix?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** False: nobody reads stdout. */
  readonly readStdout?: boolean;
}

const script = join(__dirname, 'demo-process.js');

/** Runs the demo process to its end. */
export async function runToEnd(options: RunOptions): Promise<End> {
  return start(options).ended;
}

/** Runs the demo process until it serves. Rejects where it ends before. */
export async function runServing(options: RunOptions = {}): Promise<Child> {
  const { child, ended, stdout } = start(options);
  const serving = once(child, 'message') as Promise<[{ grpcPort: number; metricsPort: number }]>;
  const [ports] = await Promise.race([
    serving,
    ended.then((end): never => {
      throw new Error(`ended before it served: ${JSON.stringify(end)}`);
    }),
  ]);
  return {
    process: child,
    grpcPort: ports.grpcPort,
    metricsPort: ports.metricsPort,
    ended,
    stdout,
    async logged(text) {
      while (!stdout().includes(text)) await once(child.stdout!, 'data');
    },
  };
}

function start({ prefix = [], args = [], env = {}, readStdout = true }: RunOptions) {
  const [command, ...rest] = [...prefix, process.execPath, script, ...args];
  const child = spawn(command!, rest, {
    env,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  let stdout = '';
  let stderr = '';
  if (readStdout) child.stdout!.on('data', (chunk: Buffer) => (stdout += String(chunk)));
  child.stderr!.on('data', (chunk: Buffer) => (stderr += String(chunk)));
  // Not the child's 'close' event: it does not come after disconnect().
  const streamsClosed = readStdout ? [once(child.stdout!, 'close'), once(child.stderr!, 'close')] : [];
  const ended = once(child, 'exit').then(async ([code, signal]): Promise<End> => {
    await Promise.all(streamsClosed);
    child.stdout!.destroy();
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stdout, stderr };
  });
  return { child, ended, stdout: () => stdout };
}
