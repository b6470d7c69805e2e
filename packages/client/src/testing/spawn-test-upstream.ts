import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { TestModel, TestUpstreamOptions } from './test-upstream';

/** What a test upstream in its own process is told. */
export type ToTestUpstream =
  | { readonly kind: 'serving'; readonly serving: boolean }
  | { readonly kind: 'models'; readonly models: readonly TestModel[] }
  | { readonly kind: 'drain' };

/** What it tells. */
export type FromTestUpstream =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'called'; readonly path: string; readonly model: string };

/** A test upstream in a process of its own. */
export interface SpawnedTestUpstream {
  readonly address: string;
  readonly port: number;
  /** False once its process has ended. */
  isUp(): boolean;
  /** Calls for models that have arrived. */
  calls(): number;
  /** Resolves once that many have arrived. */
  called(count: number): Promise<void>;
  setServing(serving: boolean): void;
  setModels(models: readonly TestModel[]): void;
  /** SIGKILL stops it for good; SIGSTOP and SIGCONT freeze and thaw it. */
  signal(name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void;
  /** Finishes what is under way and exits. */
  drain(): Promise<void>;
  /** SIGKILL, and resolves once it is gone. */
  kill(): Promise<void>;
}

/** Starts one; it ends with this process at the latest. */
export async function spawnTestUpstream(
  options: Omit<TestUpstreamOptions, 'onCall'> = {},
): Promise<SpawnedTestUpstream> {
  const child = fork(join(__dirname, 'test-upstream-process.js'), [JSON.stringify(options)]);
  const exited = once(child, 'exit');
  let port = 0;
  let calls = 0;
  const waiting = new Set<() => void>();
  const listening = new Promise<void>((resolve, reject) => {
    child.on('message', (message: FromTestUpstream) => {
      if (message.kind === 'listening') {
        port = message.port;
        resolve();
      } else {
        calls += 1;
        for (const check of waiting) check();
      }
    });
    void exited.then(() => {
      reject(new Error('the test upstream ended before it listened'));
    });
  });
  await listening;
  const tell = (message: ToTestUpstream): void => void child.send(message);
  return {
    address: `127.0.0.1:${port}`,
    port,
    isUp: () => child.exitCode === null && child.signalCode === null,
    calls: () => calls,
    called: (count) =>
      new Promise((resolve) => {
        const check = (): void => {
          if (calls < count) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    setServing: (serving) => {
      tell({ kind: 'serving', serving });
    },
    setModels: (models) => {
      tell({ kind: 'models', models });
    },
    signal: (name) => {
      child.kill(name);
    },
    drain: async () => {
      tell({ kind: 'drain' });
      await exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
