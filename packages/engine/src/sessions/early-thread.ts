import { once } from 'node:events';
import { join } from 'node:path';
import { SHARE_ENV, Worker } from 'node:worker_threads';

/** Program of a session lane's thread. */
export const sessionScript = join(__dirname, 'session-worker.js');

/** A thread that nobody has taken yet. */
let early: Worker | undefined;

/**
 * Starts the thread of the first session lane, which loads ONNX Runtime while the main thread loads the rest of the program. The
 * first lane takes it; a process that starts no engine must call endEarlyThread before it exits.
 */
export function startEarlyThread(): void {
  early ??= new Worker(sessionScript, { env: SHARE_ENV });
}

/** The thread, for the lane that begins to use it; undefined where there is none, or it has died. */
export function takeEarlyThread(script: string): Worker | undefined {
  if (script !== sessionScript) return undefined;
  const thread = early;
  early = undefined;
  // -1: it has ended.
  return thread?.threadId === -1 ? undefined : thread;
}

/** Lets a thread that nobody took end by itself, and waits for that: exit() inside of its native code would abort the process. */
export async function endEarlyThread(): Promise<void> {
  const thread = takeEarlyThread(sessionScript);
  if (thread === undefined) return;
  thread.postMessage({ kind: 'close' });
  await once(thread, 'exit');
}
