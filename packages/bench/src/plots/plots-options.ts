import { Flags, renderFlags, type Flag } from '../command-line/flags';

/** What plots are to be made of. */
export interface PlotsOptions {
  /** Short windows, one round: shows that everything works. */
  readonly quick: boolean;
  readonly rounds: number;
  /** Draw what was measured before. */
  readonly redraw: boolean;
  /** Where the sweep and the plots go; undefined for docs/performance. */
  readonly out: string | undefined;
}

const flags: readonly Flag[] = [
  {
    name: '--rounds',
    value: 'N',
    help: 'rounds of every sweep (default 3, with --quick 1); each point is the median of its rounds',
  },
  { name: '--redraw', help: 'measure nothing, draw sweep.json (and record.json) again' },
  { name: '--out', value: 'FOLDER', help: 'where to write (default docs/performance)' },
  { name: '--quick', help: 'short windows: checks that everything works, the plots are worth little; needs --out' },
  { name: '--help', help: 'this text' },
];

export const plotsHelp = `pnpm bench plots [--rounds N] [--redraw] [--out FOLDER] [--quick]

Sweeps the load on the perceptron and on the encoder (open loop, Poisson times, 10 to 110 % of the peak of the same round) and the
number of session lanes, writes what was seen to sweep.json and draws it: throughput, p50 and p99, batch sizes, memory by lanes,
and the ratios to other servers where they are recorded. About six minutes.

${renderFlags(flags)}`;

/** Reads the command line. Throws an Error with all that is wrong with it. */
export function parsePlotsOptions(args: readonly string[]): PlotsOptions {
  const read = new Flags(args, flags);
  const quick = read.has('--quick');
  const rounds = read.number('--rounds', { min: 1, max: 99, whole: true });
  const out = read.text('--out');
  // The plots of the documents are made of figures that are worth something.
  if (quick && out === undefined) read.faults.push('--quick: say by --out where its plots go');
  read.assertRight();
  return { quick, rounds: rounds ?? (quick ? 1 : 3), redraw: read.has('--redraw'), out };
}
