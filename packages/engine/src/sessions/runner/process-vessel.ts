import { spawn, type ChildProcess } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { FromRunner, ToRunner } from './messages';
import type { RunnerParts, Vessel, VesselEvents } from './vessel';

/** How much of what the runner wrote on stderr is kept for the log. */
const lastWordsBytes = 2000;

/**
 * A runner in a process of its own. It has to be made on the main thread: the kernel ends the runner with the thread that started it.
 */
export class ProcessVessel implements Vessel {
  readonly isolation = 'process';
  private readonly child: ChildProcess;
  private events: VesselEvents | undefined;
  private lastWords = '';
  private end: string | undefined;

  constructor({ memoryFile, hostBell, laneBells }: Omit<RunnerParts, 'address'>) {
    // In the order of `runnerFiles`.
    const files = [memoryFile, hostBell, ...laneBells];
    this.child = spawn(process.execPath, [join(__dirname, 'runner-program.js'), String(process.pid)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', ...files],
      env: runnerEnvironment(),
    });
    const { child } = this;
    child.on('message', (message) => this.events?.onMessage(message as FromRunner));
    child.stderr?.on('data', (chunk: Buffer) => {
      this.lastWords = (this.lastWords + chunk.toString()).slice(-lastWordsBytes);
    });
    // Not 'disconnect': only at its exit has every thread of it stopped writing.
    child.on('exit', (code, signal) => {
      // Its last words may lie in the pipe still.
      setImmediate(() => this.ends(signal ?? `exit code ${code ?? 0}`));
    });
    child.on('error', (error) => {
      // Also told of a message that met a dead process; that one exits.
      if (child.pid === undefined) this.ends(error.message);
    });
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  attach(events: VesselEvents): void {
    this.events = events;
    const { end } = this;
    if (end !== undefined) setImmediate(() => events.onExit(end, this.lastWords));
  }

  send(message: ToRunner): void {
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  kill(): boolean {
    this.child.kill('SIGKILL');
    return true;
  }

  stopRuns(): void {
    // The kernel ends it.
  }

  close(): void {
    // Nothing in there is worth an orderly end.
    this.kill();
  }

  private ends(reason: string): void {
    if (this.end !== undefined) return;
    this.end = reason;
    this.events?.onExit(reason, this.lastWords);
  }
}

/**
 * The environment without what is meant for this process: options of Node (a debugger's port, modules to require, the size of the heap)
 * and channels to a parent.
 */
function runnerEnvironment(): NodeJS.ProcessEnv {
  // eslint-disable-next-line no-restricted-properties -- handed on, not read
  const entries = Object.entries(process.env).filter(([name]) => !name.startsWith('NODE_'));
  return {
    ...Object.fromEntries(entries),
    // As many loads go on at the same time as this pool has threads.
    UV_THREADPOOL_SIZE: '8',
    // Else each of these threads keeps a heap of glibc's of its own, and what a released session leaves there is never used again.
    MALLOC_ARENA_MAX: String(Math.max(2, availableParallelism())),
  };
}
