// npm run drills: every fault of docs/reliability.md, against real processes under load.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { whyNoNamespaces } from '@tributary/cli';
import { tryDeath, type DeathResult } from '../deaths/death';
import { deaths } from '../deaths/deaths';
import { root } from '../support/paths';
import { runDrill, type DrillResult } from './drill';
import { drills } from './drills';

interface Named {
  readonly name: string;
}

const help = `usage: npm run drills [-- options]

Runs every fault of docs/reliability.md against real processes under load, and counts what the clients lose. About 15 minutes on an
idle machine. Network namespaces (root) are needed for those that are about names and links; what cannot run here says why.

  --only <text>   those whose name contains the text; may be given several times
  --calls <n>     least number of calls a drill (default: 20000)
  --record        keep the figures in docs/reliability/record.json (then: pnpm gen)
  --list          only their names
  --help          this text
`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true, default: [''] },
      calls: { type: 'string', default: '20000' },
      record: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(help);
    return 0;
  }
  const wanted = drills.filter(({ name }) => values.only.some((text) => name.includes(text)));
  const wantedDeaths = deaths.filter(({ name }) => values.only.some((text) => name.includes(text)));
  if (values.list) {
    for (const { name, cases, fault } of wanted)
      process.stdout.write(`${name} (cases ${cases.join(', ')}): ${fault}\n`);
    for (const { name, times, fault } of wantedDeaths) process.stdout.write(`${name} (${times} times): ${fault}\n`);
    return 0;
  }
  let held = 0;
  let broken = 0;
  for (const drill of wanted) {
    const why = (drill.needsNamespaces === true ? whyNoNamespaces() : undefined) ?? drill.missing?.();
    if (why !== undefined) {
      process.stdout.write(`skipped: ${drill.name}: ${why}\n`);
      continue;
    }
    process.stdout.write(`${drill.name}: ${drill.fault}\n`);
    try {
      const result = await runDrill(drill, Number(values.calls));
      process.stdout.write(`${describe(result)}\n`);
      if (result.faults.length > 0) broken += 1;
      else held += 1;
      if (values.record) keep(result);
    } catch (error) {
      broken += 1;
      process.stdout.write(`  BROKEN: ${(error as Error).message}\n`);
    }
  }
  for (const death of wantedDeaths) {
    process.stdout.write(`${death.name}: ${death.fault}, ${death.times} times\n`);
    const result = await tryDeath(death);
    process.stdout.write(`${describeDeath(result)}\n`);
    if (result.faults.length > 0) broken += 1;
    else held += 1;
    if (values.record) keepDeath(result);
  }
  process.stdout.write(`${held} of ${wanted.length + wantedDeaths.length} drills held\n`);
  return broken === 0 ? 0 : 1;
}

function keep(result: DrillResult): void {
  keepIn('record.json', result, drills);
}

function keepDeath(result: DeathResult): void {
  keepIn('deaths.json', result, deaths);
}

/** Puts a result into a record, in the place of the one of that name. */
function keepIn(fileName: string, result: Named, all: readonly Named[]): void {
  const file = join(root, 'docs/reliability', fileName);
  const kept = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Named[]) : [];
  const recorded = new Map<string, Named>(kept.map((one) => [one.name, one]));
  const dated = { ...result, date: new Date().toISOString().slice(0, 10) };
  recorded.set(result.name, dated);
  const ordered = all.flatMap(({ name }) => recorded.get(name) ?? []);
  writeFileSync(file, `${JSON.stringify(ordered, null, 2)}\n`);
}

function describeDeath({ guilty, answered, failed, wrong, medianMs, longestMs, faults }: DeathResult): string {
  return [
    `  ${answered} calls answered, failed ${JSON.stringify(failed)}, ${wrong} wrong; those that did it heard ${JSON.stringify(guilty)}`,
    `  without any answer for ${medianMs} ms (median), ${longestMs} ms (longest)`,
    ...faults.map((fault) => `  LOST: ${fault}`),
  ].join('\n');
}

function describe({
  tributary,
  python,
  perSecond,
  seconds,
  answered,
  counted,
  countedBy,
  notes,
  faults,
}: DrillResult): string {
  const failed = tributary.failed + (python?.failed ?? 0);
  return [
    `  ${answered} calls answered in ${seconds} s (${perSecond}/s), ${failed} failed` +
      (counted === undefined ? '' : `; the ${countedBy} count ${counted}`),
    `  p99 ${tributary.p99Ms} ms, longest pause ${tributary.longestGapMs} ms` +
      (python === undefined ? '' : `; Python: p99 ${python.p99Ms} ms, longest pause ${python.longestGapMs} ms`),
    ...notes.map((note) => `  ${note}`),
    ...faults.map((fault) => `  LOST: ${fault}`),
  ].join('\n');
}

for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(130));
void main().then((code) => process.exit(code));
