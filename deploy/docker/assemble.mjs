// assemble.mjs SERVICE OUT: lays one image's files out, from a compiled workspace: OUT/modules (third parties) and OUT/code (ours), both
// with paths as in the image. Runs inside the build. What stays out: packages for development, sources, types, tests, other platforms.
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lutimesSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { basename, extname, join, relative } from 'node:path';
import { billOfMaterials } from './sbom.mjs';

const services = ['router', 'image', 'nlp', 'recommendation'];
const [service, out] = process.argv.slice(2);
if (service !== 'all' && !services.includes(service))
  throw new Error(`SERVICE is "${service}"; it can be ${services.join(', ')} or all`);
const app = process.cwd();
const modules = join(out, 'modules/app');
const code = join(out, 'code/app');

/** Runs pnpm on what the image starts and all of the workspace that it needs at run time. */
function pnpm(...args) {
  const roots = service === 'all' ? [...services, 'cli'] : [service];
  const filters = roots.map((name) => `--filter-prod=@tributary/${name}...`);
  const { status, stdout } = spawnSync('pnpm', [...filters, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (status !== 0) throw new Error(`pnpm ${args[0]} failed\n${stdout}`);
  return stdout;
}

const members = JSON.parse(pnpm('list', '--recursive', '--depth=-1', '--json')).map(({ path }) => relative(app, path));
for (const folder of ['.', ...members]) rmSync(join(app, folder, 'node_modules'), { recursive: true, force: true });
pnpm('install', '--prod', '--offline', '--frozen-lockfile');

// Third parties change with the lock file, ours with every commit: two layers.
for (const folder of ['.', ...members]) {
  const from = join(app, folder, 'node_modules');
  if (!existsSync(from)) continue;
  mkdirSync(join(modules, folder), { recursive: true });
  renameSync(from, join(modules, folder, 'node_modules'));
}
const needless = new Set([
  '.ts',
  '.mts',
  '.cts',
  '.map',
  '.md',
  '.markdown',
  '.cc',
  '.h',
  '.hh',
  '.S',
  '.asm',
  '.gyp',
  '.gypi',
  '.tsbuildinfo',
]);
const isLegal = (name) => /^(licen[cs]e|notice|copying|copyright)/i.test(name);
const isTest = (name) => /\.(test|spec)\.[cm]?js$/.test(name);
prune(modules, (path, name) => {
  if (isLegal(name)) return false;
  // pnpm's own records, and the links to commands.
  if (['.bin', '.modules.yaml', '.pnpm-workspace-state-v1.json', 'lock.yaml'].includes(name)) return true;
  // onnxruntime-node carries its libraries for every platform.
  const platform = /\/onnxruntime-node\/bin\/napi-v\d+\/(\w+)(?:\/(\w+))?$/.exec(path);
  if (platform !== null) return platform[1] !== process.platform || (platform[2] ?? process.arch) !== process.arch;
  // koffi carries what its library is built from, and a second library for musl.
  if (/\/node_modules\/koffi\/(doc|lib|vendor)$|\/koffi-linux-\w+\/musl_\w+$/.test(path)) return true;
  return (
    needless.has(extname(name)) ||
    isTest(name) ||
    /\/node_modules\/(@[^/]+\/)?[^/]+\/(tests?|bench(marks?)?|examples?)$/.test(path)
  );
});
for (const folder of members) {
  for (const part of ['dist', 'gen', 'package.json']) {
    const from = join(app, folder, part);
    if (existsSync(from)) cpSync(from, join(code, folder, part), { recursive: true });
  }
}
prune(code, (path, name) => needless.has(extname(name)) || isTest(name) || name === 'test' || name === 'testing');
for (const file of ['package.json', 'LICENSE', 'NOTICE']) cpSync(join(app, file), join(code, file));

const main = service === 'all' ? 'any-service.cjs' : `services/${service}/dist/main.js`;
symlinkSync(main, join(code, 'main.js'));
for (const file of ['healthcheck.mjs', ...(service === 'all' ? ['any-service.cjs'] : [])])
  cpSync(join(app, 'deploy/docker', file), join(code, file));
const debian = readFileSync(join(out, 'debian.tsv'), 'utf8');
const bill = billOfMaterials({ name: `tributary-${service}`, app, members, modules, debian });
writeFileSync(join(code, 'sbom.cdx.json'), `${JSON.stringify(bill, null, 2)}\n`);
// Times would make a new layer of equal files.
settle(out);

/** Removes what `isNeedless` says, and folders that are empty after it. */
function prune(folder, isNeedless) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isNeedless(path, basename(path))) rmSync(path, { recursive: true });
    else if (entry.isDirectory()) prune(path, isNeedless);
  }
  if (readdirSync(folder).length === 0) rmSync(folder, { recursive: true });
}

/** Gives all files and folders one time. */
function settle(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) settle(path);
    else lutimesSync(path, 0, 0);
  }
  lutimesSync(folder, 0, 0);
}
