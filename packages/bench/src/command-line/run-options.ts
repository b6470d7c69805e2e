import { keyNames, ownKeyNames, peerKeyNames, quickKeyNames, type KeyName } from '../keys/key';
import { Flags, renderFlags, type Flag } from './flags';

/** What a run of keys was asked for. */
export interface RunOptions {
  /** One JSON object on standard output in place of the table. */
  readonly json: boolean;
  /** Few short rounds: shows that everything works, says nothing of speed. */
  readonly quick: boolean;
  /** Keys to measure, in their usual order. */
  readonly keys: readonly KeyName[];
  readonly rounds: number;
  /** Write the figures into the record that later runs are compared with. */
  readonly record: boolean;
}

const flags: readonly Flag[] = [
  {
    name: '--only',
    value: 'KEY',
    help: 'measure this key; several times, with commas between, or with a star at its end: peers.*',
  },
  { name: '--rounds', value: 'N', help: 'rounds of every ratio (default 7, with --quick 2)' },
  { name: '--quick', help: 'short windows: checks answers and counts, the figures are worth little' },
  { name: '--json', help: 'one JSON object on standard output; progress stays on standard error' },
  { name: '--record', help: 'write the figures to docs/performance/record.json, which every run is compared with' },
  { name: '--help', help: 'this text' },
];

const exitCodes = `Exit code: 0, or 1 where a ratio was refused, a target missed or a key not measured. With --quick only wrong answers, counts
that differ and keys that could not be measured are failures.`;

export const runHelp = `pnpm bench [--quick] [--json] [--only KEY]... [--rounds N] [--record]

Measures what serving costs, as ratios of two figures taken in turn in the same run.

${renderFlags(flags)}

Keys: ${ownKeyNames.join(', ')}
Only where asked for: ${peerKeyNames.join(', ')}
With --quick and no key named: ${quickKeyNames.join(', ')}

${exitCodes}`;

export const peersHelp = `pnpm bench peers [--quick] [--json] [--only KEY]... [--rounds N] [--record]

Measures our services against MLServer, nvidia-pytriton and FastAPI: same model files, load and check of every answer, in turn in
the same run. Installs them first, each into a virtual environment of pinned versions below ~/.cache/tributary-bench (or
XDG_CACHE_HOME), once. Needs Python 3.11 with venv, nvidia-pytriton the system's own. What cannot be installed or started
fails its keys with one line; the others go on.

${renderFlags(flags)}

Keys: ${peerKeyNames.join(', ')}

${exitCodes}`;

/** Reads the command line of a run; `peers` measures the keys of other servers by default. Throws an Error with all that is wrong. */
export function parseRunOptions(args: readonly string[], kind: 'run' | 'peers' = 'run'): RunOptions {
  const read = new Flags(args, flags);
  const named = read.all('--only').flatMap((value) => value.split(','));
  const quick = read.has('--quick');
  const defaults: readonly KeyName[] = kind === 'peers' ? peerKeyNames : quick ? quickKeyNames : ownKeyNames;
  for (const name of named) {
    if (!keyNames.some((key) => matches(key, name)))
      read.faults.push(`--only: there is no key "${name}"; the keys are ${keyNames.join(', ')}`);
  }
  const rounds = read.number('--rounds', { min: 1, max: 999, whole: true });
  const record = read.has('--record');
  if (record && quick) read.faults.push('--record: the figures of --quick are not worth recording');
  read.assertRight();
  return {
    json: read.has('--json'),
    quick,
    keys: keyNames.filter((key) =>
      named.length > 0 ? named.some((name) => matches(key, name)) : defaults.includes(key),
    ),
    rounds: rounds ?? (quick ? 2 : 7),
    record,
  };
}

/** A name, or the beginning of one with a star behind it. */
function matches(key: string, pattern: string): boolean {
  return pattern.endsWith('*') ? key.startsWith(pattern.slice(0, -1)) : key === pattern;
}
