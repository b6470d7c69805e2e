import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { models, root } from './support/system';

const temporary = mkdtempSync(join(tmpdir(), 'tributary-starts-'));
const taken = createServer();
let takenPort = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  takenPort = (taken.address() as AddressInfo).port;
});
afterAll(() => {
  taken.close();
  rmSync(temporary, { recursive: true });
});

/** What a start left behind: exit code, what it said on stderr (ports and folders replaced), and processes still running. */
async function failedStart(
  script: string,
  args: readonly string[],
  more: { env?: Record<string, string>; node?: string } = {},
): Promise<{ code: number | null; says: string }> {
  const env = { ...process.env, CI: 'true', NO_COLOR: '1', STARTED_BY: temporary, ...more.env };
  const child = spawn(more.node ?? process.execPath, [join(root, script), ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: root,
  });
  let says = '';
  child.stdout.resume();
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => (says += chunk));
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  expect(leftRunning()).toEqual([]);
  const clean = says
    .replaceAll(temporary, '<temporary>')
    .replaceAll(root, '<root>')
    .replaceAll(String(takenPort), '<port>');
  return { code, says: clean.trim() };
}

/** Processes that inherited our mark. */
function leftRunning(): string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid) || Number(pid) === process.pid) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, 'utf8').includes(`STARTED_BY=${temporary}`);
    } catch {
      return false;
    }
  });
}

/** A repository with one model. */
function repository(name: string, files: Record<string, string>): string {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(join(temporary, name, path, '..'), { recursive: true });
    writeFileSync(join(temporary, name, path), content);
  }
  return join(temporary, name);
}

const ports = ['--grpc-port=0', '--metrics-port=0'];
const nlp = 'services/nlp/dist/main.js';
const router = 'services/router/dist/main.js';
const movies = join(models, 'recommendation');

describe('a start that cannot succeed says cause and cure in one line, fails, and leaves nothing running', () => {
  const cases: [string, () => Promise<{ code: number | null; says: string }>][] = [
    ['case 53: the gRPC port is in use', () => failedStart(router, [`--grpc-port=${takenPort}`, '--metrics-port=0'])],
    [
      'case 53: the metrics port is in use',
      () => failedStart(router, ['--grpc-port=0', `--metrics-port=${takenPort}`]),
    ],
    ['there is no model repository', () => failedStart(nlp, [...ports, `--repository=${join(temporary, 'nowhere')}`])],
    [
      '--strict and a file that is no model',
      () =>
        failedStart(nlp, [
          ...ports,
          '--strict',
          `--repository=${repository('broken', { 'bad/1/model.onnx': 'no model' })}`,
        ]),
    ],
    [
      '--strict and a model.json with three faults',
      () =>
        failedStart(nlp, [
          ...ports,
          '--strict',
          `--repository=${repository('faulty', { 'bad/1/model.onnx': '', 'bad/model.json': '{"batching": {"maxBatchSize": 0}, "labels": "../x", "nonsense": 1}' })}`,
        ]),
    ],
    [
      '--strict and a digest that does not fit',
      () =>
        failedStart(nlp, [
          ...ports,
          '--strict',
          `--repository=${repository('changed', { 'bad/1/model.onnx': 'x', 'bad/model.json': `{"files": {"1/model.onnx": "sha256:${'0'.repeat(64)}"}}` })}`,
        ]),
    ],
    [
      '--strict and a version without model.onnx',
      () =>
        failedStart(nlp, [...ports, '--strict', `--repository=${repository('hollow', { 'bad/1/readme.txt': 'x' })}`]),
    ],
    ['an unknown flag', () => failedStart(router, ['--grpc-prot=1'])],
    ['an unknown variable', () => failedStart(router, ports, { env: { TRIBUTARY_GRPC_PROT: '1' } })],
    [
      'case 53: bad values from every source, all at once',
      () =>
        failedStart(router, ['--grpc-port=70000', '--max-message-bytes=lots'], {
          env: { TRIBUTARY_MAX_DEADLINE: 'soon' },
        }),
    ],
    [
      'case 53: a configuration file with an unknown key',
      () =>
        failedStart(router, [
          ...ports,
          `--config=${join(repository('file', { 'config.json': '{"grpcProt": 1}' }), 'config.json')}`,
        ]),
    ],
    [
      'a configuration file that is not there',
      () => failedStart(router, [...ports, `--config=${join(temporary, 'none.json')}`]),
    ],
    ['an upstream that is no address', () => failedStart(router, [...ports, '--upstreams=http://somewhere/else'])],
    ['a CPU budget of nothing', () => failedStart(nlp, [...ports, '--cpu-budget=0', `--repository=${movies}`])],
    ['npm start with an unknown option', () => failedStart('packages/cli/dist/main.js', ['start', '--twice'])],
    [
      'npm start with a folder that holds no models',
      () => failedStart('packages/cli/dist/main.js', ['start', `--models=${temporary}`]),
    ],
    [
      'npm start without one of the models that it proves itself with',
      () => {
        for (const service of ['image', 'nlp']) symlinkSync(join(models, service), join(temporary, service));
        mkdirSync(join(temporary, 'recommendation'));
        return failedStart('packages/cli/dist/main.js', ['start', `--models=${temporary}`]);
      },
    ],
    ['npm run routes without a router', () => failedStart('packages/cli/dist/main.js', ['routes', '127.0.0.1:1'])],
    ['npm run routes with no address', () => failedStart('packages/cli/dist/main.js', ['routes', 'router'])],
    ['npm run routes with --watch into a pipe', () => failedStart('packages/cli/dist/main.js', ['routes', '--watch'])],
  ];

  it.each(cases)('%s', async (_name, start) => {
    const { code, says } = await start();
    expect(code).not.toBe(0);
    expect(code).not.toBeNull();
    expect(says).toMatchSnapshot();
  });

  const oldNode = process.env.OLD_NODE ?? '';
  (existsSync(oldNode) ? it : it.skip).each([
    ['npm start', 'packages/cli/bootstrap.mjs', ['start']],
    ['a service', router, ports],
  ])('a Node that is too old: %s', async (_name, script, args) => {
    const { code, says } = await failedStart(script, args, { node: oldNode });
    expect(code).toBe(1);
    expect(says.replace(/18\.[\d.]+\d/, '<old>')).toMatchSnapshot();
  });
});
