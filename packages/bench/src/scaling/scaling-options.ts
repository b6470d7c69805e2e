import { Flags, renderFlags, type Flag } from '../command-line/flags';

/** What is to be measured of many upstreams and clients. */
export interface ScalingOptions {
  /** Upstreams of the largest fleet. */
  readonly upstreams: number;
  /** Connections and watches of clients. */
  readonly clients: number;
  /** Short windows: shows that everything works. */
  readonly quick: boolean;
  /** Write what was seen to docs/performance/scaling.json. */
  readonly record: boolean;
}

const flags: readonly Flag[] = [
  { name: '--upstreams', value: 'N', help: 'servers of the largest fleet (default 1000, with --quick 100)' },
  {
    name: '--clients',
    value: 'N',
    help: 'connections of clients, and watches up to 200 (default 2000, with --quick 50)',
  },
  { name: '--quick', help: 'small and short: checks that everything works, the figures are worth little' },
  { name: '--record', help: 'write the figures to docs/performance/scaling.json' },
  { name: '--help', help: 'this text' },
];

export const scalingHelp = `pnpm bench scaling [--upstreams N] [--clients N] [--quick] [--record]

Measures what docs/scaling.md calculates with: CPU a call of the router and of a service's door, by relay and by plain hop, small and
602 KB; memory and CPU at rest of each upstream, client connection and watch; what a router does with the largest fleet. All servers
are on this machine, many to a process. About four minutes; a part that fails does not keep the others from being measured.

${renderFlags(flags)}`;

/** Reads the command line. Throws an Error with all that is wrong with it. */
export function parseScalingOptions(args: readonly string[]): ScalingOptions {
  const read = new Flags(args, flags);
  const quick = read.has('--quick');
  const record = read.has('--record');
  const upstreams = read.number('--upstreams', { min: 2, max: 5_000, whole: true });
  const clients = read.number('--clients', { min: 1, max: 5_000, whole: true });
  if (record && quick) read.faults.push('--record: the figures of --quick are not worth recording');
  read.assertRight();
  return { quick, record, upstreams: upstreams ?? (quick ? 100 : 1_000), clients: clients ?? (quick ? 50 : 2_000) };
}
