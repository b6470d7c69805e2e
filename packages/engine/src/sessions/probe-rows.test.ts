import { describe, expect, it } from '@jest/globals';
import type { TensorSpec } from '../engine';
import type { PackedTensor } from '../tensors/pack-batch';
import { probeRows } from './probe-rows';

const x: TensorSpec = { name: 'x', datatype: 'FP32', shape: [-1, -1] };
const y: TensorSpec = { name: 'y', datatype: 'FP32', shape: [-1, -1] };

/** A model of FP32 rows of `width` numbers, as a function of all of them. */
function model(answer: (rows: readonly (readonly number[])[]) => readonly (readonly number[])[]) {
  return ([input]: readonly PackedTensor[]): Promise<readonly PackedTensor[]> => {
    const { shape, bytes } = input!;
    const values = [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)];
    const width = shape[1]!;
    const rows = Array.from({ length: shape[0]! }, (_, row) => values.slice(row * width, (row + 1) * width));
    const answers = answer(rows);
    return Promise.resolve([
      { shape: [answers.length, answers[0]!.length], bytes: new Uint8Array(Float32Array.from(answers.flat()).buffer) },
    ]);
  };
}

function probe(
  run: (inputs: readonly PackedTensor[]) => Promise<readonly PackedTensor[] | undefined>,
  options: { readonly outputs?: readonly TensorSpec[]; readonly allows?: boolean; readonly budgetMs?: number } = {},
): Promise<string | undefined> {
  const { outputs = [y], allows = true, budgetMs = 60_000 } = options;
  return probeRows({
    inputs: [x],
    outputs,
    dimensions: [2, 8],
    watchesNaN: false,
    budgetMs,
    allows: () => Promise.resolve(allows),
    run,
  });
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

describe('the probe of rows', () => {
  it('objects to nothing where rows stay apart, whatever they hold', async () => {
    expect(await probe(model((rows) => rows.map((row) => row.map((value) => value * 2 + sum(row)))))).toBeUndefined();
  });

  it('objects to an answer that takes the greatest of all rows into account', async () => {
    const floored = model((rows) => {
      const floor = Math.max(...rows.flat()) - 80;
      return rows.map((row) => row.map((value) => Math.max(value, floor)));
    });
    expect(await probe(floored)).toMatch(/^'y' answers a row otherwise in company than alone/);
  });

  it('objects to a small difference beside one column that outgrows all others', async () => {
    const hidden = model((rows) => {
      const mean = sum(rows.map((row) => Math.tanh(row[0]!))) / rows.length;
      return rows.map((row) => [-3.4e38, Math.tanh(row[1]!) + mean]);
    });
    expect(await probe(hidden)).toBeDefined();
  });

  it('objects to a difference that only a row in the last place sees', async () => {
    const running = model((rows) => rows.map((row, place) => [row[0]! + (rows[place - 1]?.[0] ?? 0)]));
    expect(await probe(running)).toBeDefined();
  });

  it('objects to whole numbers that depend on the company', async () => {
    const counted: TensorSpec = { name: 'y', datatype: 'UINT8', shape: [-1] };
    const counts = ([input]: readonly PackedTensor[]): Promise<readonly PackedTensor[]> => {
      const { shape, bytes } = input!;
      const values = [...new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)];
      const isLarge = values.some((value) => value > 1000);
      return Promise.resolve([{ shape: [shape[0]!], bytes: new Uint8Array(shape[0]!).fill(isLarge ? 1 : 0) }]);
    };
    expect(await probe(counts, { outputs: [counted] })).toBeDefined();
  });

  it('overlooks rounding of another order of summation', async () => {
    const rounded = model((rows) => rows.map((row) => row.map((value) => value * (1 + (rows.length > 1 ? 1e-6 : 0)))));
    expect(await probe(rounded)).toBeUndefined();
  });

  it('objects to outputs that have another number of rows', async () => {
    expect(await probe(model((rows) => [[sum(rows.flat())]]))).toContain(
      'the first dimension of its outputs is not the batch',
    );
  });

  it('objects to a run that fails although each of its rows runs', async () => {
    const alone = model((rows) => rows);
    const fails = (inputs: readonly PackedTensor[]): Promise<readonly PackedTensor[] | undefined> =>
      inputs[0]!.shape[0] === 1 ? alone(inputs) : Promise.resolve(undefined);
    expect(await probe(fails)).toContain('a run fails whose rows run alone');
  });

  it('tries nothing for sizes that were not proved, and ends after its first comparison where there is no time', async () => {
    let runs = 0;
    const counting = (inputs: readonly PackedTensor[]): Promise<readonly PackedTensor[] | undefined> => {
      runs++;
      return model((rows) => rows)(inputs);
    };
    expect(await probe(counting, { allows: false })).toBeUndefined();
    expect(runs).toBe(0);
    expect(await probe(counting, { budgetMs: 0 })).toBeUndefined();
    expect(runs).toBe(2);
  });
});
