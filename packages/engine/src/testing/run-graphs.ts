import { onnxModel, type OnnxAttribute, type OnnxNode } from './onnx-model';

/** `quotient` = `a` / `b`, INT64 [n]. The lowest number divided by -1 ends the process with SIGFPE, as division by zero does. */
export function divide(): Uint8Array {
  return onnxModel({
    inputs: [
      { name: 'a', datatype: 'INT64', shape: ['n'] },
      { name: 'b', datatype: 'INT64', shape: ['n'] },
    ],
    outputs: [{ name: 'quotient', datatype: 'INT64', shape: ['n'] }],
    nodes: [{ op: 'Div', inputs: ['a', 'b'], outputs: ['quotient'] }],
  });
}

/** Body of a Loop that goes on as long as it is told and keeps its `state` FP32 [n]. */
export function loopBody(): Extract<OnnxAttribute, { graph: unknown }>['graph'] {
  return {
    inputs: [
      { name: 'round', datatype: 'INT64', shape: [] },
      { name: 'going', datatype: 'BOOL', shape: [] },
      { name: 'state', datatype: 'FP32', shape: ['n'] },
    ],
    outputs: [
      { name: 'goes_on', datatype: 'BOOL', shape: [] },
      { name: 'next_state', datatype: 'FP32', shape: ['n'] },
    ],
    nodes: [
      { op: 'Identity', inputs: ['going'], outputs: ['goes_on'] },
      { op: 'Identity', inputs: ['state'], outputs: ['next_state'] },
    ],
  };
}

/** Never ends, whatever `input` FP32 [n] is. */
export function alwaysEndless(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['n'] }],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['n'] }],
    nodes: [
      {
        op: 'Loop',
        inputs: ['', 'yes', 'input'],
        outputs: ['output'],
        attributes: [
          {
            name: 'body',
            graph: loopBody(),
          },
        ],
      },
    ],
    initializers: [{ name: 'yes', datatype: 'BOOL', shape: [], data: Uint8Array.of(1) }],
  });
}

/** A division of constants that ends the process while the graph is optimised, which is while it is loaded. */
export function divideAtLoad(): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'INT64', shape: ['n'] }],
    outputs: [{ name: 'output', datatype: 'INT64', shape: ['n'] }],
    nodes: [
      { op: 'Div', inputs: ['lowest', 'minus'], outputs: ['quotient'] },
      { op: 'Add', inputs: ['input', 'quotient'], outputs: ['output'] },
    ],
    initializers: [
      { name: 'lowest', datatype: 'INT64', shape: [1], data: BigInt64Array.of(-(2n ** 63n)) },
      { name: 'minus', datatype: 'INT64', shape: [1], data: BigInt64Array.of(-1n) },
    ],
  });
}

/** `output` FP32 is the number `input` [1] as often as `size` INT64 [1] says. */
export function expand(): Uint8Array {
  return onnxModel({
    inputs: [
      { name: 'input', datatype: 'FP32', shape: [1] },
      { name: 'size', datatype: 'INT64', shape: [1] },
    ],
    outputs: [{ name: 'output', datatype: 'FP32', shape: ['n'] }],
    nodes: [{ op: 'Expand', inputs: ['input', 'size'], outputs: ['output'] }],
  });
}

/** `scores` is a sequence of maps from the classes to `input` FP32 [rows, classes]. */
export function zipMap(classes: readonly number[]): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['rows', classes.length] }],
    outputs: [{ name: 'scores', datatype: 'table', shape: null }],
    nodes: [
      {
        op: 'ZipMap',
        domain: 'ai.onnx.ml',
        inputs: ['input'],
        outputs: ['scores'],
        attributes: [{ name: 'classlabels_int64s', ints: classes }],
      },
    ],
  });
}

/** `parts` is a sequence of `input` FP32 [rows, 2] in pieces of at most so many rows. */
export function split(rows: number): Uint8Array {
  return onnxModel({
    inputs: [{ name: 'input', datatype: 'FP32', shape: ['rows', 2] }],
    outputs: [{ name: 'parts', datatype: 'sequence', shape: ['piece', 2] }],
    nodes: [
      { op: 'SplitToSequence', inputs: ['input', 'size'], outputs: ['parts'], attributes: [{ name: 'axis', int: 0 }] },
    ],
    initializers: [{ name: 'size', datatype: 'INT64', shape: [], data: BigInt64Array.of(BigInt(rows)) }],
  });
}

/** `sum` = `input` + `bias`, FP32 [2]; `bias` may be left out and is [10, 20] then. */
export function optionalBias(): Uint8Array {
  return onnxModel({
    inputs: [
      { name: 'input', datatype: 'FP32', shape: [2] },
      { name: 'bias', datatype: 'FP32', shape: [2] },
    ],
    outputs: [{ name: 'sum', datatype: 'FP32', shape: [2] }],
    nodes: [{ op: 'Add', inputs: ['input', 'bias'], outputs: ['sum'] }],
    initializers: [{ name: 'bias', datatype: 'FP32', shape: [2], data: Float32Array.of(10, 20) }],
  });
}

/** Outputs `output0`, `output1` ... are the negatives of `input0`, `input1` ..., FP32 [n]. */
export function negateMany(count: number): Uint8Array {
  const numbers = Array.from({ length: count }, (_, index) => index);
  const nodes = numbers.map((n): OnnxNode => ({ op: 'Neg', inputs: [`input${n}`], outputs: [`output${n}`] }));
  return onnxModel({
    inputs: numbers.map((n) => ({ name: `input${n}`, datatype: 'FP32', shape: ['n'] })),
    outputs: numbers.map((n) => ({ name: `output${n}`, datatype: 'FP32', shape: ['n'] })),
    nodes,
  });
}
