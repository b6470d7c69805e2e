// Writes the tables of docs/reliability.md from docs/reliability/record.json and deaths.json (made by `npm run drills -- --record`).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = dirname(fileURLToPath(import.meta.url));
const page = join(docs, 'reliability.md');
const record = JSON.parse(readFileSync(join(docs, 'reliability/record.json'), 'utf8'));
const head = [
  'drill',
  'cases',
  'answered',
  'counted by servers',
  'failed',
  'may fail',
  'calls/s',
  'p99 ms (ours, Python)',
];
const rows = record.map((drill) => [
  drill.name,
  drill.cases.join(', '),
  drill.answered,
  drill.counted === undefined ? '-' : `${drill.counted} (${drill.countedBy})`,
  drill.tributary.failed + (drill.python?.failed ?? 0),
  drill.failuresExpected,
  drill.perSecond,
  `${drill.tributary.p99Ms}, ${drill.python?.p99Ms ?? '-'}`,
]);
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const details = record.map((drill) => {
  const seen = [...drill.notes, ...drill.faults].join('; ');
  return wrap(`- **${drill.name}**: ${drill.fault}.${seen === '' ? '' : ` Seen: ${seen}.`}`);
});
const generated = `${table}\n\nWhat each drill does:\n\n${details.join('\n')}`;

/** An item of a list in lines of at most 148 characters. */
function wrap(item) {
  const lines = [''];
  for (const word of item.split(' ')) {
    const last = lines.at(-1);
    if (last.length + 1 + word.length > 148) lines.push(`  ${word}`);
    else lines[lines.length - 1] = last === '' ? word : `${last} ${word}`;
  }
  return lines.join('\n');
}

const deaths = JSON.parse(readFileSync(join(docs, 'reliability/deaths.json'), 'utf8'));
const counts = (byReason) =>
  Object.entries(byReason)
    .map(([reason, times]) => `${times} ${reason}`)
    .join(', ') || '-';
const deathHead = [
  'death',
  'times',
  'calls that did it heard',
  'calls beside: answered',
  'failed',
  'wrong',
  'no answer for ms (median, longest)',
];
const deathRows = deaths.map((death) => [
  death.name,
  death.times,
  counts(death.guilty),
  death.answered,
  counts(death.failed),
  death.wrong,
  `${death.medianMs}, ${death.longestMs}`,
]);
const deathTable = [line(deathHead), line(deathHead.map(() => '---')), ...deathRows.map(line)].join('\n');
const deathDetails = deaths.map(({ name, fault }) => wrap(`- **${name}**: ${fault}.`));

const pages = [
  ['record.json', generated],
  ['deaths.json', `${deathTable}\n\n${deathDetails.join('\n')}`],
];
let text = readFileSync(page, 'utf8');
for (const [record, content] of pages) {
  const part = new RegExp(`(<!-- generated from ${record} -->\n)[^]*?(<!-- end of the generated part -->)`);
  text = text.replace(part, (_, begin, end) => `${begin}\n${content}\n\n${end}`);
}
writeFileSync(page, text);
