import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { add, mlp, writeRepository } from '@tributary/engine/testing';
import { ProcessGroup } from '../process/process-group';
import type { TargetReport } from '../target/measure-target';
import { startService, type Service } from '../servers/service';

const root = resolve(__dirname, '../../../..');
const group = new ProcessGroup();
const folder = mkdtempSync(join(tmpdir(), 'tributary-target-'));
let service: Service;

beforeAll(async () => {
  const repository = join(folder, 'repository');
  writeRepository(repository, { mlp: { model: mlp(64, 8, 1) }, add: { model: add(['rows', 'width']) } });
  const flags = [`--repository=${repository}`];
  service = await startService(group, { root, scratch: folder, folder: 'recommendation', flags });
});
afterAll(async () => {
  await group.end();
  rmSync(folder, { recursive: true, force: true });
});

/** The bench as a caller starts it. */
function bench(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const program = join(__dirname, '../main.js');
  return new Promise((done) => {
    execFile(process.execPath, [program, `--target=localhost:${service.port}`, ...args], (error, out, err) =>
      done({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

describe('bench --target', () => {
  it('measures a server of the Open Inference Protocol by what it tells of a model', async () => {
    const { code, out } = await bench('--model=mlp', '--seconds=0.3', '--connections=2', '--in-flight=2', '--json');
    const report = JSON.parse(out) as TargetReport;
    expect(report).toMatchObject({ model: 'mlp', errors: {}, wrongAnswers: 0, firstFault: '' });
    expect(report.inputs).toEqual([{ name: 'input', datatype: 'FP32', shape: [1, 64] }]);
    expect(report.answersPerSecond).toBeGreaterThan(0);
    expect(report.latency.p99Ms).toBeGreaterThanOrEqual(report.latency.p95Ms);
    expect(code).toBe(0);
  });

  it('sends at a rate, whatever the shapes that are asked for, and prints what came', async () => {
    const shapes = ['--shape=a:3x5', '--shape=b:3x5'];
    const { code, out } = await bench('--model=add', ...shapes, '--rate=200', '--seconds=0.5');
    expect(out).toContain('a FP32 [3,5], b FP32 [3,5]');
    expect(out).toMatch(/answers {4}[0-9.]+\/s of 200\/s offered\nlatency {4}p50 [0-9.]+ ms, p95/);
    expect(out).toContain('errors     none');
    expect(code).toBe(0);
  });

  it('asks for a shape that it cannot know', async () => {
    const { code, err } = await bench('--model=add', '--seconds=0.1');
    expect(err).toContain('bench: input "a" is [-1,-1]: give --shape a:DIMS');
    expect(code).toBe(1);
  });

  it("says in the server's words why nothing can be measured", async () => {
    const unknown = await bench('--model=nothing');
    expect(unknown.err).toMatch(/^bench: ModelMetadata: NOT_FOUND: /m);
    const wrongShapes = await bench('--model=add', '--shape=a:2x3', '--shape=b:2x4');
    expect(wrongShapes.err).toContain("bench: ModelInfer: INTERNAL: model 'add' failed on this request");
    expect([unknown.code, wrongShapes.code]).toEqual([1, 1]);
  });
});
