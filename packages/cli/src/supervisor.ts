import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { createDeferred } from './deferred';

/** One program that is kept running. */
export interface SupervisedProcess {
  readonly name: string;
  /** Process id of the current run; undefined while it is down. */
  pid(): number | undefined;
  /** Resolves when the process said that it serves; rejects where its first run ended before that. */
  readonly serving: Promise<ServingMessage>;
  /** Sends SIGTERM and waits; after `timeoutMs`, SIGKILL. Resolves with the exit code (null: killed by a signal). */
  stop(timeoutMs: number): Promise<number | null>;
}

/** What a process says over its IPC channel once it takes calls. */
export interface ServingMessage {
  readonly type: 'serving';
  readonly grpcPort: number;
  readonly metricsPort: number;
}

export interface SuperviseOptions {
  readonly name: string;
  /** Absolute path of the script that Node runs. */
  readonly script: string;
  /** What runs Node, e.g. `ip netns exec <name>`; default: nothing between. */
  readonly prefix?: readonly string[];
  /** Asked before every run. */
  readonly args: () => readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** Every line that the process wrote. */
  readonly onLine: (line: string) => void;
  /** It takes calls: for the first time, or again. */
  readonly onServing?: (message: ServingMessage) => void;
  /** It ended unasked and starts again after `delayMs`. */
  readonly onRestart: (how: string, delayMs: number) => void;
}

/** A first run that ended before it served: its last words are the message. */
export class StartFailure extends Error {}

const firstDelayMs = 250;
const longestDelayMs = 10_000;
/** A run of this length counts as healthy: the next failure is again met with the first delay. */
const healthyAfterMs = 30_000;

/**
 * Keeps a Node program running: started again with doubling delays when it ends unasked. It gets a process group of its own, so
 * that Ctrl-C reaches only the supervisor, and an IPC channel whose end tells it that the supervisor is gone.
 */
export function supervise(options: SuperviseOptions): SupervisedProcess {
  let child: ChildProcess | undefined;
  let stopping = false;
  let served = false;
  let delayMs = firstDelayMs;
  let timer: NodeJS.Timeout | undefined;
  const serving = createDeferred<ServingMessage>();
  const ended = createDeferred<number | null>();

  const start = (): void => {
    const startedAt = performance.now();
    const lastWords: string[] = [];
    const command = [...(options.prefix ?? []), process.execPath, options.script, ...options.args()];
    const run = spawn(command[0]!, command.slice(1), {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      env: options.env,
      detached: true,
    });
    child = run;
    for (const stream of [run.stdout, run.stderr]) {
      createInterface({ input: stream! }).on('line', (line) => {
        if (lastWords.push(line) > 20) lastWords.shift();
        options.onLine(line);
      });
    }
    run.on('message', (message: ServingMessage) => {
      served = true;
      serving.resolve(message);
      options.onServing?.(message);
    });
    run.on('error', (error) => lastWords.push(error.message));
    run.on('close', (code, signal) => {
      child = undefined;
      if (stopping) {
        ended.resolve(code);
        return;
      }
      if (!served) {
        stopping = true;
        ended.resolve(code);
        serving.reject(new StartFailure(lastWords.join('\n') || `ended with ${signal ?? `code ${code}`}`));
        return;
      }
      if (performance.now() - startedAt > healthyAfterMs) delayMs = firstDelayMs;
      options.onRestart(signal === null ? `exit code ${code}` : signal, delayMs);
      timer = setTimeout(start, delayMs);
      delayMs = Math.min(delayMs * 2, longestDelayMs);
    });
  };
  start();

  return {
    name: options.name,
    serving: serving.promise,
    pid: () => child?.pid,
    async stop(timeoutMs) {
      stopping = true;
      clearTimeout(timer);
      if (child === undefined) ended.resolve(0);
      else child.kill('SIGTERM');
      const hard = setTimeout(() => child?.kill('SIGKILL'), timeoutMs);
      const code = await ended.promise;
      clearTimeout(hard);
      return code;
    },
  };
}
