import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Screen } from '@tributary/cli';
import { measureCapacity } from './capacity';
import { startCluster } from './cluster';
import { drills } from './drills/drills';
import { describeMachine, type DrillRecord, renderRecord, type RunRecord } from './drills/record';
import { runDrill } from './drills/run-drill';
import { LoadPod } from './load/load';
import { MemoryWatch } from './memory-watch';
import { root } from './paths';
import { reachFromOutside } from './reach';
import { seeSecured } from './secured';
import { DeployedSystem } from './system';
import type { Binaries } from './tools/binaries';
import { run } from './tools/run';

export interface InsideOptions {
  readonly binaries: Binaries;
  readonly images: readonly string[];
  /** Python interpreter with grpcio. */
  readonly python: string;
  /** Names of the drills to run. */
  readonly drills: readonly string[];
  /** Whether the doors are closed at the end, to see who comes in. */
  readonly closesDoors: boolean;
  /** Whether what is seen becomes the record. */
  readonly isRecorded: boolean;
  readonly minCalls: number;
  readonly cpuWeight?: number;
}

/** Share of what the system can do at which drills run. */
const loadShare = 0.6;

/** The part of a run that happens in the node's network namespace. @throws Error where anything is not as promised */
export async function runInside(options: InsideOptions, screen: Screen, signal: AbortSignal): Promise<void> {
  const cluster = await startCluster(options, screen, signal);
  const system = new DeployedSystem(cluster, signal);
  screen.line('cluster is up');
  screen.progress('system', 0, 1, 'overlay local');
  await system.deploy('local');
  screen.line('overlay local is applied, every pod is Ready');
  const loadPod = await LoadPod.start(cluster, options.python, signal);
  const reached = await reachFromOutside(system);
  screen.line(`answers right through ${reached.join(', ')}`);
  const { capacity, cpuMsPerCall } = await measureCapacity(system, loadPod, signal);
  screen.line(`full at ${capacity.toFixed(0)} calls a second`);

  const memory = new MemoryWatch(system);
  const records: DrillRecord[] = [];
  // Two thirds by the TypeScript client, which is the faster one.
  const rates = { typescript: (capacity * loadShare * 2) / 3, python: (capacity * loadShare) / 3 };
  const seen = (): Seen => ({
    ...{ capacity, cpuMsPerCall, reached },
    ...{ minCalls: options.minCalls, memory: memory.largest, drills: records },
  });
  const commit = (await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root })).trim();
  const chosen = drills.filter(({ name }) => options.drills.includes(name));
  for (const [done, drill] of chosen.entries()) {
    screen.progress('drills', done, chosen.length, drill.name);
    const record = await runDrill(drill, { system, loadPod, rates, minCalls: options.minCalls, signal });
    records.push({ commit, ...record });
    const calls = record.typescript.sent + record.python.sent;
    const failed = record.typescript.failed + record.python.failed;
    const line = `${record.passed ? 'ok  ' : 'FAIL'}  ${drill.name}: ${calls} calls, ${failed} failed, ${record.server} at the routers; ${record.outcome}`;
    if (record.passed) screen.line(line);
    else
      screen.warn(`${line}\n${JSON.stringify([...record.typescript.failures, ...record.python.failures].slice(0, 5))}`);
    await system.settle();
    // After each, so that a run that is cut off leaves what it has seen.
    if (options.isRecorded) await keepRecord(seen());
  }
  await memory.close();
  if (options.closesDoors) {
    screen.progress('closed doors', 0, 1, 'component secure');
    const secured = await seeSecured(system);
    screen.line(`ok    closed doors: ${secured.join(', ')}`);
    if (options.isRecorded) await keepRecord({ ...seen(), secured });
  }
  await cluster.stop();
  const failed = records.filter(({ passed }) => !passed);
  screen.line(`${records.length - failed.length} passed, ${failed.length} failed`);
  if (failed.length > 0) throw new Error(`${failed.length} drills failed`);
}

type Seen = Omit<RunRecord, 'date' | 'machine'>;

/** Puts what was seen into the record; drills that this run did not do keep what they have. */
async function keepRecord(seen: Seen): Promise<void> {
  const file = join(root, 'test/cluster/record.json');
  const last = JSON.parse(await readFile(file, 'utf8')) as RunRecord;
  const kept = new Map(last.drills.map((each) => [each.drill, each]));
  for (const each of seen.drills) kept.set(each.drill, each);
  const record: RunRecord = {
    date: new Date().toISOString(),
    machine: describeMachine(),
    ...(last.secured && { secured: last.secured }),
    ...seen,
    drills: drills.flatMap(({ name }) => kept.get(name) ?? []),
  };
  await writeFile(file, `${JSON.stringify(record, undefined, 2)}\n`);
  await mkdir(join(root, 'docs/reliability'), { recursive: true });
  await writeFile(join(root, 'docs/reliability/cluster.md'), renderRecord(record));
}
