import { existsSync, writeFileSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { FromSessionLane, ToSessionLane } from '../sessions/messages';

/**
 * A session lane that dies when it is asked to: ONNX Runtime gives no request that kills a thread and spares the process. It is the real
 * one, except that a run whose first input begins with the float -13 ends it at once, and -14 throws outside of the run;
 * and that nothing happens
 * for a while before a model named `heavy` is loaded, and that of all lanes only the first can load one named `once`.
 */
const main = parentPort!;
/** Session of the model that takes long, while it is not loaded. */
let heavy: number | undefined;

main.on('message', (message: ToSessionLane) => {
  if (message.kind === 'load' && message.path.includes('/once/')) loadOnce(message);
  if (message.kind === 'load') heavy ??= message.path.includes('/heavy/') ? message.session : undefined;
  if (message.kind !== 'run') return;
  const [input] = message.inputs;
  const first = input === undefined || input.bytes.length < 4 ? 0 : new Float32Array(input.bytes.buffer, 0, 1)[0];
  if (first === -13) process.exit(7);
  if (first === -14) throw new Error('outside of a request');
});

/** The real worker gets the same message after this one. */
function loadOnce(message: { path: string }): void {
  const mark = `${message.path}.loaded`;
  if (existsSync(mark)) message.path += '.gone';
  else writeFileSync(mark, '');
}

const tell = main.postMessage.bind(main);
main.postMessage = (message: FromSessionLane, moved: never): void => {
  tell(message, moved);
  if (message.kind !== 'loaded') return;
  if (message.session === heavy) heavy = undefined;
  if (heavy !== undefined) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 700);
};

// After the listener above, which so sees every message first.
// eslint-disable-next-line @typescript-eslint/no-require-imports
require('../sessions/session-worker');
