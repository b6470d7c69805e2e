// Builds the container images with docker or podman, whichever is here, and holds their sizes against the budget. `--help` says how.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const services = ['router', 'image', 'nlp', 'recommendation', 'all'];
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
/** Largest image without models, in bytes: what a node pulls before its first answer. */
const budgetBytes = 240e6;

const usage = `usage: npm run images -- [options] [service ...]     (${services.join(', ')}; default: each of them)

  --engine <name>  docker or podman (default: the first of them that is here)
  --base <image>   the base to build from, with glibc, Node and npm (default: that of the Dockerfile)
  --prefix <text>  begins every image's name, e.g. registry.example/team/ (default: none)
  --tag <tag>      tag beside latest (default: ${version})
  --source <url>   where the source is, for the label (default: git's origin, where that is a URL)
  --output <dir>   also write <dir>/tributary-<service>.tar (docker-archive: docker load, ctr images import)
                   and its list of parts, <dir>/tributary-<service>.cdx.json
  --help           this text
`;

function fail(text) {
  process.stderr.write(`images: ${text}\n`);
  process.exit(1);
}

let values, positionals;
try {
  const text = { type: 'string' };
  ({ values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      engine: text,
      base: text,
      prefix: { ...text, default: '' },
      tag: { ...text, default: version },
      source: text,
      output: text,
      help: { type: 'boolean', default: false },
    },
  }));
} catch (error) {
  fail(`${error.message.split('. ')[0]}; see npm run images -- --help`);
}
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const unknown = positionals.find((name) => !services.includes(name));
if (unknown !== undefined) fail(`there is no service "${unknown}"; there are ${services.join(', ')}`);
const wanted = positionals.length > 0 ? positionals : services;

const works = (name) => spawnSync(name, ['version'], { stdio: 'ignore' }).status === 0;
const engine = values.engine ?? ['docker', 'podman'].find(works);
if (engine === undefined) fail('neither docker nor podman works here; install one of them');
const ask = (command, ...args) => spawnSync(command, args, { cwd: root, encoding: 'utf8' }).stdout?.trim() ?? '';
/** Runs the engine for its effect; what it said is shown where it failed. */
function must(...args) {
  const { status, stdout, stderr } = spawnSync(engine, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) fail(`${engine} ${args[0]} failed\n${stderr}`);
  return stdout.trim();
}

const origin = ask('git', 'remote', 'get-url', 'origin');
const buildArgs = {
  VERSION: version,
  REVISION: ask('git', 'rev-parse', 'HEAD') || 'unknown',
  SOURCE: values.source ?? (/^\w+:\/\//.test(origin) ? origin : 'unknown'),
  ...(values.base === undefined ? {} : { BASE_IMAGE: values.base }),
};

const labels = { version, revision: buildArgs.REVISION, source: buildArgs.SOURCE };

const terminal = process.stderr.isTTY && !process.env.CI;
/** Builds one image; a line tells what step it is at. Resolves with its name. */
function build(service) {
  const name = `${values.prefix}tributary-${service}`;
  const args = ['build', '--file', 'deploy/docker/Dockerfile'];
  // OCI images have no health check.
  if (engine === 'podman') args.push('--format', 'docker', '--isolation', 'chroot', '--layers');
  for (const [key, value] of Object.entries({ ...buildArgs, SERVICE: service }))
    args.push('--build-arg', `${key}=${value}`);
  // Podman 4 takes a layer from its cache although the argument in its label is another.
  for (const [key, value] of Object.entries(labels)) args.push('--label', `org.opencontainers.image.${key}=${value}`);
  args.push('--tag', `${name}:${values.tag}`, '--tag', `${name}:latest`, '.');
  const started = Date.now();
  process.stderr.write(terminal ? '' : `building ${name} ...\n`);
  return new Promise((done) => {
    const child = spawn(engine, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
    const tail = [];
    const take = (chunk) => {
      for (const line of chunk.split('\n')) {
        if (line.trim() !== '' && tail.push(line) > 30) tail.shift();
        const step = /(?:STEP \d+\/\d+: |\[\w+ +\d+\/\d+\] )(.*)/.exec(line)?.[0];
        if (step !== undefined && terminal) process.stderr.write(`\r\x1b[K${name.padEnd(26)} ${step.slice(0, 50)}`);
      }
    };
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', take);
    child.on('error', (error) => fail(`${engine} cannot be started: ${error.message}`));
    child.on('close', (code) => {
      if (terminal) process.stderr.write('\r\x1b[K');
      if (code !== 0) fail(`${name} could not be built\n${tail.join('\n')}`);
      process.stderr.write(`built ${name} (${((Date.now() - started) / 1000).toFixed(0)} s)\n`);
      done(`${name}:${values.tag}`);
    });
  });
}

function write(name, service) {
  mkdirSync(values.output, { recursive: true });
  const path = join(resolve(values.output), `tributary-${service}`);
  rmSync(`${path}.tar`, { force: true });
  must('save', ...(engine === 'podman' ? ['--format', 'docker-archive'] : []), '--output', `${path}.tar`, name);
  const container = must('create', name);
  must('cp', `${container}:/app/sbom.cdx.json`, `${path}.cdx.json`);
  must('rm', container);
}

const megabytes = (bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
let fits = true;
const rows = [];
for (const service of wanted) {
  const name = await build(service);
  if (values.output !== undefined) write(name, service);
  const bytes = Number(must('image', 'inspect', '--format', '{{.Size}}', name));
  if (bytes > budgetBytes) fits = false;
  rows.push(
    `${name.padEnd(40)} ${megabytes(bytes).padStart(7)} of ${megabytes(budgetBytes)}${bytes > budgetBytes ? '  TOO LARGE' : ''}`,
  );
}
process.stdout.write(`${rows.join('\n')}\n`);
if (!fits) fail('an image is larger than its budget');
