// Writes the table and list of drills in docs/reliability.md from docs/reliability/record.json (made by `npm run drills -- --record`).
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

const part = /(<!-- generated from record.json -->\n)[^]*?(<!-- end of the generated part -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(part, (_, begin, end) => `${begin}\n${generated}\n\n${end}`),
);
