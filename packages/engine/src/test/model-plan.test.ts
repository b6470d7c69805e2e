import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { castTo, mlp, slow } from '../testing';
import { runScript } from './child-process';
import { RecordingLog, repositoryOf, startEngine, temporaryFolder } from './support';

const tiny = mlp(8, 4, 1);

/** A plan.json for a graph measured on two cores. */
function planOf(graph: Uint8Array, more: object = {}): string {
  return JSON.stringify({
    format: 1,
    version: '1',
    digest: `sha256:${createHash('sha256').update(graph).digest('hex')}`,
    ...{ cores: 2, cpu: 'any', onnxRuntime: 'any' },
    ...{ instances: 1, intraOpThreads: 1, maxBatchSize: 24, inline: false },
    ...more,
  });
}

/** A model with its plan. */
function planned(graph: Uint8Array, plan: string, settings: object = {}): object {
  return { model: graph, settings, files: { 'plan.json': plan } };
}

describe('plan.json', () => {
  it('is obeyed where model and cores are those that were measured', async () => {
    const log = new RecordingLog();
    const engine = await startEngine({ tiny: planned(tiny, planOf(tiny)) }, { cpuBudget: 2, log });
    expect(engine.resolve('tiny').maxBatchSize).toBe(24);
    expect(log.has('info', 'placed by plan.json')).toBe(true);
  });

  it('gives way to what a person set in model.json', async () => {
    const settings = { batching: { maxBatchSize: 4 } };
    const engine = await startEngine({ tiny: planned(tiny, planOf(tiny), settings) }, { cpuBudget: 2 });
    expect(engine.resolve('tiny').maxBatchSize).toBe(4);
  });

  it.each([
    ['of another file', planOf(mlp(8, 5, 1)), 'another model.onnx'],
    ['of another number of cores', planOf(tiny, { cores: 4 }), 'measured on 4 cores'],
    ['with unknown keys', planOf(tiny, { lanes: 3 }), 'Unrecognized key'],
    ['that is no JSON', '{', 'it is not JSON'],
  ])('is passed over where it is one %s, with a line in the log', async (_what, plan, why) => {
    const log = new RecordingLog();
    const engine = await startEngine({ tiny: planned(tiny, plan) }, { cpuBudget: 2, log });
    const { state, maxBatchSize } = engine.resolve('tiny');
    expect({ state, isPlanned: maxBatchSize === 24 }).toEqual({ state: 'READY', isPlanned: false });
    expect(log.has('warn', why)).toBe(true);
  });

  it('says nothing of another version', async () => {
    const log = new RecordingLog();
    const engine = await startEngine({ tiny: planned(tiny, planOf(tiny, { version: '2' })) }, { cpuBudget: 2, log });
    expect(engine.resolve('tiny').maxBatchSize).not.toBe(24);
    expect(log.lines.filter(({ level }) => level === 'warn')).toEqual([]);
  });
});

interface Told {
  readonly level?: string;
  readonly message?: string;
  readonly model?: string;
  readonly [key: string]: unknown;
}

describe('a model on the event loop', () => {
  it('case 26: answers as on a lane, alone and in company; leaves the loop where it is slow; is refused where it must not be there', async () => {
    const slowGraph = slow(512, 300);
    const half = castTo('FP16');
    const repository = repositoryOf({
      tiny: planned(tiny, planOf(tiny, { inline: true })),
      slow: planned(slowGraph, planOf(slowGraph, { inline: true })),
      half: planned(half, planOf(half, { inline: true })),
    });
    const { lines, stderr, code } = await runScript('inline-process.js', [repository], temporaryFolder());
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const told = lines as readonly Told[];
    const result = told.at(-1)! as unknown as Readonly<Record<string, unknown>>;
    const together = result['together'] as number[];
    const alone = result['alone'] as number[];
    expect(new Set(together).size).toBe(20);
    for (const [row, value] of together.entries()) expect(value).toBeCloseTo(alone[row]!, 5);
    expect(result['companyBatches']).toEqual([
      { model: 'tiny', rows: 1 },
      { model: 'tiny', rows: 19 },
    ]);
    expect(result['aloneBatches']).toEqual(Array.from({ length: 20 }, () => ({ model: 'tiny', rows: 1 })));
    expect(result['wrongSize']).toBe('TributaryError');
    const warnings = told.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([
      {
        model: 'half',
        message: expect.stringContaining('its Cast is not among the operators that cannot trap') as unknown,
      },
      { model: 'slow', message: expect.stringContaining('hold the event loop for too long') as unknown },
    ]);
  });

  it('runs all the batches that a turn of the event loop brought in that turn, unless they take long', async () => {
    const repository = repositoryOf({ tiny: planned(tiny, planOf(tiny, { inline: true, maxBatchSize: 8 })) });
    const { lines, stderr, code } = await runScript('inline-turns-process.js', [repository], temporaryFolder());
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const [quick, slow] = lines as unknown as { turns: number; batches: number; rows: number[] }[];
    const sum = (rows: readonly number[]): number => rows.reduce((total, count) => total + count, 0);
    // The turn that looks at what has come.
    expect(quick!.turns).toBeLessThanOrEqual(1);
    expect(sum(quick!.rows)).toBe(64);
    expect(quick!.batches).toBeGreaterThanOrEqual(8);
    expect(sum(slow!.rows)).toBe(64);
    // More than one batch a turn, and some turns.
    expect(slow!.turns).toBeGreaterThan(1);
    expect(slow!.turns).toBeLessThan(slow!.batches);
  });
});
