import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RunnerHost } from '../sessions/runner/runner-host';
import type { Run } from '../sessions/session-host';
import { endless } from '../testing';

/** Exits in the middle of a run that does not end, on a thread of this process. The argument is a folder. */
async function main(): Promise<void> {
  const path = join(process.argv[2]!, 'model.onnx');
  writeFileSync(path, endless());
  const memory = {
    runMemoryBytes: Infinity,
    memoryLimitBytes: Infinity,
    sharedBytes: 2 ** 24,
    maxOutputBytes: 2 ** 20,
  };
  let begin!: () => void;
  const events = { onLanesChanged: () => begin(), onDeath: () => undefined, onSessionLost: () => undefined };
  const host = new RunnerHost({ isolation: 'thread', lanes: 1, ...memory, events });
  const lane = host.lanes[0]!;
  const canRun = new Promise<void>((resolve) => {
    begin = () => {
      if (lane.isFree && lane.holds(0)) resolve();
    };
  });
  const source = { session: 0, path, intraOpThreads: 1, prepacks: false, optionalInputs: [] };
  await host.load(source, new AbortController().signal);
  begin();
  await canRun;
  const inputs = [16, 1].map((byteLength) => host.memory.take(byteLength)!.fill(1));
  const run: Run = {
    session: 0,
    inputs: [
      { shape: [4], bytes: inputs[0]! },
      { shape: [], bytes: inputs[1]! },
    ],
    outputs: undefined,
    onEnd: () => process.exit(1),
  };
  lane.start(run);
  console.log(JSON.stringify({ exits: true }));
  process.exit(0);
}

void main();
