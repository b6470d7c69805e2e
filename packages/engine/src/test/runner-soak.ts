import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { RunnerHost } from '../sessions/runner/runner-host';
import type { Run, RunEnd } from '../sessions/session-host';
import { divide, endless, expand, fp32, int64, mlp, tensor } from '../testing';

/*
 * Run by hand: `node packages/engine/dist/test/runner-soak.js MINUTES`. Good runs beside crashes, kills, stops, runs that ask for too much
 * memory, and reloads, all drawn from one seed; a line every ten seconds. Fails where an answer is wrong or a run ends other than once.
 */

const minutes = Number(process.argv[2] ?? 1);
const tenSecondsMs = 10_000;
const memory = {
  runMemoryBytes: 256 * 2 ** 20,
  memoryLimitBytes: Infinity,
  sharedBytes: 2 ** 28,
  maxOutputBytes: 2 ** 26,
};
const counts = {
  ran: 0,
  wrong: 0,
  lost: 0,
  notBegun: 0,
  stopped: 0,
  outOfMemory: 0,
  other: 0,
  twice: 0,
  deaths: 0,
  reloads: 0,
};

let random = 14;
function draw(below: number): number {
  random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
  return Math.floor((random / 2 ** 32) * below);
}

const watchers = new Set<() => void>();
const host = new RunnerHost({
  isolation: 'process',
  lanes: 2,
  ...memory,
  events: {
    onLanesChanged: () => [...watchers].forEach((look) => look()),
    onDeath: () => counts.deaths++,
    onSessionLost: (session, problem) => console.log(JSON.stringify({ lostSession: session, problem })),
  },
});

const folder = mkdtempSync(join(tmpdir(), 'tributary-soak-'));
let sessions = 0;
async function load(model: Uint8Array): Promise<number> {
  const session = sessions++;
  const path = join(folder, `${session}.onnx`);
  writeFileSync(path, model);
  await host.load(
    { session, path, intraOpThreads: 1, prepacks: false, optionalInputs: [] },
    new AbortController().signal,
  );
  return session;
}

function run(
  session: number,
  inputs: readonly { shape: readonly number[]; bytes: Uint8Array }[],
  onStart?: (stop: () => void) => void,
): Promise<RunEnd> {
  return new Promise((resolve) => {
    let ends = 0;
    const look = (): void => {
      const lane = host.lanes.find((candidate) => candidate.isFree && candidate.holds(session));
      if (lane === undefined) return;
      watchers.delete(look);
      const packed = inputs.map(({ shape, bytes }) => {
        const place = host.memory.take(bytes.length)!;
        place.set(bytes);
        return { shape, bytes: place };
      });
      const what: Run = {
        session,
        inputs: packed,
        outputs: undefined,
        onEnd: (end) => {
          if (++ends > 1) counts.twice++;
          resolve(end);
          [...watchers].forEach((other) => other());
        },
      };
      lane.start(what);
      onStart?.(() => lane.stop(what));
    };
    watchers.add(look);
    look();
  });
}

function count(end: RunEnd, isRight: (outputs: Extract<RunEnd, { kind: 'ran' }>['outputs']) => boolean): void {
  if (end.kind === 'ran') {
    counts.ran++;
    if (!isRight(end.outputs)) counts.wrong++;
  } else if (end.kind === 'lost') counts[end.hasStarted ? 'lost' : 'notBegun']++;
  else if (end.kind === 'stopped') counts.stopped++;
  else if (end.kind === 'outOfMemory') counts.outOfMemory++;
  else counts.other++;
}

async function main(): Promise<void> {
  const untilMs = performance.now() + minutes * 60_000;
  const isOver = (): boolean => performance.now() > untilMs;
  const network = await load(mlp(16, 64, 4));
  const [division, expansion, loop] = [await load(divide()), await load(expand()), await load(endless())];
  const row = fp32(
    [1, 16],
    Array.from({ length: 16 }, (_, index) => index / 16),
  );
  const right = await run(network, [row]);
  if (right.kind !== 'ran') throw new Error('the first run did not end well');
  const good = async (): Promise<void> => {
    while (!isOver())
      count(await run(network, [row]), ([output]) => Buffer.compare(output!.bytes, right.outputs[0]!.bytes) === 0);
  };
  const bad = async (): Promise<void> => {
    for (let round = 0; !isOver(); round++) {
      if (round % 200 === 199) count(await run(division, [int64([1], [-(2n ** 63n)]), int64([1], [-1])]), () => false);
      else if (round % 500 === 250 && host.pid !== undefined) process.kill(host.pid, 'SIGKILL');
      else if (draw(3) === 0) count(await run(expansion, [fp32([1], [1]), int64([1], [2 ** 29])]), () => false);
      else {
        const size = draw(300_000);
        const expanding = run(expansion, [fp32([1], [3]), int64([1], [size])]);
        count(await expanding, ([output]) => output!.bytes.length === 4 * size);
      }
    }
  };
  const endlessly = async (): Promise<void> => {
    while (!isOver()) {
      const inputs = [fp32([4], [1, 2, 3, 4]), tensor('BOOL', [], Uint8Array.of(1))];
      count(await run(loop, inputs, (stop) => setTimeout(stop, draw(20))), () => false);
    }
  };
  const reloading = async (): Promise<void> => {
    while (!isOver()) {
      // The runner may be killed in the middle of it.
      const session = await load(mlp(64, 512, 4)).catch(() => undefined);
      if (session === undefined) continue;
      await run(session, [fp32([1, 64], new Array<number>(64).fill(1))]);
      await host.unload(session);
      rmSync(join(folder, `${session}.onnx`));
      counts.reloads++;
    }
  };
  const report = setInterval(
    () => console.log(JSON.stringify({ ...counts, ...memoryOf('self'), runner: memoryOf(String(host.pid)) })),
    tenSecondsMs,
  );
  await Promise.all([good(), good(), bad(), endlessly(), reloading()]);
  clearInterval(report);
  console.log(
    JSON.stringify({
      ...counts,
      files: readFilesOf('self'),
      mostBytesAreFree: host.memory.take(host.memory.mostBytes) !== undefined,
    }),
  );
  await host.close();
  rmSync(folder, { recursive: true });
  if (counts.wrong + counts.twice + counts.other > 0) process.exitCode = 1;
}

function memoryOf(process_: string): { anonMb: number } {
  try {
    const status = readFileSync(`/proc/${process_}/status`, 'utf8');
    return { anonMb: Math.round(Number(/^RssAnon:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024) };
  } catch {
    return { anonMb: 0 };
  }
}

function readFilesOf(process_: string): number {
  return Number(/^FDSize:\s+(\d+)/m.exec(readFileSync(`/proc/${process_}/status`, 'utf8'))?.[1]);
}

void main();
