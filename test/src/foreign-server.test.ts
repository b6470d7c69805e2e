import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from '@tributary/client';
import { freePorts } from './support/free-ports';
import { startProcess, type StartedProcess } from './support/process';
import { root } from './support/system';

const run = promisify(execFile);
const listRoutes = 'tributary.router.v1.RouterService/ListRoutes';
const python =
  process.env.MLSERVER_PYTHON ??
  join(process.env.CI_TOOLS ?? join(homedir(), '.cache/tributary-ci'), 'mlserver/bin/python');
const hasMlserver = spawnSync(python, ['-c', 'import mlserver']).status === 0;
const hasGrpcurl = spawnSync('grpcurl', ['-version']).status === 0;
const required = process.env.FOREIGN_CLIENTS === 'required';
if (!hasMlserver && !required) {
  process.stderr.write(
    'skipped: no MLServer here; pip install --no-deps -r packages/bench/peers/mlserver.txt, and name that Python in MLSERVER_PYTHON\n',
  );
}

(hasMlserver || required ? describe : describe.skip)('MLServer as an upstream', () => {
  const started: { end(): unknown }[] = [];
  let upstream: string;
  let router: StartedProcess;
  let client: Client;

  beforeAll(async () => {
    const ports = await freePorts(3);
    upstream = `127.0.0.1:${ports[0]}`;
    const folder = await mkdtemp(join(tmpdir(), 'tributary-mlserver-'));
    started.push({ end: () => rm(folder, { recursive: true }) });
    const [grpcPort, httpPort, metricsPort] = ports;
    const settings = { host: '127.0.0.1', grpc_port: grpcPort, http_port: httpPort, metrics_port: metricsPort };
    await writeFile(join(folder, 'settings.json'), JSON.stringify({ ...settings, parallel_workers: 0, debug: false }));
    await mkdir(join(folder, 'echo'));
    const model = { name: 'echo', implementation: 'echo_mlserver.Echo' };
    await writeFile(join(folder, 'echo/model-settings.json'), JSON.stringify(model));
    const server = spawn(join(dirname(python), 'mlserver'), ['start', folder], {
      stdio: 'ignore',
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', PYTHONPATH: join(root, 'test/foreign') },
    });
    const exited = once(server, 'exit');
    started.push({
      end: async () => {
        server.kill('SIGKILL');
        await exited;
      },
    });
    router = await startProcess(root, 'router', [`--upstreams=${upstream}`]);
    started.push({ end: () => router.stop() });
    client = createClient(router.address);
    started.push({ end: () => client.close() });
    // Ready before its model is.
    while (!(await client.call(listRoutes, {})).routes.some(({ upstreams }) => upstreams.length > 0)) {
      if (server.exitCode !== null) throw new Error(`MLServer ended with ${server.exitCode}`);
      await pause(50);
    }
  });

  afterAll(async () => {
    for (const each of started.reverse()) await each.end();
  });

  it('answers calls through the router', async () => {
    const values = Float32Array.of(1, 2.5, -3);
    const bytes = new Uint8Array(values.buffer);
    for (const shape of [
      [1, 3],
      [3, 1],
    ]) {
      const inputs = new Map([['x', { datatype: 'FP32' as const, shape, bytes }]]);
      const { model, outputs } = await client.infer({ model: 'echo', inputs });
      expect([model, outputs.get('x')?.shape]).toEqual(['echo', shape]);
      expect(new Float32Array(new Uint8Array(outputs.get('x')!.bytes).buffer)).toEqual(values);
    }
  });

  it('answers calls that are too large to share a stream', async () => {
    const values = new Float32Array(100_000).map((_, index) => index);
    const inputs = new Map([
      ['x', { datatype: 'FP32' as const, shape: [values.length], bytes: new Uint8Array(values.buffer) }],
    ]);
    const { outputs } = await client.infer({ model: 'echo', inputs });
    expect(new Float32Array(new Uint8Array(outputs.get('x')!.bytes).buffer)).toEqual(values);
  });

  (hasGrpcurl || required ? it : it.skip)('answers grpcurl through the router', async () => {
    const request = {
      model_name: 'echo',
      inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 2], contents: { fp32_contents: [1, 2] } }],
    };
    const method = 'inference.GRPCInferenceService/ModelInfer';
    const { stdout } = await run('grpcurl', ['-plaintext', '-d', JSON.stringify(request), router.address, method]);
    expect(JSON.parse(stdout)).toMatchObject({
      modelName: 'echo',
      outputs: [{ name: 'x', datatype: 'FP32', contents: { fp32Contents: [1, 2] } }],
    });
  });

  it('is listed with its model, and the log says once that its calls go plainly and why', async () => {
    const { routes, upstreams: list } = await client.call(listRoutes, {});
    expect(routes).toEqual([expect.objectContaining({ modelName: 'echo', upstreams: [upstream] })]);
    expect(list).toEqual([expect.objectContaining({ address: upstream })]);
    const said = router.lines
      .filter((line) => line.includes('no relay here'))
      .map((line) => JSON.parse(line) as unknown);
    expect(said).toEqual([
      expect.objectContaining({ upstream, reason: expect.stringContaining('the relay was answered with status 12') }),
    ]);
  });
});
