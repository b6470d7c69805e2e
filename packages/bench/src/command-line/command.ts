import { parsePlotsOptions, plotsHelp, type PlotsOptions } from '../plots/plots-options';
import { parseTargetOptions, targetHelp, type TargetOptions } from '../target/target-options';
import { parseScalingOptions, scalingHelp, type ScalingOptions } from '../scaling/scaling-options';
import { parseRunOptions, peersHelp, runHelp, type RunOptions } from './run-options';

/** What the bench was asked to do. */
export type Command =
  | { readonly kind: 'help'; readonly text: string }
  /** Ratios: our own ones, or those to other servers. */
  | { readonly kind: 'run'; readonly options: RunOptions }
  | { readonly kind: 'plots'; readonly options: PlotsOptions }
  /** What calls, connections and upstreams cost. */
  | { readonly kind: 'scaling'; readonly options: ScalingOptions }
  | { readonly kind: 'target'; readonly options: TargetOptions };

const overview = `pnpm bench [options]                              ratios of our services to what they stand on
pnpm bench peers [options]                        ratios of our services to MLServer, nvidia-pytriton and FastAPI
pnpm bench plots [options]                        sweeps of load and lanes as plots in docs/performance
pnpm bench scaling [options]                      what calls, connections and upstreams cost, for docs/scaling.md
pnpm bench --target HOST:PORT --model NAME        any server of the Open Inference Protocol

Each has its own --help. From npm: npm run bench -- peers`;

/** Reads the command line. Throws a CommandError with all that is wrong with it and the help of its command. */
export function parseCommand(args: readonly string[]): Command {
  // pnpm hands a leading `--` on.
  const [first, ...rest] = args[0] === '--' ? args.slice(1) : args;
  const words = first === undefined ? [] : [first, ...rest];
  switch (first) {
    case 'help':
      return { kind: 'help', text: `${overview}\n\n${runHelp}` };
    case 'peers':
      return read(rest, peersHelp, () => ({ kind: 'run', options: parseRunOptions(rest, 'peers') }));
    case 'plots':
      return read(rest, plotsHelp, () => ({ kind: 'plots', options: parsePlotsOptions(rest) }));
    case 'scaling':
      return read(rest, scalingHelp, () => ({ kind: 'scaling', options: parseScalingOptions(rest) }));
    case undefined:
    default:
      if (words.some((word) => word === '--target' || word.startsWith('--target=')))
        return read(words, targetHelp, () => ({ kind: 'target', options: parseTargetOptions(words) }));
      return read(words, `${overview}\n\n${runHelp}`, () => ({ kind: 'run', options: parseRunOptions(words) }));
  }
}

/** A command line that cannot be understood. */
export class CommandError extends Error {
  constructor(
    faults: string,
    readonly help: string,
  ) {
    super(faults);
  }
}

function read(args: readonly string[], help: string, parse: () => Command): Command {
  if (args.includes('--help')) return { kind: 'help', text: help };
  try {
    return parse();
  } catch (error) {
    throw new CommandError((error as Error).message, help);
  }
}
