import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createOtlpReceiver } from '../testing';
import { runServing, runToEnd, type Child } from './child';
import { RawClient } from './raw-client';

const echoPath = '/demo.Demo/Echo';

const folder = mkdtempSync(join(tmpdir(), 'tributary-tracing-'));
afterAll(() => rmSync(folder, { recursive: true }));

const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

async function serveIn(args: readonly string[], env: Readonly<Record<string, string>>): Promise<Child> {
  const child = await runServing({ args, env });
  undo.push(() => child.process.kill('SIGKILL'));
  return child;
}

/** Calls once, and ends the process. */
async function callAndStop(child: Child): Promise<Awaited<Child['ended']>> {
  const client = new RawClient(child.grpcPort);
  expect((await client.call(echoPath, Buffer.alloc(0))).code).toBe(Status.OK);
  await client.close();
  child.process.kill('SIGTERM');
  return child.ended;
}

/** Prints at the exit which of OpenTelemetry's packages the main thread has loaded. prom-client loads its interface, which does nothing alone. */
const probe = join(folder, 'probe.cjs');
writeFileSync(
  probe,
  `process.on('exit', () => {
    const names = Object.keys(require.cache).flatMap((path) => /node_modules\\/@opentelemetry\\/([a-z-]+)/.exec(path)?.[1] ?? []);
    process.stderr.write('loaded: ' + [...new Set(names)].filter((name) => name !== 'api').sort().join(' ') + '\\n');
  });`,
);

describe('a process', () => {
  it.each([[[]], [['--traces-endpoint=http://127.0.0.1:1']]])(
    "case 61: has none of OpenTelemetry's libraries where calls run, with %j",
    async (args) => {
      const ended = await callAndStop(await serveIn(args, { NODE_OPTIONS: `--require ${probe}` }));
      expect(ended).toMatchObject({ code: 0, stderr: 'loaded: \n' });
    },
  );

  it('whose thread for traces dies has another one for the next spans', async () => {
    const receiver = createOtlpReceiver();
    await receiver.start();
    undo.push(() => receiver.stop());
    const script = join(folder, 'dies-once.cjs');
    writeFileSync(
      script,
      `const { existsSync, writeFileSync } = require('node:fs');
      if (!require('node:worker_threads').isMainThread && !existsSync(__filename + '.died')) {
        writeFileSync(__filename + '.died', '');
        throw new Error('dies once');
      }`,
    );
    const args = [`--traces-endpoint=${receiver.url}`, '--traces-sampling=1'];
    const child = await serveIn(args, { NODE_OPTIONS: `--require ${script}` });
    while (!existsSync(`${script}.died`)) await new Promise((resolve) => setImmediate(resolve));
    expect(await callAndStop(child)).toMatchObject({ code: 0 });
    expect(receiver.spans.map(({ name }) => name)).toContain('demo.Demo/Echo');
  });

  it('case 43: a collector that takes connections and never answers holds up neither calls nor the end', async () => {
    const collector = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
    await once(collector, 'listening');
    undo.push(() => collector.close());
    const { port } = collector.address() as AddressInfo;
    // Whoever waited for the exporter would be killed by the process's own hard limit, 10 s after the drain.
    const child = await serveIn(
      [`--traces-endpoint=http://127.0.0.1:${port}`, '--traces-sampling=1', '--drain-timeout=0'],
      { OTEL_EXPORTER_OTLP_TIMEOUT: '3600000', OTEL_BSP_SCHEDULE_DELAY: '50' },
    );
    const connected = once(collector, 'connection');
    const client = new RawClient(child.grpcPort);
    for (let call = 0; call < 300; call += 1)
      expect((await client.call(echoPath, Buffer.alloc(0))).code).toBe(Status.OK);
    await connected;
    await client.close();
    child.process.kill('SIGTERM');
    expect(await child.ended).toMatchObject({ code: 0, signal: null });
  });

  it('counts spans that no collector took, and says so in the log once', async () => {
    const args = ['--traces-endpoint=http://127.0.0.1:1', '--traces-sampling=1'];
    const child = await serveIn(args, { OTEL_EXPORTER_OTLP_TIMEOUT: '1', OTEL_BSP_SCHEDULE_DELAY: '50' });
    const client = new RawClient(child.grpcPort);
    undo.push(() => client.close());
    for (let call = 0; call < 300; call += 1) await client.call(echoPath, Buffer.alloc(0));
    await child.logged('the collector takes no spans');
    const metrics = await (await fetch(`http://127.0.0.1:${child.metricsPort}/metrics`)).text();
    expect(Number(/tributary_trace_spans_total\{outcome="failed"\} (\d+)/.exec(metrics)?.[1])).toBeGreaterThan(0);
  });

  it("obeys OpenTelemetry's own variables, also those that turn tracing off", async () => {
    const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1/base/' };
    const on = await callAndStop(await serveIn([], endpoint));
    expect(on.stdout).toContain('"url":"http://127.0.0.1:1/base/v1/traces"');
    const offs: readonly Readonly<Record<string, string>>[] = [
      { OTEL_SDK_DISABLED: 'true' },
      { OTEL_TRACES_EXPORTER: 'none' },
    ];
    for (const off of offs) {
      expect((await callAndStop(await serveIn([], { ...endpoint, ...off }))).stdout).not.toContain('calls are traced');
    }
  });

  it('case 53: does not start with settings of tracing that cannot work, and says which, but no secret', async () => {
    const bad = join(folder, 'bad-headers');
    writeFileSync(bad, 'authorization: fine\nBearer secret\n');
    const endpoint = '--traces-endpoint=http://127.0.0.1:1';
    const faults = [
      [['--traces-endpoint=localhost:4318'], "tracesEndpoint: 'localhost:4318' is no URL"],
      [['--traces-endpoint=http://me:secret@localhost'], 'tracesEndpoint holds credentials'],
      [['--traces-sampling=2'], '--traces-sampling: expected a number from 0 to 1'],
      [[endpoint, `--traces-headers-file=${folder}/none`], 'cannot be read'],
      [[endpoint, `--traces-headers-file=${bad}`], "line 2 is no 'name: value'"],
    ] as const;
    for (const [args, fault] of faults) {
      const { code, stderr } = await runToEnd({ args });
      expect([code, stderr]).toEqual([1, expect.stringContaining(fault)]);
      expect(stderr).not.toContain('secret');
    }
  });
});
