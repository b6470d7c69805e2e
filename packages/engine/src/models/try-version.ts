import { datatypeInfo } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import type { RunCost } from '../scheduling/run-costs';
import { floatValues } from '../tensors/float-values';
import { packPadded, type PackedTensor } from '../tensors/pack-batch';
import type { TrialRuns } from './trial-runs';

/*
 * What is found out about a version by running it on made-up inputs. Each function makes a bounded number of runs, and throws TrialError
 * where one of them crashed or did not end.
 */

/** Lengths of a row alone, and what it is padded to. */
const paddings: readonly (readonly [alone: number, padded: number])[] = [
  [2, 3],
  [3, 8],
  [8, 12],
  [5, 16],
  [12, 32],
];

/** Largest difference of an element alone and padded, as a part of the largest element: sums of another order. */
const paddingTolerance = 1e-4;

/** Whether rows may be padded with zeros along the second dimension. `worst` is the largest difference seen, as a part of the largest element. */
export interface PaddingVerdict {
  readonly mayPad: boolean;
  readonly worst: number;
  readonly tried: number;
}

/**
 * Tries rows alone against the same rows padded with zeros, as batches of texts of several lengths pad them.
 * @param specs inputs that are not optional, in the order of `runs`
 */
export async function tryPadding(
  runs: TrialRuns,
  specs: readonly TensorSpec[],
  outputs: readonly TensorSpec[],
): Promise<PaddingVerdict> {
  let worst = 0;
  let tried = 0;
  for (const [index, [alone, padded]] of paddings.entries()) {
    const inputs = runs.inputs({ rows: 1, dimension: alone }, index + 1);
    const expected = inputs === undefined ? undefined : await runs.run(inputs.map(copyOf));
    if (inputs === undefined || expected === undefined) continue;
    const longer = inputs.map((input, position) => pad(specs[position]!, input, padded));
    const got = await runs.run(longer);
    if (got === undefined) continue;
    tried++;
    for (const [position, spec] of outputs.entries()) {
      worst = Math.max(worst, difference(spec, expected.outputs[position]!, got.outputs[position]!));
    }
    if (worst > paddingTolerance) break;
  }
  return { mayPad: tried > 0 && worst <= paddingTolerance, worst, tried };
}

function copyOf({ shape, bytes }: PackedTensor): PackedTensor {
  return { shape, bytes: bytes.slice() };
}

function pad(spec: TensorSpec, input: PackedTensor, length: number): PackedTensor {
  if (spec.shape[1] !== -1) return input;
  const part = { datatype: spec.datatype, ...input };
  return packPadded([part], 1, length, { take: (byteLength) => new Uint8Array(byteLength) })!;
}

/** Infinity where the tensors differ in more than rounding: in shape, in whole numbers, in what is not finite. */
function difference(spec: TensorSpec, expected: PackedTensor, got: PackedTensor): number {
  if (expected.shape.join() !== got.shape.join()) return Infinity;
  if (!datatypeInfo(spec.datatype).isFloat) return Buffer.compare(expected.bytes, got.bytes) === 0 ? 0 : Infinity;
  const wanted = floatValues(spec.datatype, expected.bytes);
  const found = floatValues(spec.datatype, got.bytes);
  let largest = 0;
  let most = 0;
  for (let index = 0; index < wanted.length; index++) {
    const [a, b] = [wanted[index]!, found[index]!];
    if (Object.is(a, b)) continue;
    if (!Number.isFinite(a) || !Number.isFinite(b)) return Infinity;
    most = Math.max(most, Math.abs(a - b));
  }
  for (const value of wanted) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  if (most === 0) return 0;
  return largest === 0 ? Infinity : most / largest;
}

/** Whether the model answers tensors without elements, where its shapes allow them: in every dimension that may vary at once, and in the rows alone. */
export async function tryEmpty(runs: TrialRuns, isBatched: boolean): Promise<boolean> {
  const dimension = runs.dimensions[0] ?? 1;
  const shapes = isBatched
    ? [{ rows: 0, dimension }]
    : [
        { rows: undefined, dimension: 0 },
        { rows: 0, dimension },
      ];
  for (const shape of shapes) if ((await runs.answer(shape)) === undefined) return false;
  return true;
}

/** What the first runs cost. */
export interface MeasuredCosts {
  readonly costs: readonly RunCost[];
  /** Rows of a run beyond which more rows did not pay. */
  readonly bestRows: number;
}

/** Longest run that more rows may lead to, in microseconds: who comes while it runs waits for it. */
const maxBatchRunUs = 50_000;
/** Rows must become at least this much cheaper for a batch to be twice as large. */
const leastGain = 0.04;
/** The size given to dimensions that may vary, where the model takes it. */
const usualDimensions = [8, 16, 32];
/** Runs of one shape: the cheapest counts. A long run differs less from the next. */
const runsOfCell = 3;
const runsOfLongCell = 2;
const longRunUs = 5000;

/**
 * Measures what runs of one row, two, four ... cost, until more rows do not pay, a run becomes long, or the time is over.
 * @param mostRows a bound on the rows
 * @param budgetMs time for all of it
 * @param lengthOf elements of a row that the caller chooses the number of, for a size of the varying dimensions; see RunCost
 */
export async function measureCosts(
  runs: TrialRuns,
  mostRows: number,
  budgetMs: number,
  lengthOf: (dimension: number) => number,
): Promise<MeasuredCosts> {
  const endMs = performance.now() + budgetMs;
  const dimension = await usualDimension(runs);
  const costs: RunCost[] = [];
  let bestRows = 1;
  let bestRowUs = Infinity;
  for (let rows = 1; rows <= mostRows; rows *= 2) {
    let leastUs = Infinity;
    for (let count = 0; count < runsOfCell && (count === 0 || performance.now() < endMs); count++) {
      const answer = await runs.answer({ rows, dimension }, count);
      if (answer === undefined) return { costs, bestRows };
      leastUs = Math.min(leastUs, answer.costUs);
      if (leastUs > longRunUs && count + 1 >= runsOfLongCell) break;
    }
    if (rows > 1 && leastUs > maxBatchRunUs) break;
    costs.push({ rows, length: lengthOf(dimension), runUs: leastUs });
    if (leastUs / rows > bestRowUs * (1 - leastGain) && rows > 8) break;
    if (leastUs / rows < bestRowUs) [bestRows, bestRowUs] = [rows, leastUs / rows];
    if (performance.now() > endMs) break;
  }
  return { costs, bestRows };
}

async function usualDimension(runs: TrialRuns): Promise<number> {
  if (!runs.hasVaryingRest) return runs.dimensions[0] ?? 1;
  for (const dimension of usualDimensions) {
    if ((await runs.answer({ rows: 1, dimension })) !== undefined) return dimension;
  }
  return runs.dimensions[0] ?? 1;
}
