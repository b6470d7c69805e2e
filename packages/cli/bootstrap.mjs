// Sets the workspace up (dependencies, build) and then does what was asked. Runs with Node alone: imports nothing that has to be
// installed, and is kept to syntax that old versions of Node can parse, so that they can be told apart from a broken install.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const usage = `usage: npm start [-- options]          set up, start router, image, nlp and recommendation, prove that they answer
       npm start -- --help              the options
       npm start -- --once              the same, then stop: exit code 0 if every answer was right
       npm test [-- jest options]       set up and run every test
       npm run test:cluster             bring up a Kubernetes cluster of one node, and drill the system in it (root, Linux; --help)
       npm run drills [-- options]      every fault against real processes under load (--help: the options)
       npm run demo:rollout             restart three replicas under load, and count the calls that fail
       npm run tune -- <model>          measure a model on this machine and write its plan.json
       npm run token -- <name> <roles>  make a bearer token for a caller, and the line that lets it in
       npm run routes [-- address]      show the models and upstreams of a running router (--help: the options)
       npm run top [-- address...]      show what all processes do, each second anew (--help: the options)
       npm run bench [-- options]       set up and measure (--help: the options)
       npm run eval -- <model>          print the evaluation of a model (Python 3.11)
`;

/** One line to stderr and the end. */
function fail(cause, cure) {
  process.stderr.write(`tributary: ${cause}; ${cure}\n`);
  process.exit(1);
}

/** The oldest Node that works, as numbers. */
function checkMachine() {
  const wanted = manifest.engines.node.replace('>=', '').split('.').map(Number);
  const have = process.versions.node.split('.').map(Number);
  if (have[0] < wanted[0] || (have[0] === wanted[0] && have[1] < wanted[1]))
    fail(
      `Node ${process.versions.node} is too old`,
      `install Node ${wanted.join('.')} or newer (20, 22 and 24 are tested)`,
    );
  if (process.platform !== 'linux') fail(`${process.platform} is not supported`, 'use Linux (x64 or arm64 with glibc)');
  const glibc = process.report.getReport().header.glibcVersionRuntime;
  if (!glibc)
    fail('this Linux has no glibc (Alpine?)', 'ONNX Runtime needs glibc: use a Debian, Ubuntu or Fedora image');
}

const terminal = process.stderr.isTTY && !process.env.CI;

/** A bar on a terminal; a line at the start and one at the end elsewhere. */
function progress(title) {
  const started = Date.now();
  let last = '';
  const write = (text) => process.stderr.write(text);
  if (!terminal) write(`${title} ...\n`);
  return {
    update(done, total, note = '') {
      if (!terminal) return;
      const share = total > 0 ? Math.min(1, done / total) : 0;
      const bar = '━'.repeat(Math.round(share * 24)).padEnd(24, '╌');
      const line = `${title.padEnd(24)} ${bar} ${String(Math.round(share * 100)).padStart(3)} %  ${note}`;
      if (line !== last) write(`\r\x1b[K${(last = line)}`);
    },
    end(note) {
      const seconds = ((Date.now() - started) / 1000).toFixed(1);
      write(terminal ? `\r\x1b[K${title.padEnd(24)} ${note} (${seconds} s)\n` : `${title}: ${note} (${seconds} s)\n`);
    },
  };
}

/** Every file under `folders` that decides about the build, with size and time: the stamp of what was built. */
function stampOf(files) {
  const hash = createHash('sha256').update(process.versions.node.split('.')[0]);
  for (const file of files) {
    const stat = statSync(file);
    hash.update(`${relative(root, file)} ${stat.size} ${Math.floor(stat.mtimeMs)}\n`);
  }
  return hash.digest('hex');
}

function filesUnder(folder, wanted) {
  const found = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name.startsWith('.')) continue;
    const path = join(folder, entry.name);
    if (entry.isDirectory()) found.push(...filesUnder(path, wanted));
    else if (wanted(path)) found.push(path);
  }
  return found.sort();
}

const workspaces = ['packages', 'services', 'test'].map((name) => join(root, name));
const manifests = () => [
  ...['package.json', 'pnpm-lock.yaml', 'pnpm-workspace.yaml', '.npmrc'].map((name) => join(root, name)),
  ...workspaces.flatMap((folder) => filesUnder(folder, (path) => path.endsWith('package.json'))),
];
const sources = () => [
  join(root, 'tsconfig.json'),
  join(root, 'tsconfig.base.json'),
  ...workspaces.flatMap((folder) =>
    filesUnder(folder, (path) => /(\/src\/.*\.(ts|js|json)|tsconfig\.json)$/.test(path)),
  ),
];

/** True where `stamp` was the outcome of the last run of this step. */
const stampFile = (step) => join(root, '.tributary', `${step}.stamp`);
const isDone = (step, stamp) => existsSync(stampFile(step)) && readFileSync(stampFile(step), 'utf8') === stamp;
function markDone(step, stamp) {
  mkdirSync(dirname(stampFile(step)), { recursive: true });
  writeFileSync(stampFile(step), stamp);
}

/** Runs a program; `onLine` sees its output; the last lines are shown where it fails. */
function run(command, args, onLine) {
  return new Promise((done, failed) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' },
    });
    const tail = [];
    let rest = '';
    const take = (chunk) => {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop();
      for (const line of lines) {
        if (onLine(line) !== false) tail.push(line);
        if (tail.length > 20) tail.shift();
      }
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.on('error', failed);
    child.on('close', (code) => {
      if (rest) take('\n');
      if (code === 0) done();
      else failed(new Error(tail.join('\n')));
    });
  });
}

async function install() {
  const stamp = stampOf(manifests());
  if (existsSync(join(root, 'node_modules/.modules.yaml')) && isDone('install', stamp)) return;
  const bar = progress('installing dependencies');
  let fetched = 0;
  let resolved = 0;
  const pnpm = ['exec', '--yes', `--package=${manifest.packageManager}`, '--', 'pnpm'];
  const onLine = (line) => {
    if (!line.startsWith('{')) return !line.startsWith('npm warn');
    const event = JSON.parse(line);
    if (event.name === 'pnpm:stats' && event.added) resolved = Math.max(resolved, event.added);
    if (event.name === 'pnpm:progress' && (event.status === 'fetched' || event.status === 'found_in_store'))
      fetched += 1;
    bar.update(fetched, Math.max(resolved, fetched, 480), `${fetched} packages`);
    return event.level === 'error';
  };
  await run('npm', [...pnpm, 'install', '--frozen-lockfile', '--reporter=ndjson'], onLine).catch((error) => {
    process.stderr.write(`\n${error.message}\n`);
    fail(
      'the dependencies could not be installed',
      'see above; check the network and the npm settings, then run the same command again',
    );
  });
  markDone('install', stamp);
  bar.end(`${fetched} packages`);
}

async function build() {
  const stamp = stampOf(sources());
  if (isDone('build', stamp)) return;
  const bar = progress('building');
  const total = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.length;
  let done = 0;
  const onLine = (line) => {
    const project = /Project '(.*)\/tsconfig\.json' is /.exec(line);
    if (project) bar.update((done += 1), total, project[1]);
    return line.includes('error TS');
  };
  await run(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-b', '--verbose', '--pretty', 'false'],
    onLine,
  ).catch((error) => {
    process.stderr.write(`\n${error.message}\n`);
    fail('the build failed', 'see above; in a fresh clone this should not happen');
  });
  markDone('build', stamp);
  bar.end(`${total} packages`);
}

async function main() {
  const [command, ...args] = process.argv.slice(2);
  checkMachine();
  const options = args[0] === '--' ? args.slice(1) : args;
  switch (command) {
    case 'setup':
    case 'start':
    case 'routes':
    case 'top':
    case 'token':
    case 'demo:rollout':
    case 'drills':
    case 'tune':
    case 'test':
    case 'bench':
    case 'test:cluster':
      await install();
      await build();
      break;
    case 'eval':
      break;
    default:
      process.stderr.write(usage);
      process.exit(command === '--help' || command === 'help' ? 0 : 2);
  }
  if (['start', 'routes', 'token', 'top', 'demo:rollout', 'tune'].includes(command)) {
    process.argv = [process.argv[0], 'tributary', command, ...options];
    await import(pathToFileURL(join(root, 'packages/cli/dist/main.js')).href);
  } else if (command === 'drills') {
    process.argv = [process.argv[0], 'drills', ...options];
    await import(pathToFileURL(join(root, 'test/dist/drills/main.js')).href);
  } else if (command === 'bench') {
    process.argv = [process.argv[0], 'bench', ...options];
    await import(pathToFileURL(join(root, 'packages/bench/dist/main.js')).href);
  } else if (command === 'test:cluster') {
    // It takes down what it has brought up before it goes.
    process.removeAllListeners('SIGINT').removeAllListeners('SIGTERM');
    process.argv = [process.argv[0], 'test:cluster', ...options];
    await import(pathToFileURL(join(root, 'test/cluster/dist/main.js')).href);
  } else if (command === 'test') {
    const jest = spawnSync(process.execPath, [join(root, 'node_modules/jest/bin/jest.js'), ...options], {
      cwd: root,
      stdio: 'inherit',
    });
    process.exit(jest.status === null ? 1 : jest.status);
  } else if (command === 'eval') {
    const [model, ...rest] = options;
    if (!model) fail('no model named', 'try: npm run eval -- bge-small-en');
    const python = spawnSync(join(root, 'models/build/run'), [model, 'eval', ...rest], { stdio: 'inherit' });
    process.exit(python.status === null ? 1 : python.status);
  }
}

process.on('SIGINT', () => process.exit(130)).on('SIGTERM', () => process.exit(143));
await main();
