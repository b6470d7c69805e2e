import { GraphBuilder } from './graph-builder';

/** Values of an answer: 4 MiB in FP32. */
export const wideAnswerValues = 1_048_576;

/** `values` FP32 [1, 1048576], every one of them `value` FP32 [1, 1]: a small question with an answer of some megabytes. */
export function wideAnswer(): Uint8Array {
  const graph = new GraphBuilder(5);
  graph.op('Expand', ['value', graph.integers(1, wideAnswerValues)], [], 'values');
  return graph.finish({
    inputs: [{ name: 'value', datatype: 'FP32', shape: [1, 1] }],
    outputs: [{ name: 'values', datatype: 'FP32', shape: [1, wideAnswerValues] }],
  });
}
