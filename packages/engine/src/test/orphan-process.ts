import { writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { RunnerHost } from '../sessions/runner/runner-host';
import { mlp } from '../testing';

/** Opens a runner with a session in the folder that is the argument, prints the runner's pid, and ends without a word to it. */
async function main(): Promise<void> {
  const path = join(process.argv[2]!, 'model.onnx');
  writeFileSync(path, mlp(4, 2));
  const events = { onLanesChanged: () => undefined, onDeath: () => undefined, onSessionLost: () => undefined };
  const memory = {
    runMemoryBytes: Infinity,
    memoryLimitBytes: Infinity,
    sharedBytes: 2 ** 24,
    maxOutputBytes: 2 ** 20,
  };
  const host = new RunnerHost({ isolation: 'process', lanes: 1, ...memory, events });
  const source = { session: 0, path, intraOpThreads: 1, prepacks: false, optionalInputs: [] };
  await host.load(source, new AbortController().signal);
  writeSync(1, String(host.pid));
  process.kill(process.pid, 'SIGKILL');
}

void main();
