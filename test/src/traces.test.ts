import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { tributary } from '@tributary/contract';
import { createOtlpReceiver, type ReceivedSpan } from '@tributary/serve/testing';
import { root, useSystem } from './support/system';

const run = promisify(execFile);
const python = process.env.FOREIGN_PYTHON ?? 'python3';
const hasPython = spawnSync(python, ['-c', 'import grpc']).status === 0 || process.env.FOREIGN_CLIENTS === 'required';
if (!hasPython) process.stderr.write('skipped: no Python client here for traces; see foreign.test.ts\n');

const classify = 'tributary.nlp.v1.NlpService/Classify';
const request = { texts: ['What a lovely day'] };
/** Kinds as OTLP numbers them. */
const [INTERNAL, SERVER, CLIENT] = [1, 2, 3];

const folder = mkdtempSync(join(tmpdir(), 'tributary-traces-'));
afterAll(() => rmSync(folder, { recursive: true }));
const headersFile = join(folder, 'headers');
writeFileSync(headersFile, '# for the collector\nx-tenant: tests\n');

/** Traces of this many hex digits, one for each caller. */
const traceOf = (digit: string): string => digit.repeat(32);

/** A trace as a tree: names of its spans by process, indented by depth, stages in the order of their start. */
function treeOf(spans: readonly ReceivedSpan[], parent: string, depth = 0): string[] {
  return spans
    .filter((span) => (span.parentSpanId ?? '') === parent)
    .sort((a, b) => (BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1))
    .flatMap((span) => [`${'  '.repeat(depth)}${span.service} ${span.name}`, ...treeOf(spans, span.spanId, depth + 1)]);
}

const stages = (depth: number): string[] =>
  ['queue', 'prepare', 'inference', 'finish'].map((stage) => `${'  '.repeat(depth)}nlp ${stage}`);
const classifyTree = [
  `router ${classify}`,
  `  router ${classify}`,
  `    nlp ${classify}`,
  '      nlp prepare',
  '      nlp infer bge-small-en',
  ...stages(4),
  '      nlp infer sentiment',
  ...stages(4),
  '      nlp finish',
];

describe.each(['relay', 'plain'] as const)('traces over the %s hop', (hop) => {
  const receiver = createOtlpReceiver();
  beforeAll(() => receiver.start());
  afterAll(() => receiver.stop());
  const traced = ['--traces-headers-file', headersFile, '--traces-sampling'];
  const system = useSystem({
    // The receiver's port is known once it listens.
    get env() {
      return {
        ...process.env,
        NO_COLOR: '1',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        OTEL_BSP_SCHEDULE_DELAY: '50',
      };
    },
    // The router draws no call; the services would draw all, unless they are told otherwise.
    args: {
      router: [...traced, '0', '--hop', hop === 'relay' ? 'auto' : 'plain'],
      nlp: [...traced, '1'],
      image: [...traced, '1'],
      recommendation: [...traced, '1'],
    },
  });
  const spansOf = (traceId: string): ReceivedSpan[] => receiver.spans.filter((span) => span.traceId === traceId);
  const untilTrace = (traceId: string, count: number): Promise<void> =>
    receiver.until(() => spansOf(traceId).length >= count);

  (hasPython ? it : it.skip)(
    "a Python caller's trace goes on through router and service to the stages of each model's run",
    async () => {
      const traceId = traceOf('a');
      const callerSpan = 'b'.repeat(16);
      const bytes = Buffer.from(tributary.nlp.v1.ClassifyRequest.encode(request).finish()).toString('hex');
      const context = [`00-${traceId}-${callerSpan}-01`, 'vendor=1,other=2'];
      await run(python, [
        join(root, 'test/foreign/traced.py'),
        system.address('router'),
        `/${classify}`,
        bytes,
        ...context,
      ]);
      await untilTrace(traceId, classifyTree.length);
      const spans = spansOf(traceId);
      expect(treeOf(spans, callerSpan)).toEqual(classifyTree);
      expect(spans.map(({ traceState }) => traceState)).toEqual(spans.map(() => 'vendor=1,other=2'));
      expect(spans.map(({ status }) => status.code)).toEqual(spans.map(() => 0));

      const of = (service: string, kind: number): ReceivedSpan =>
        spans.find((s) => s.service === service && s.kind === kind)!;
      const rpc = { 'rpc.system': 'grpc', 'rpc.service': 'tributary.nlp.v1.NlpService', 'rpc.method': 'Classify' };
      expect(of('router', SERVER).attributes).toMatchObject({ ...rpc, 'rpc.grpc.status_code': 0 });
      expect(of('nlp', SERVER).attributes).toMatchObject({ ...rpc, 'tributary.model.name': 'sentiment' });
      const [address, port] = system.address('nlp').split(':');
      expect(of('router', CLIENT).attributes).toMatchObject({
        ...rpc,
        ...{ 'server.address': address, 'server.port': Number(port), 'tributary.hop': hop, 'tributary.attempt': 1 },
      });
      const infers = spans.filter(({ name, kind }) => name.startsWith('infer ') && kind === INTERNAL);
      expect(infers.map(({ attributes }) => attributes)).toEqual([
        { 'tributary.model.name': 'bge-small-en', 'tributary.model.version': '1', 'tributary.batch.rows': 1 },
        { 'tributary.model.name': 'sentiment', 'tributary.model.version': '1', 'tributary.batch.rows': 1 },
      ]);
    },
  );

  it('stages lie inside of their spans, one after the other', async () => {
    const traceId = traceOf('c');
    const metadata = { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` };
    await system.client('router').call(classify, request, { metadata });
    await untilTrace(traceId, classifyTree.length);
    const spans = spansOf(traceId);
    for (const parent of spans.filter(({ service }) => service === 'nlp')) {
      let lastEnd = BigInt(parent.startTimeUnixNano);
      for (const child of spans.filter(({ parentSpanId }) => parentSpanId === parent.spanId).sort(byStart)) {
        // Times are rounded to a microsecond each.
        expect(BigInt(child.startTimeUnixNano)).toBeGreaterThanOrEqual(lastEnd - 2000n);
        lastEnd = BigInt(child.endTimeUnixNano);
        expect(lastEnd).toBeGreaterThanOrEqual(BigInt(child.startTimeUnixNano));
      }
      expect(lastEnd).toBeLessThanOrEqual(BigInt(parent.endTimeUnixNano) + 2000n);
    }
  });

  it('a refusal has its reason and no failed span on the server that made it', async () => {
    const traceId = traceOf('d');
    const metadata = { traceparent: `00-${traceId}-${'1'.repeat(16)}-01` };
    await expect(system.client('router').call(classify, { texts: [' '] }, { metadata })).rejects.toMatchObject({
      code: 3,
    });
    await untilTrace(traceId, 3);
    const server = spansOf(traceId).find(({ service }) => service === 'nlp')!;
    expect(server.attributes).toMatchObject({ 'rpc.grpc.status_code': 3, 'error.type': 'TEXT_BLANK' });
    expect(server.status.code).toBe(0);
    expect(spansOf(traceId).find(({ kind }) => kind === CLIENT)).toMatchObject({ status: { code: 2 } });
  });

  it('calls that caller or router do not trace are traced nowhere; who calls a service itself is drawn there', async () => {
    const before = new Set(receiver.spans.map(({ traceId }) => traceId));
    const untraced = { traceparent: `00-${traceOf('e')}-${'1'.repeat(16)}-00` };
    const router = system.client('router');
    await router.call(classify, request, { metadata: untraced });
    await router.call(classify, request, {});
    await router.call(classify, request, { metadata: { traceparent: 'nonsense' } });
    await system.client('nlp').call(classify, request, {});
    // What a process has is sent before it ends.
    expect(await system.stop()).toBe(true);
    const others = receiver.spans.filter(({ traceId }) => !before.has(traceId));
    expect(new Set(others.map(({ traceId }) => traceId)).size).toBe(1);
    expect(treeOf(others, '')).toEqual(classifyTree.slice(2).map((line) => line.slice(4)));
    expect(new Set(receiver.headers.map((headers) => headers['x-tenant']))).toEqual(new Set(['tests']));
  });
});

function byStart(a: ReceivedSpan, b: ReceivedSpan): number {
  return BigInt(a.startTimeUnixNano) < BigInt(b.startTimeUnixNano) ? -1 : 1;
}
