import { describe, expect, it } from '@jest/globals';
import { toFrame, type Reading } from './frame';
import { Metrics, quantileBetween } from './metrics-text';
import { renderFrame } from './render-frame';

const at = (atMs: number, text: string | undefined): Reading => ({
  address: '127.0.0.1:8022',
  atMs,
  metrics: text === undefined ? undefined : new Metrics(text),
});

const service = (calls: number, runs: number): string => `# TYPE tributary_build_info gauge
tributary_build_info{service="nlp",version="1"} 1
tributary_grpc_requests_total{method="M/Infer",code="OK"} ${calls}
tributary_grpc_requests_total{method="M/Infer",code="INTERNAL"} ${calls / 10}
tributary_grpc_request_duration_seconds_bucket{le="0.01",method="M/Infer"} ${calls}
tributary_grpc_request_duration_seconds_bucket{le="0.02",method="M/Infer"} ${calls}
tributary_grpc_request_duration_seconds_bucket{le="+Inf",method="M/Infer"} ${calls}
tributary_grpc_request_duration_seconds_bucket{le="0.01",method="m.ModelService/WatchModels"} 0
tributary_grpc_request_duration_seconds_bucket{le="+Inf",method="m.ModelService/WatchModels"} ${calls}
tributary_model_ready{model="m",version="1"} 1
nv_inference_count{model="m",version="1"} ${runs * 4}
nv_inference_exec_count{model="m",version="1"} ${runs}
nv_inference_pending_request_count{model="m",version="1"} 7
tributary_lane_busy_seconds_total{model="m",version="1"} ${runs / 100}
tributary_lanes{kind="session"} 2
`;

describe('a frame of tributary top', () => {
  it('has rates between two readings, by the time between them', () => {
    const frame = toFrame([at(0, service(100, 10))], [at(2000, service(300, 110))]);
    expect(frame.processes).toMatchObject([{ name: 'nlp', up: true, callsPerSecond: 110, failedPerSecond: 10 }]);
    expect(frame.processes[0]!.p50Seconds).toBeCloseTo(0.005);
    expect(frame.models).toMatchObject([{ model: 'm', waiting: 7, rowsPerRun: 4, lanes: 2, ready: true }]);
    expect(frame.models[0]!.busyLanes).toBeCloseTo(0.5);
  });

  it('shows nothing below zero for a process that was started again, and says which gives no answer', () => {
    const again = toFrame([at(0, service(300, 110))], [at(1000, service(10, 1))]);
    expect(again.processes).toMatchObject([{ callsPerSecond: 0, p50Seconds: null }]);
    const gone = toFrame([at(0, service(300, 110))], [at(1000, undefined)]);
    expect(renderFrame(gone, (text) => text)).toContain('127.0.0.1:8022 gives no answer');
  });

  it('fits into 80 columns', () => {
    const slow = (calls: number, runs: number): string =>
      `${service(calls, runs)}process_resident_memory_bytes ${283 * 2 ** 20}\n`
        .replace('"nlp"', '"recommendation"')
        .replace(/le="0.0(?=[12]")/g, 'le="0.5');
    const frame = toFrame([at(0, slow(0, 0))], [at(1000, slow(1_234_567, 54_321))]);
    expect(renderFrame(frame, (text) => text)).toMatch(/recommendation {2}.* 255 ms {2}505 ms {2}.* 283.0 MiB/);
    for (const line of renderFrame(frame, (text) => text).split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });
});

describe('metrics as text', () => {
  it('labels may hold quotes, commas and braces', () => {
    const metrics = new Metrics('a{x="1,2}",y="q\\"q"} 5\nb 7\n# HELP a 9');
    expect(metrics.of('a')).toEqual([{ labels: { x: '1,2}', y: 'q\\"q' }, value: 5 }]);
    expect([metrics.sum('b'), metrics.sum('c')]).toEqual([7, 0]);
  });

  it('quantiles lie between the bounds of their bucket; beyond the last it is the last bound', () => {
    const buckets = (...counts: number[]) =>
      counts.map((value, index) => ({ labels: { le: ['1', '2', '+Inf'][index]! }, value }));
    expect(quantileBetween(0.5, buckets(0, 0, 0), buckets(0, 10, 10))).toBe(1.5);
    expect(quantileBetween(0.5, buckets(5, 5, 5), buckets(5, 5, 15))).toBe(2);
    expect(quantileBetween(0.5, buckets(5, 5, 5), buckets(5, 5, 5))).toBeUndefined();
  });
});
