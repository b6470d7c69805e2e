import { parentPort } from 'node:worker_threads';
import { minKeptBytes } from '@tributary/contract';
import type * as Ort from 'onnxruntime-node';
import { disableOrtTelemetry } from '../ort-environment';
import { Session, UnservableError } from './binding-session';
import { openThreadClock } from '../thread-clock';
import type { FromBindingLane, ToBindingLane } from './messages';

/** Entry of a thread that holds sessions by onnxruntime-node's own binding, and runs them one after another. */

disableOrtTelemetry();
// Where this array exists (Node 24), onnxruntime-common 1.30 makes FP16 tensors of it, which its native half takes for empty.
// Without it both use the bits as Uint16Array. Only this thread's global is touched.
Reflect.deleteProperty(globalThis, 'Float16Array');
// Required here and not imported above: the lines before must come first.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const ort = require('onnxruntime-node') as typeof Ort;

const main = parentPort!;
const sessions = new Map<number, Session>();
const threadClock = openThreadClock();
/** Reading the CPU clock of the thread costs some microseconds: not for sessions whose last run was shorter than this. */
const leastClockedUs = 300;
/** Sessions whose runs are worth it, and use this thread alone. */
const clocked = new Set<number>();
const singleThreaded = new Set<number>();

function tell(message: FromBindingLane, moved: readonly ArrayBuffer[] = []): void {
  main.postMessage(message, moved);
}

/** What is asked for besides runs: each begins when the one before has ended. */
let errands: Promise<void> = Promise.resolve();
let isClosing = false;

async function load({
  session: id,
  path,
  intraOpThreads,
  prepacks,
}: Extract<ToBindingLane, { kind: 'load' }>): Promise<void> {
  if (isClosing) return;
  const before = process.memoryUsage.rss();
  try {
    const session = await Session.load(ort, path, intraOpThreads, prepacks);
    sessions.set(id, session);
    if (intraOpThreads === 1) singleThreaded.add(id);
    const { inputs, outputs, dimensionNames } = session;
    const memoryBytes = Math.max(0, process.memoryUsage.rss() - before);
    tell({ kind: 'loaded', session: id, inputs, outputs, dimensionNames, memoryBytes });
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    const reason = error instanceof UnservableError ? 'MODEL_UNSUPPORTED' : 'MODEL_LOAD_FAILED';
    tell({ kind: 'refused', session: id, reason, problem });
  }
}

async function unload(id: number): Promise<void> {
  const session = sessions.get(id);
  sessions.delete(id);
  clocked.delete(id);
  singleThreaded.delete(id);
  await session?.release();
  tell({ kind: 'unloaded', session: id });
}

async function run({
  session: id,
  inputs,
  outputs,
  maxOutputBytes,
}: Extract<ToBindingLane, { kind: 'run' }>): Promise<void> {
  const cpuClock = clocked.has(id) ? threadClock : undefined;
  const cpuBefore = cpuClock?.();
  const startedAt = performance.now();
  const elapsedUs = (): number => (performance.now() - startedAt) * 1000;
  try {
    const results = await sessions.get(id)!.run(inputs, outputs);
    const inferenceUs = elapsedUs();
    const costUs = cpuBefore === undefined ? inferenceUs : cpuClock!() - cpuBefore;
    if (inferenceUs < leastClockedUs) clocked.delete(id);
    else if (singleThreaded.has(id)) clocked.add(id);
    const outputBytes = results.reduce((sum, { bytes }) => sum + bytes.length, 0);
    if (outputBytes > maxOutputBytes) {
      tell({ kind: 'tooLarge', outputBytes, inferenceUs });
      return;
    }
    const moved = new Set(results.map(({ bytes }) => bytes.buffer));
    const returned = inputs
      .map(({ bytes }) => bytes.buffer)
      .filter((buffer) => buffer.byteLength >= minKeptBytes && !moved.has(buffer));
    tell({ kind: 'ran', outputs: results, returned, inferenceUs, costUs }, [...moved, ...returned]);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', problem, inferenceUs: elapsedUs() });
  }
}

async function close(): Promise<void> {
  for (const session of sessions.values()) await session.release();
  sessions.clear();
  // Without a listener nothing keeps the thread: it ends by itself, which is the only safe way.
  main.close();
}

main.on('message', (message: ToBindingLane) => {
  switch (message.kind) {
    case 'load':
      errands = errands.then(() => load(message));
      return;
    case 'unload':
      errands = errands.then(() => unload(message.session));
      return;
    case 'run':
      void run(message);
      return;
    case 'close':
      isClosing = true;
      // A session that is being loaded must be released too.
      void errands.then(close);
      return;
  }
});
