import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadExamples, runExample, type ProcessName } from '@tributary/cli';
import { createClient } from '@tributary/client';
import { compose, contained, Containers, engine, outcomeOf, restricted, type Container } from './support/containers';
import { freePorts } from './support/free-ports';
import { models, root, services } from './support/system';

const names = ['router', 'image', 'nlp', 'recommendation', 'all'] as const;
const node = '/usr/local/bin/node';
const revision = spawnSync('git', ['rev-parse', 'HEAD'], { cwd: root, encoding: 'utf8' }).stdout.trim();
const built = names.every((name) => revisionOf(`tributary-${name}`) === revision);
const required = process.env.CONTAINER_IMAGES === 'required';
const unwanted = process.env.CONTAINER_IMAGES === 'skip';
const skipped = unwanted || (!built && !required);
if (skipped && !unwanted)
  process.stderr.write('skipped: no container images of this commit; npm run images builds them (docker or podman)\n');

/** The commit that an image says it is made of; undefined: there is no such image. */
function revisionOf(image: string): string | undefined {
  if (engine === undefined) return undefined;
  const format = '{{index .Config.Labels "org.opencontainers.image.revision"}}';
  const { status, stdout } = spawnSync(engine, ['image', 'inspect', '--format', format, image], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : undefined;
}

interface ImageFacts {
  readonly Size: number;
  readonly Config: {
    readonly User: string;
    readonly Entrypoint: readonly string[];
    readonly Cmd?: readonly string[] | null;
    readonly Env: readonly string[];
    readonly Labels: Readonly<Record<string, string>>;
  };
}

interface Bill {
  readonly bomFormat: string;
  readonly specVersion: string;
  readonly components: readonly { readonly name: string; readonly version: string; readonly purl?: string }[];
}

(skipped ? describe.skip : describe)('container images', () => {
  const containers = new Containers();
  afterAll(() => containers.removeAll());

  it('are of this commit', () => {
    expect(names.map((name) => revisionOf(`tributary-${name}`))).toEqual(names.map(() => revision));
  });

  describe.each(names)('case 62: tributary-%s', (name) => {
    const image = `tributary-${name}`;
    let facts: ImageFacts;
    let files: readonly string[];
    let bill: Bill;

    beforeAll(async () => {
      facts = (JSON.parse(await contained('image', 'inspect', image)) as ImageFacts[])[0]!;
      const folder = await mkdtemp(join(tmpdir(), 'tributary-image-'));
      const id = await contained('create', image);
      try {
        await contained('export', '--output', join(folder, 'root.tar'), id);
      } finally {
        await contained('rm', id);
      }
      const read = (...args: string[]): string =>
        spawnSync('tar', ['--extract', '--to-stdout', '--file', join(folder, 'root.tar'), ...args], {
          encoding: 'utf8',
        }).stdout;
      files = spawnSync('tar', ['--list', '--file', join(folder, 'root.tar')], {
        encoding: 'utf8',
        maxBuffer: 64 * 1024 * 1024,
      }).stdout.split('\n');
      bill = JSON.parse(read('app/sbom.cdx.json')) as Bill;
      await rm(folder, { recursive: true });
    });

    it('takes at most 240 MB', () => {
      expect(facts.Size).toBeGreaterThan(100e6);
      expect(facts.Size).toBeLessThanOrEqual(240e6);
    });

    it('runs node itself, without a shell, as a user by number, with telemetry off', () => {
      const { User, Entrypoint, Cmd, Env } = facts.Config;
      expect(User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
      expect({ Entrypoint, Cmd: Cmd ?? [] }).toEqual({ Entrypoint: [node, '/app/main.js'], Cmd: [] });
      expect(Env).toEqual(
        expect.arrayContaining([
          'ORT_DISABLE_TELEMETRY=1',
          'TRIBUTARY_HOST=0.0.0.0',
          'GLIBC_TUNABLES=glibc.malloc.tcache_count=2000',
        ]),
      );
    });

    it('says what it is and where it comes from', () => {
      const labels = ['title', 'source', 'version', 'revision', 'licenses'].map(
        (label) => facts.Config.Labels[`org.opencontainers.image.${label}`],
      );
      expect(labels).toEqual([image, expect.stringMatching(/./), '0.1.0', revision, 'Apache-2.0']);
    });

    it('holds no program but node: no shell, package manager or compiler', () => {
      const programs = files.filter((file) => /^(usr\/)?(local\/)?s?bin\/./.test(file));
      expect(programs).toEqual(['usr/local/bin/node']);
      expect(files.filter((file) => /\/(npm|pnpm|yarn|corepack|typescript|jest|eslint)\//.test(file))).toEqual([]);
    });

    it('holds nothing of other platforms, no sources, types or tests', () => {
      const other = process.arch === 'x64' ? 'arm64' : 'x64';
      const foreign = new RegExp(`\\.(dll|dylib)$|/(win32|darwin)/.|/${other}/.*\\.(node|so[.\\d]*)$|linuxmusl`);
      expect(files.filter((file) => foreign.test(file))).toEqual([]);
      expect(
        files.filter((file) => /\.([cm]?ts|map|cc)$|\.test\.js$|^app\/(packages|services)\/\w+\/src\//.test(file)),
      ).toEqual([]);
    });

    it('lists every package that is inside, with one onnxruntime-node (none in the router) and one protobufjs', () => {
      expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
      const versions = (wanted: string): number => bill.components.filter((one) => one.name === wanted).length;
      expect({
        onnxruntime: versions('onnxruntime-node'),
        protobufjs: versions('protobufjs'),
        node: versions('node'),
      }).toEqual({
        onnxruntime: name === 'router' ? 0 : 1,
        protobufjs: 1,
        node: 1,
      });
      // pnpm's store names its folders name@version, with + for / and, after _, what else was resolved with it.
      const stored = new Set(
        files.map((file) => /^app\/node_modules\/\.pnpm\/(@?[^/@]+@[^/_]+)[^/]*\/node_modules\//.exec(file)?.[1]),
      );
      stored.delete(undefined);
      const listed = bill.components.filter(({ purl }) => purl?.startsWith('pkg:npm/'));
      expect(listed.map((one) => `${one.name.replace('/', '+')}@${one.version}`).sort()).toEqual([...stored].sort());
    });
  });

  describe('a container with no rights, a read-only root and limits', () => {
    let nlp: Container;
    const options = [...restricted, '--publish=127.0.0.1::8021', `--volume=${join(models, 'nlp')}:/app/models/nlp:ro`];

    beforeAll(async () => {
      nlp = await containers.start('tributary-nlp', options);
    });

    it('answers calls over gRPC, with a volume of models', async () => {
      expect(await faultsAt(await nlp.address(8021), 'nlp')).toEqual([]);
    });

    it('is healthy by its own health check, and so is no other port', async () => {
      expect((await nlp.exec(node, '/app/healthcheck.mjs')).code).toBe(0);
      expect((await nlp.exec(node, '/app/healthcheck.mjs', '9')).code).toBe(1);
    });

    it('ends with 0 after SIGTERM, which reaches node as process 1', async () => {
      expect(await nlp.stop()).toBe(0);
    });

    it('is killed with 137 above its memory limit', async () => {
      const fill = 'const kept = []; for (;;) kept.push(Buffer.alloc(16e6, 1))';
      const greedy = await containers.start('tributary-nlp', [...restricted, `--entrypoint=${node}`], ['-e', fill]);
      expect(await greedy.ended()).toBe(137);
    });
  });

  it('take models by an image layer, and hand them to another container from there', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tributary-layer-'));
    const volume = `tributary-test-${process.pid}`;
    const layered = `tributary-test-layer-${process.pid}`;
    try {
      await writeFile(join(folder, 'Dockerfile'), 'FROM tributary-nlp\nCOPY nlp /app/models/nlp\n');
      await contained('build', '--tag', layered, '--file', join(folder, 'Dockerfile'), models);
      const whole = await containers.start(layered, [...restricted, '--publish=127.0.0.1::8021']);
      expect(await faultsAt(await whole.address(8021), 'nlp')).toEqual([]);
      await whole.stop();

      // An init container: it copies its models into a volume and ends; the service's own image reads them.
      const copy = `require('fs').cpSync('/app/models/nlp', '/models', { recursive: true })`;
      const mount = `--volume=${volume}:/models`;
      await contained('run', '--rm', '--user=0:0', mount, `--entrypoint=${node}`, layered, '-e', copy);
      const nlp = await containers.start(
        'tributary-nlp',
        [...restricted, '--publish=127.0.0.1::8021', `--volume=${volume}:/models:ro`],
        ['--repository=/models'],
      );
      expect(await faultsAt(await nlp.address(8021), 'nlp')).toEqual([]);
    } finally {
      await containers.removeAll();
      await outcomeOf('volume', 'rm', volume);
      await outcomeOf('image', 'rm', layered);
      await rm(folder, { recursive: true });
    }
  });

  it('tributary-all starts the service that its first argument names, and says so where it names none', async () => {
    const options = [...restricted, '--publish=127.0.0.1::8031'];
    const volume = `--volume=${join(models, 'recommendation')}:/app/models/recommendation:ro`;
    const one = await containers.start('tributary-all', [...options, volume], ['recommendation', '--drain-timeout=5s']);
    expect(await faultsAt(await one.address(8031), 'recommendation')).toEqual([]);
    expect((await one.exec(node, '/app/healthcheck.mjs')).code).toBe(0);
    expect(await one.stop()).toBe(0);
    for (const command of [[], ['toString']]) {
      const none = await containers.start('tributary-all', [], command);
      expect(await none.ended()).toBe(1);
      expect(await none.log()).toContain(
        'the first argument says what to start: router, image, nlp, recommendation, start',
      );
    }
  });

  it('tributary-all start is the whole system in one container, every answer right', async () => {
    const volume = `--volume=${models}:/app/models:ro`;
    const limits = [...restricted, '--memory=1536m'];
    const system = await containers.start('tributary-all', [...limits, volume], ['start', '--once']);
    const code = await system.ended();
    expect({ code, log: await system.log() }).toEqual({ code: 0, log: expect.stringContaining('(4 of 4)') });
  });
});

(skipped || compose === undefined ? describe.skip : describe)('deploy/compose.yaml', () => {
  const project = `tributary-test-${process.pid}`;
  const [command = '', ...first] = compose ?? [];
  const run = async (env: NodeJS.ProcessEnv, ...args: string[]): Promise<void> => {
    const options = { cwd: root, timeout: 120_000, env: { ...process.env, ...env } };
    await promisify(execFile)(command, [...first, '-p', project, '-f', 'deploy/compose.yaml', ...args], options);
  };

  it('is the whole system: the router answers every task, and Prometheus sees all four', async () => {
    const [router = 0, prometheus = 0] = await freePorts(2);
    const ports = { ROUTER_PORT: String(router), PROMETHEUS_PORT: String(prometheus) };
    try {
      await run(ports, 'up', '-d');
      await routed(`127.0.0.1:${router}`);
      for (const service of services) expect(await faultsAt(`127.0.0.1:${router}`, service)).toEqual([]);
      const scraped = async (): Promise<readonly string[]> => {
        const answer = await fetch(`http://127.0.0.1:${prometheus}/api/v1/query?query=up==1`).catch(() => undefined);
        const { data } = ((await answer?.json()) ?? { data: { result: [] } }) as {
          data: { result: readonly { readonly metric: { readonly job: string } }[] };
        };
        return data.result.map(({ metric }) => metric.job).sort();
      };
      // Nothing tells when it has scraped: asked again, for a minute at most.
      let jobs = await scraped();
      for (let tries = 0; tries < 120 && jobs.length < 4; tries++) {
        await pause(500);
        jobs = await scraped();
      }
      expect(jobs).toEqual(['image', 'nlp', 'recommendation', 'router']);
    } finally {
      await run(ports, 'down', '--volumes');
    }
  });
});

/** Waits until a router that started with its services, or before them, has an upstream for every model: 90 s at most. */
async function routed(address: string): Promise<void> {
  const wanted = loadExamples(models, services).map(({ model }) => model);
  const client = createClient(address);
  try {
    await client.waitUntilReady(AbortSignal.timeout(60_000));
    for (let tries = 0; tries < 180; tries++) {
      const { routes } = await client.call('tributary.router.v1.RouterService/ListRoutes', {});
      const served = routes.filter(({ upstreams }) => upstreams.length > 0).map(({ modelName }) => modelName);
      if (wanted.every((model) => served.includes(model))) return;
      await pause(500);
    }
    throw new Error('the router has no upstream for some models');
  } finally {
    client.close();
  }
}

/** What is wrong with a service's answers to the examples of its models; waits until it has them. */
async function faultsAt(address: string, service: ProcessName): Promise<readonly string[]> {
  const client = createClient(address);
  try {
    await client.waitUntilReady(AbortSignal.timeout(60_000));
    const examples = loadExamples(models, [service]);
    expect(examples.length).toBeGreaterThan(0);
    const results = await Promise.all(examples.map((example) => runExample(client, example)));
    return results.flatMap(({ faults }) => faults);
  } finally {
    client.close();
  }
}
