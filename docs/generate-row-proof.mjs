// Writes the tables of docs/row-proof.md from docs/row-proof/record.json (made by models/build/row_coverage/judge.mjs).
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const docs = dirname(fileURLToPath(import.meta.url));
const page = join(docs, 'row-proof.md');
const { date, commit, operators, sets } = JSON.parse(readFileSync(join(docs, 'row-proof/record.json'), 'utf8'));
const refused = sets.flatMap(({ name, graphs }) =>
  graphs.filter(({ proved }) => !proved).map((graph) => ({ name, ...graph })),
);
const table = [
  `${date}, commit ${commit}, ${operators} operators with a rule:`,
  '',
  '| set | graphs | proved |',
  '| --- | --- | --- |',
  ...sets.map(({ name, graphs }) => `| ${name} | ${graphs.length} | ${graphs.filter(({ proved }) => proved).length} |`),
  '',
  'Not proved:',
  '',
  '| set | graph | reason |',
  '| --- | --- | --- |',
  ...refused.map(
    ({ name, graph, why }) => `| ${name} | ${graph} | ${why.replace('not batched: ', '').replaceAll('|', '\\|')} |`,
  ),
].join('\n');
const part = /(<!-- generated from row-proof\/record.json -->\n)[^]*?(<!-- end of the generated part -->)/;
writeFileSync(
  page,
  readFileSync(page, 'utf8').replace(part, (_, begin, end) => `${begin}\n${table}\n\n${end}`),
);
