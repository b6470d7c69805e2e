import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { until } from './until';

/** A program that runs in the background and writes to `<folder>/<name>.log`. */
export interface Daemon {
  readonly name: string;
  /** Resolves once it answers; rejects with the end of its log where it ended before. */
  answers(question: () => Promise<boolean>, signal: AbortSignal): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a daemon in the folder of its log. */
export function startDaemon(folder: string, name: string, program: string, args: readonly string[]): Daemon {
  const file = join(folder, `${name}.log`);
  const log = openSync(file, 'a');
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', log, log] });
  closeSync(log);
  const ended = new Promise<void>((resolve) => {
    child.on('error', () => resolve());
    child.on('close', () => resolve());
  });
  return {
    name,
    async answers(question, signal) {
      await until(
        `${name} answers`,
        async () => {
          if (hasEnded(child)) throw new Error(`${name} ended:\n${(await readFile(file, 'utf8')).slice(-3000)}`);
          return question();
        },
        { signal },
      );
    },
    async stop() {
      if (!hasEnded(child)) child.kill('SIGTERM');
      const hard = setTimeout(() => child.kill('SIGKILL'), 5_000);
      await ended;
      clearTimeout(hard);
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}
