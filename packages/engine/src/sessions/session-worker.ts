import { parentPort } from 'node:worker_threads';
import { minKeptBytes } from '@tributary/contract';
import type * as Ort from 'onnxruntime-node';
import { loadSession, toRefusal } from './load-session';
import type { FromSessionLane, ToSessionLane } from './messages';
import { disableOrtTelemetry } from './ort-environment';
import type { Session } from './session';
import { openThreadClock } from './thread-clock';

/** Entry of a session lane's thread: holds sessions, runs one batch after another. */

disableOrtTelemetry();
// Where this array exists (Node 24), onnxruntime-common 1.30 makes FP16 tensors of it, which its native half takes for empty.
// Without it both use the bits as Uint16Array. Only this thread's global is touched.
Reflect.deleteProperty(globalThis, 'Float16Array');
// Required here and not imported above: the lines before must come first.
// eslint-disable-next-line @typescript-eslint/no-require-imports
const ort = require('onnxruntime-node') as typeof Ort;

const main = parentPort!;
/** Most bytes of all outputs of a run; told with every load. */
let maxOutputBytes = 0;
const sessions = new Map<number, Session>();
const threadClock = openThreadClock();

/** Reading the CPU clock of the thread costs some microseconds: not for sessions whose last run was shorter than this. */
const leastClockedUs = 300;
/** Sessions whose runs are worth it, and use this thread alone. */
const clocked = new Set<number>();
const singleThreaded = new Set<number>();

function tell(message: FromSessionLane, moved: readonly ArrayBuffer[] = []): void {
  main.postMessage(message, moved);
}

/** The loads asked for, one after another: each begins when the one before has ended. */
let loads: Promise<void> = Promise.resolve();
let isClosing = false;

async function load({
  session: id,
  path,
  verifiedFiles,
  intraOpThreads,
  prepacks,
  probeRows,
  maxOutputBytes: mostBytes,
}: Extract<ToSessionLane, { kind: 'load' }>): Promise<void> {
  if (isClosing) return;
  maxOutputBytes = mostBytes;
  try {
    const onWarming = (): void => tell({ kind: 'warming', session: id });
    const { session, facts } = await loadSession(ort, path, {
      verifiedFiles,
      intraOpThreads,
      prepacks,
      probeRows,
      maxOutputBytes,
      onWarming,
    });
    sessions.set(id, session);
    if (intraOpThreads === 1) singleThreaded.add(id);
    tell({ kind: 'loaded', session: id, ...facts });
  } catch (error) {
    tell({ kind: 'refused', session: id, ...toRefusal(error) });
  }
}

async function run({ session: id, inputs, outputs }: Extract<ToSessionLane, { kind: 'run' }>): Promise<void> {
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
      .filter((buffer) => mayReturn(buffer) && !moved.has(buffer));
    tell({ kind: 'ran', outputs: results, returned, inferenceUs, costUs }, [...moved, ...returned]);
  } catch (error) {
    const problem = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', problem, inferenceUs: elapsedUs() });
  }
}

/** Worth the way back. */
function mayReturn({ byteLength }: ArrayBuffer): boolean {
  return byteLength >= minKeptBytes;
}

async function close(): Promise<void> {
  for (const session of sessions.values()) await session.release();
  sessions.clear();
  // Without a listener nothing keeps the thread: it ends by itself, which is the only safe way.
  main.close();
}

main.on('message', (message: ToSessionLane) => {
  switch (message.kind) {
    case 'load': {
      loads = loads.then(() => load(message));
      return;
    }
    case 'run':
      return void run(message);
    case 'close': {
      isClosing = true;
      // A session that is being loaded must be released too.
      void loads.then(close);
      return;
    }
  }
});
