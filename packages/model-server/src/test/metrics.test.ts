import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fp32, identity, int64, lookup } from '@tributary/engine/testing';
import { refusalOf, startTestServer, temporaryRepository, type TemporaryRepository, type TestServer } from '../testing';

let repository: TemporaryRepository;
let server: TestServer;

beforeAll(async () => {
  repository = temporaryRepository({
    rows: { model: identity('FP32', ['batch', 2]) },
    table: { model: lookup(4) },
    unused: { model: identity('FP32', ['n']) },
    broken: { model: Buffer.from('no model') },
  });
  server = await startTestServer({ repository: repository.folder });
});

afterAll(async () => {
  await server.close();
  repository.remove();
});

const sample = async (name: string, labels: string): Promise<number | undefined> =>
  (await server.metrics()).get(`${name}{${labels}}`);

describe('metrics', () => {
  it("count requests, rows and runs under Triton's names", async () => {
    const labels = 'model="rows",version="1"';
    const inputs = new Map([['input', fp32([3, 2], [1, 2, 3, 4, 5, 6])]]);
    for (let call = 0; call < 4; call++) await server.client.infer({ model: 'rows', inputs });
    expect(await sample('nv_inference_request_success', labels)).toBe(4);
    expect(await sample('nv_inference_count', labels)).toBe(12);
    expect(await sample('nv_inference_exec_count', labels)).toBe(4);
    expect(await sample('nv_inference_pending_request_count', labels)).toBe(0);
    const durations = ['queue', 'compute_input', 'compute_infer', 'compute_output'];
    let sum = 0;
    for (const stage of durations) sum += (await sample(`nv_inference_${stage}_duration_us`, labels))!;
    expect(await sample('nv_inference_request_duration_us', labels)).toBeCloseTo(sum, 3);
    expect(await sample('nv_inference_compute_infer_duration_us', labels)).toBeGreaterThan(0);
    expect(await sample('tributary_batch_rows_sum', labels)).toBe(12);
    expect(await sample('tributary_inference_stage_seconds_count', `${labels},stage="queue"`)).toBe(4);
  });

  it('tell why batches were no larger', async () => {
    const labels = (reason: string): string => `model="rows",version="1",reason="${reason}"`;
    const before = (await sample('tributary_batches_total', labels('idle_lane')))!;
    await server.client.infer({ model: 'rows', inputs: new Map([['input', fp32([1, 2], [1, 2])]]) });
    expect(await sample('tributary_batches_total', labels('idle_lane'))).toBe(before + 1);
    const full = new Map([['input', fp32([64, 2], new Array<number>(128).fill(1))]]);
    await server.client.infer({ model: 'rows', inputs: full });
    expect(await sample('tributary_batches_total', labels('full'))).toBe(1);
    for (const reason of ['cost', 'deadline', 'bucket', 'delay'])
      expect(await sample('tributary_batches_total', labels(reason))).toBe(0);
  });

  it('tell a failure of the model from a request that never ran', async () => {
    const labels = (reason: string): string => `model="table",version="1",reason="${reason}"`;
    const outside = new Map([['id', int64([1], [99])]]);
    expect(await refusalOf(server.client.infer({ model: 'table', inputs: outside }))).toMatchObject({
      status: 'INTERNAL',
      reason: 'RUN_FAILED',
    });
    expect(await sample('nv_inference_request_failure', labels('BACKEND'))).toBe(1);
    expect(await sample('nv_inference_request_failure', labels('CANCELED'))).toBe(0);
    expect(await sample('nv_inference_request_success', 'model="table",version="1"')).toBe(0);
  });

  it('show every model that is ready from the start, and which are not', async () => {
    expect(await sample('nv_inference_count', 'model="unused",version="1"')).toBe(0);
    expect(await sample('nv_model_load_duration_secs', 'model="unused",version="1"')).toBeGreaterThan(0);
    expect(await sample('tributary_model_ready', 'model="unused",version="1"')).toBe(1);
    expect(await sample('tributary_model_ready', 'model="broken",version="1"')).toBe(0);
    expect(await sample('tributary_lane_restarts_total', 'kind="session"')).toBe(0);
  });

  it('case 67: names that callers make up become no labels', async () => {
    for (const model of ['made-up', '../x', 'a'.repeat(500)]) {
      await refusalOf(server.client.infer({ model, inputs: new Map() }));
    }
    const names = [...(await server.metrics()).keys()].join('\n');
    expect(names).not.toMatch(/made-up|\.\.\/x|aaaa/);
  });
});
