// Writes the table of docs/reliability.md from docs/reliability/record.json (made by `npm run drills -- --record`).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = dirname(fileURLToPath(import.meta.url));
const page = join(docs, 'reliability.md');
const record = JSON.parse(readFileSync(join(docs, 'reliability/record.json'), 'utf8'));
const head = [
  'fault',
  'cases',
  'calls answered',
  'counted by servers',
  'failed',
  'may fail',
  'calls/s',
  'p99 ms (ours, Python)',
  'notes',
];
const rows = record.map((drill) => [
  `${drill.name}: ${drill.fault}`,
  drill.cases.join(', '),
  drill.answered,
  drill.counted === undefined ? '-' : `${drill.counted} (${drill.countedBy})`,
  drill.tributary.failed + (drill.python?.failed ?? 0),
  drill.failuresExpected,
  drill.perSecond,
  `${drill.tributary.p99Ms}, ${drill.python?.p99Ms ?? '-'}`,
  [...drill.notes, ...drill.faults].join('; '),
]);
const line = (cells) => `| ${cells.join(' | ')} |`;
const table = [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
const part = /(<!-- generated from record.json -->\n)[^]*?(<!-- end of the generated part -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(part, (_, begin, end) => `${begin}\n${table}\n\n${end}`),
);
