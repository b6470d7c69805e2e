import { float32Values, int64Tensor, type TaskContext, type TaskModelFiles } from '@tributary/engine/task';
import { refusal } from '../refusals';

const likedInput = 'liked';
const itemsInput = 'items';
const scoresOutput = 'scores';
const contributionsOutput = 'contributions';

/** Row that stands for no item: it adds nothing. */
const padding = -1;

/**
 * Score of every item, by row, for somebody who liked these rows.
 * @throws TributaryError MODEL_UNSUPPORTED where the graph scores another number of items than there are
 */
export async function scoreItems(liked: readonly number[], rows: number, context: TaskContext): Promise<Float32Array> {
  const { outputs } = await context.infer(inputs(liked, []), { outputs: [scoresOutput] });
  const scores = float32Values(outputs.get(scoresOutput)!);
  if (scores.length !== rows)
    throw refusal('MODEL_UNSUPPORTED', { problem: `it scores ${scores.length} items, but ${rows} are described` });
  return scores;
}

/** What each liked row adds to the scores of each of `asked`: a function of their places in the two lists. */
export async function explainScores(
  liked: readonly number[],
  asked: readonly number[],
  context: TaskContext,
): Promise<(likedPlace: number, askedPlace: number) => number> {
  const { outputs } = await context.infer(inputs(liked, asked), { outputs: [contributionsOutput] });
  const values = float32Values(outputs.get(contributionsOutput)!);
  const columns = paddedLength(asked.length);
  const expected = paddedLength(liked.length) * columns;
  if (values.length !== expected)
    throw refusal('MODEL_UNSUPPORTED', {
      problem: `it gives ${values.length} contributions where ${expected} are expected`,
    });
  return (likedPlace, askedPlace) => values[likedPlace * columns + askedPlace]!;
}

/** Throws where the graph is not INT64 `liked` [batch, n], `items` [batch, m] to FP32 `scores` [batch, rows], `contributions` [batch, n, m]. */
export function checkGraph({ inputs, outputs }: TaskModelFiles<unknown>, rows: number): void {
  for (const name of [likedInput, itemsInput]) {
    const input = inputs.find((spec) => spec.name === name);
    if (input?.datatype !== 'INT64' || input.shape.length !== 2)
      throw refusal('MODEL_UNSUPPORTED', { problem: `expected an input '${name}', INT64 [batch,n]` });
  }
  if (inputs.length > 2)
    throw refusal('MODEL_UNSUPPORTED', { problem: `expected no input beside '${likedInput}' and '${itemsInput}'` });
  const scores = outputs.find((spec) => spec.name === scoresOutput);
  if (scores?.datatype !== 'FP32' || scores.shape.length !== 2 || ![-1, rows].includes(scores.shape[1]!)) {
    const problem = `expected an output '${scoresOutput}', FP32 [batch,${rows}], one score for each of the ${rows} items described`;
    throw refusal('MODEL_UNSUPPORTED', { problem });
  }
  const contributions = outputs.find((spec) => spec.name === contributionsOutput);
  if (contributions?.datatype !== 'FP32' || contributions.shape.length !== 3) {
    throw refusal('MODEL_UNSUPPORTED', { problem: `expected an output '${contributionsOutput}', FP32 [batch,n,m]` });
  }
}

function inputs(liked: readonly number[], asked: readonly number[]): Parameters<TaskContext['infer']>[0] {
  return new Map([
    [likedInput, padded(liked)],
    [itemsInput, padded(asked)],
  ]);
}

/** One batch row, padded to a power of two so that calls of different people have equal shapes often enough to share a batch. */
function padded(rows: readonly number[]): ReturnType<typeof int64Tensor> {
  const values = new Int32Array(paddedLength(rows.length)).fill(padding);
  values.set(rows);
  return int64Tensor([1, values.length], values);
}

function paddedLength(length: number): number {
  return 2 ** Math.ceil(Math.log2(Math.max(1, length)));
}
