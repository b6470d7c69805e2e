// Writes the table of docs/scaling.md from docs/performance/scaling.json (made by `npm run bench -- scaling --record`).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = dirname(fileURLToPath(import.meta.url));
const page = join(docs, 'scaling.md');
const { machine, node, commit, date, figures } = JSON.parse(
  readFileSync(join(docs, 'performance/scaling.json'), 'utf8'),
);
const rows = figures.map(({ name, value, unit }) => `| ${name} | ${value} ${unit} |`);
const table = [
  `${machine.cpu}, ${machine.cores} cores, Node ${node}, ${date.slice(0, 10)}, commit ${commit}:`,
  '',
  '| what | measured |',
  '| --- | --- |',
  ...rows,
].join('\n');
const part = /(<!-- generated from performance\/scaling.json -->\n)[^]*?(<!-- end of the generated part -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(part, (_, begin, end) => `${begin}\n${table}\n\n${end}`),
);
