import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { LoadGenerator } from '../load/load-generator';
import type { MeasuredServer } from '../servers/measured-server';
import type { Measurement, Window } from './contestant';
import { meanOf, ratioOf, type RatioResult } from './ratio';
import { served, type Load } from './served';

/** A server under a load of its own generator, and how all of it ends. */
export interface Beside {
  readonly generator: LoadGenerator;
  readonly server: MeasuredServer;
  readonly load: Load;
  readonly end: () => Promise<void>;
}

/** How servers are measured side by side. */
export interface SideBySidePlan {
  readonly rounds: number;
  /** For the code of a new process to become hot. */
  readonly warmUp: Window;
  readonly window: Window;
  /** Windows of a round, each with connections of its own: how calls fall together on them is drawn anew. */
  readonly windows: number;
}

/**
 * Measures two servers at the same time on one core, new processes every round: the kernel shares the core between them
 * within milliseconds, so that whatever the machine does is done to both. For ratios so near 1 that measurements in turn,
 * which differ by a tenth and more on a shared machine, say nothing of them. What is left is what compilers make of each
 * process, which differs by some hundredths; hence new ones. They are held to the core from their first step, so that each plans for one.
 * @throws Error where processes cannot be held to a core (Linux without `taskset`, or another system)
 */
export async function measureSideBySide(
  start: { readonly numerator: () => Promise<Beside>; readonly denominator: () => Promise<Beside> },
  plan: SideBySidePlan,
  onMeasured: (name: string, measurement: Measurement) => void,
): Promise<RatioResult> {
  const cores = ownCores();
  holdSelfTo(/^\d+/.exec(cores)![0]);
  try {
    return await measureHeld(start, plan, onMeasured);
  } finally {
    holdSelfTo(cores);
  }
}

/** As above, of processes that get one core from this one. */
async function measureHeld(
  start: { readonly numerator: () => Promise<Beside>; readonly denominator: () => Promise<Beside> },
  { rounds, warmUp, window, windows }: SideBySidePlan,
  onMeasured: (name: string, measurement: Measurement) => void,
): Promise<RatioResult> {
  const measured: Record<'numerator' | 'denominator', Measurement[]> = { numerator: [], denominator: [] };
  const names = { numerator: '', denominator: '' };
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? (['numerator', 'denominator'] as const) : (['denominator', 'numerator'] as const);
    const sides: (Beside & { readonly side: (typeof order)[number] })[] = [];
    // One after the other, so that neither is in the other's way while it starts.
    for (const side of order) sides.push({ ...(await start[side]()), side });
    const contestants = sides.map(({ generator, server, load }) => served(generator, server, load));
    await Promise.all(contestants.map((contestant) => contestant.measure(warmUp)));
    const all: (readonly Measurement[])[] = [];
    for (let index = 0; index < windows; index += 1) {
      all.push(await Promise.all(contestants.map((contestant) => contestant.measure(window))));
    }
    for (const [index, { side, server, end }] of sides.entries()) {
      names[side] = server.name;
      const measurement = meanOf(all.map((measurements) => measurements[index]!));
      measured[side].push(measurement);
      onMeasured(server.name, measurement);
      await end();
    }
  }
  const roundsOf = (side: 'numerator' | 'denominator') => ({ name: names[side], rounds: measured[side] });
  return ratioOf(roundsOf('numerator'), roundsOf('denominator'));
}

/** The cores that this process may run on, as `taskset` takes them, e.g. `0-1`; `0` where the system does not tell. */
function ownCores(): string {
  const status = process.platform === 'linux' ? readFileSync('/proc/self/status', 'utf8') : '';
  return /^Cpus_allowed_list:\s*(\S+)/m.exec(status)?.[1] ?? '0';
}

/** Holds all threads of this process, and whatever it starts from now on, to some cores. */
function holdSelfTo(cores: string): void {
  const { error, status } = spawnSync('taskset', ['--all-tasks', '--pid', '--cpu-list', cores, String(process.pid)]);
  if (error !== undefined || status !== 0)
    throw new Error('taskset (util-linux) is needed to hold processes to one core');
}
