// Judges graphs by the row proof and writes docs/row-proof/record.json, from which docs/row-proof.md has its table.
//
//   node models/build/row_coverage/judge.mjs 'set name=folder' ...     after a build; the shipped models are always judged
//
// Each folder is searched for *.onnx. Nothing of the graphs is kept but their verdicts.
import { execFileSync } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../../..');
const engine = (file) => createRequire(import.meta.url)(join(root, 'packages/engine/dist/onnx', file));
const { describeVerdict, proveRows } = engine('row-proof/index.js');
const { operatorsWithRules } = engine('row-proof/rules/table.js');
const { readGraph } = engine('read-graph.js');

const given = process.argv.slice(2).map((argument) => argument.split('='));
const shipped = ['image', 'nlp', 'recommendation'].map((service) => join(root, 'models', service));
const sets = [['shipped models', ...shipped], ...given].map(([name, ...folders]) => {
  const graphs = folders.flatMap((folder) => graphsIn(folder).map((file) => judge(relative(folder, file), file)));
  return { name, graphs: graphs.sort((a, b) => (a.graph < b.graph ? -1 : 1)) };
});
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
writeFileSync(
  join(root, 'docs/row-proof/record.json'),
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), commit, operators: operatorsWithRules().length, sets }, null, 2)}\n`,
);
for (const { name, graphs } of sets) console.log(name, graphs.filter((graph) => graph.proved).length, 'of', graphs.length);

function graphsIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.name.endsWith('.onnx') && !entry.isDirectory())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name));
}

function judge(graph, file) {
  const verdict = proveRows(readGraph(file));
  const proved = verdict.kind === 'proved';
  return proved ? { graph, proved } : { graph, proved, why: describeVerdict(verdict) };
}
