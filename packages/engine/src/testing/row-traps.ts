import { fp32s, int64s, int64Scalar, node, subgraph, type BuiltGraph } from './build-graph';

// Long because each trap is a graph of its own, and they are read side by side.

/** A graph whose rows meet in a way that is easily missed. */
export interface RowTrap {
  readonly name: string;
  readonly graph: BuiltGraph;
  /** What the row proof must say of it. */
  readonly why: string;
}

/** Graphs made to deceive a proof that rows stay apart. Each was once believed, or nearly, by a proof or a probe. */
export const rowTraps: readonly RowTrap[] = [
  {
    name: 'a matrix added to its transpose',
    why: "Add 'y' joins rows with other rows: they lie on different axes",
    graph: { nodes: [node('Transpose', ['x'], ['t']), node('Add', ['x', 't'], ['y'])], inputs: { x: ['N', 'S'] } },
  },
  {
    name: 'a constant with a line for each row',
    why: "Add 'y' meets the row axis with a size of 3 that is the same for all rows",
    graph: { nodes: [node('Add', ['x', 'c'], ['y'])], constants: { c: fp32s([3, 1], [1.0, 2.0, 3.0]) } },
  },
  {
    name: 'a constant line below the rows',
    why: "Concat 'y' joins something to the rows",
    graph: { nodes: [node('Concat', ['x', 'c'], ['y'], { axis: 0 })], constants: { c: fp32s([1, 4]) } },
  },
  {
    name: 'a constant line beside the rows',
    why: "Concat 'y' joins rows with what is the same for all of them",
    graph: { nodes: [node('Concat', ['x', 'c'], ['y'], { axis: 1 })], constants: { c: fp32s([1, 4]) } },
  },
  {
    name: 'lines of eight out of rows of four',
    why: "Reshape 'y' reshapes rows from [N, 4] (rows on axis 0) to [?, 8]",
    graph: { nodes: [node('Reshape', ['x', 's'], ['y'])], constants: { s: int64s(-1, 8) } },
  },
  {
    name: 'the two axes renamed by a reshape',
    why: "Reshape 'y' reshapes rows from [N, 'S'] (rows on axis 0) to ['S', N]",
    graph: {
      nodes: [node('Shape', ['x'], ['s']), node('Gather', ['s', 'k'], ['q']), node('Reshape', ['x', 'q'], ['y'])],
      inputs: { x: ['N', 'S'] },
      constants: { k: int64s(1, 0) },
    },
  },
  {
    name: 'rows repeated and then folded as if each copy stood beside its row',
    why: "Reshape 'b' reshapes rows from [2*N, 4] (rows on axis 0) to [N, 2, 4]",
    graph: {
      nodes: [
        node('Tile', ['x', 't'], ['a']),
        node('Reshape', ['a', 's'], ['b']),
        node('ReduceMax', ['b'], ['y'], { axes: [1], keepdims: 0 }),
      ],
      constants: { t: int64s(2, 1), s: int64s(-1, 2, 4) },
    },
  },
  {
    name: 'the number of the row added to it',
    why: "Add 'y' depends on the position of the row",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Cast', ['r'], ['f'], { to: 1 }),
        node('Unsqueeze', ['f', 'u'], ['q']),
        node('Add', ['x', 'q'], ['y']),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0), u: int64s(1) },
    },
  },
  {
    name: 'a table looked up by the number of the row',
    why: "Gather 'e' depends on the position of the row",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Gather', ['table', 'r'], ['e']),
        node('Add', ['x', 'e'], ['y']),
      ],
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        table: fp32s([64, 4]),
      },
    },
  },
  {
    name: 'a division by the number of rows',
    why: "Div 'y' depends on the number of rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Cast', ['n'], ['f'], { to: 1 }),
        node('Div', ['x', 'f'], ['y']),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'a branch for a single row',
    why: "If 'y' has a condition that depends on the number of rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Equal', ['n', 'one'], ['c']),
        node('If', ['c'], ['y'], {
          else_branch: { graph: subgraph([node('Abs', ['x'], ['b'])]) },
          then_branch: { graph: subgraph([node('Neg', ['x'], ['a'])]) },
        }),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'a choice by the number of rows',
    why: "Where 'y' depends on the number of rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Greater', ['n', 'one'], ['c']),
        node('Neg', ['x'], ['m']),
        node('Where', ['c', 'x', 'm'], ['y']),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'a squeeze of whatever is one',
    why: "Squeeze 'a' squeezes whatever is 1",
    graph: {
      nodes: [node('Squeeze', ['x'], ['a']), node('Reshape', ['a', 's'], ['y'])],
      inputs: { x: ['N', 1, 4] },
      constants: { s: int64s(-1, 4) },
    },
  },
  {
    name: 'rows multiplied by rows',
    why: "MatMul 'p' multiplies rows by rows",
    graph: {
      nodes: [node('Transpose', ['x'], ['t']), node('MatMul', ['x', 't'], ['p']), node('MatMul', ['p', 'x'], ['y'])],
    },
  },
  {
    name: 'attention whose tokens are the rows',
    why: "MatMul 'p' multiplies rows by rows",
    graph: {
      nodes: [
        node('Transpose', ['x'], ['a'], { perm: [1, 0, 2] }),
        node('Transpose', ['x'], ['b'], { perm: [1, 2, 0] }),
        node('MatMul', ['a', 'b'], ['p']),
        node('Softmax', ['p'], ['q']),
        node('MatMul', ['q', 'a'], ['z']),
        node('Transpose', ['z'], ['y'], { perm: [1, 0, 2] }),
      ],
      inputs: { x: ['N', 'S', 8] },
    },
  },
  {
    name: 'the flat place of the next row',
    why: "Gather 'y' picks rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Shape', ['x'], ['ms']),
        node('Gather', ['ms', 'k1'], ['m']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Mul', ['r', 'm'], ['p']),
        node('Add', ['p', 'm'], ['q']),
        node('Reshape', ['x', 'fl'], ['f']),
        node('Gather', ['f', 'q'], ['y']),
      ],
      inputs: { x: ['N', 'S'] },
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0), fl: int64s(-1) },
    },
  },
  {
    name: 'a flat place computed with the length of another input',
    why: "Gather 'y' picks rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Shape', ['z'], ['ms']),
        node('Gather', ['ms', 'k1'], ['m']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Mul', ['r', 'm'], ['q']),
        node('Reshape', ['x', 'fl'], ['f']),
        node('Gather', ['f', 'q'], ['y']),
      ],
      inputs: { x: ['N', 'S'], z: ['N', 'T'] },
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0), fl: int64s(-1) },
    },
  },
  {
    name: 'rows in reverse by their numbers',
    why: "Gather 'y' picks rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Sub', ['n', 'one'], ['l']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Sub', ['l', 'r'], ['q']),
        node('Gather', ['x', 'q'], ['y']),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'rows shifted round by a remainder',
    why: "Gather 'y' picks rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Add', ['r', 'one'], ['p']),
        node('Mod', ['p', 'n'], ['q']),
        node('Gather', ['x', 'q'], ['y']),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'rows in reverse by a slice',
    why: "Slice 'y' cuts the row axis",
    graph: {
      nodes: [node('Slice', ['x', 'a', 'b', 'ax', 'st'], ['y'])],
      constants: { a: int64s(-1), b: int64s(-(2 ** 63)), ax: int64s(0), st: int64s(-1) },
    },
  },
  {
    name: 'the old Softmax from axis 0 on',
    why: "Softmax 'y' over the row axis",
    graph: { nodes: [node('Softmax', ['x'], ['y'], { axis: 0 })], opset: 11 },
  },
  {
    name: 'the old Softmax from the middle of a turned batch',
    why: "Softmax 'q' over the row axis",
    graph: {
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
        node('Softmax', ['t'], ['q'], { axis: 1 }),
        node('Transpose', ['q'], ['y'], { perm: [1, 0, 2] }),
      ],
      inputs: { x: ['N', 'S', 8] },
      opset: 11,
    },
  },
  {
    name: 'a recurrent network whose time is the rows',
    why: "LSTM 'y' takes the row axis for time",
    graph: {
      nodes: [node('LSTM', ['x', 'w', 'r'], ['y', 'h'], { hidden_size: 2 })],
      inputs: { x: ['N', 'S', 8] },
      constants: { w: fp32s([1, 8, 8]), r: fp32s([1, 8, 2]) },
    },
  },
  {
    name: 'mean and variance over the default axes',
    why: "MeanVarianceNormalization 'y' over the row axis",
    graph: { nodes: [node('MeanVarianceNormalization', ['x'], ['y'])], inputs: { x: ['N', 3, 4, 4] } },
  },
  {
    name: 'batch normalisation that trains',
    why: "BatchNormalization 'y' is in training mode: it normalises over the row axis",
    graph: {
      nodes: [node('BatchNormalization', ['x', 'a', 'a', 'a', 'a'], ['y', 'm', 'v'], { training_mode: 1 })],
      constants: { a: fp32s([4]) },
    },
  },
  {
    name: 'instance normalisation of a turned batch',
    why: "InstanceNormalization 'q' takes another axis than that of the rows for the batch",
    graph: {
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [1, 2, 0] }),
        node('InstanceNormalization', ['t', 'a', 'b'], ['q']),
        node('Transpose', ['q'], ['y'], { perm: [2, 0, 1] }),
      ],
      inputs: { x: ['N', 'S', 2] },
      constants: { a: fp32s([2]), b: fp32s([2]) },
    },
  },
  {
    name: 'a convolution along the rows',
    why: "Conv 'q' takes another axis than that of the rows for the batch",
    graph: {
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [1, 2, 0] }),
        node('Conv', ['t', 'w'], ['q'], { pads: [1, 1] }),
        node('Transpose', ['q'], ['y'], { perm: [2, 0, 1] }),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: { w: fp32s([8, 8, 3]) },
    },
  },
  {
    name: 'the places of maxima, counted through the batch',
    why: "MaxPool 'p' counts places over all rows",
    graph: { nodes: [node('MaxPool', ['x'], ['p', 'y'], { kernel_shape: [2, 2] })], inputs: { x: ['N', 3, 4, 4] } },
  },
  {
    name: 'a dot product of every row with every other',
    why: "Einsum 'y' joins rows with other rows",
    graph: { nodes: [node('Einsum', ['x', 'x'], ['y'], { equation: 'na,ma->nm' })] },
  },
  {
    name: 'a scale for each row',
    why: "DequantizeLinear 'y' has a scale for each row",
    graph: {
      nodes: [node('DequantizeLinear', ['x', 's'], ['y'], { axis: 0 })],
      inputs: { x: ['UINT8', ['N', 4]] },
      constants: { s: fp32s([3], [1.0, 2.0, 3.0]) },
    },
  },
  {
    name: 'a scale taken from the whole batch',
    why: "DynamicQuantizeLinear 'q' takes its scale over all rows",
    graph: {
      nodes: [node('DynamicQuantizeLinear', ['x'], ['q', 's', 'z']), node('DequantizeLinear', ['q', 's', 'z'], ['y'])],
    },
  },
  {
    name: 'a running sum along the rows by a negative axis',
    why: "CumSum 'y' over the row axis",
    graph: {
      nodes: [node('CumSum', ['x', 'a'], ['y'])],
      constants: { a: { datatype: 'INT32', shape: [], data: Int32Array.of(-2) } },
    },
  },
  {
    name: 'a loop whose rounds take the mean of all',
    why: "ReduceMean 'm' over the row axis",
    graph: {
      nodes: [
        node('Loop', ['three', '', 'x'], ['y'], {
          body: {
            graph: subgraph(
              [node('Identity', ['c'], ['c2']), node('ReduceMean', ['s'], ['m']), node('Add', ['s', 'm'], ['s2'])],
              ['c2', 's2'],
              [
                { name: 'i', datatype: 'INT64', shape: [] },
                { name: 'c', datatype: 'BOOL', shape: [] },
                { name: 's', datatype: 'FP32', shape: null },
              ],
            ),
          },
        }),
      ],
      constants: { three: int64Scalar(3) },
    },
  },
  {
    name: 'a loop that ends when the greatest of all is small',
    why: "Loop 'y' has an end that is not the same for all rows: ReduceMax 'm' over the row axis",
    graph: {
      nodes: [
        node('Loop', ['', 'true', 'x'], ['y'], {
          body: {
            graph: subgraph(
              [
                node('Mul', ['s', 'half'], ['s2']),
                node('ReduceMax', ['s2'], ['m'], { keepdims: 0 }),
                node('Greater', ['m', 'half'], ['c2']),
              ],
              ['c2', 's2'],
              [
                { name: 'i', datatype: 'INT64', shape: [] },
                { name: 'c', datatype: 'BOOL', shape: [] },
                { name: 's', datatype: 'FP32', shape: null },
              ],
            ),
          },
        }),
      ],
      constants: { half: fp32s([], [0.5]), true: { datatype: 'BOOL', shape: [], data: Uint8Array.of(1) } },
    },
  },
  {
    name: 'as many rounds as rows',
    why: "Loop 'y' has a number of rounds that depends on the number of rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Loop', ['n', '', 'x'], ['y'], {
          body: {
            graph: subgraph(
              [node('Identity', ['c'], ['c2']), node('Add', ['s', 's'], ['s2'])],
              ['c2', 's2'],
              [
                { name: 'i', datatype: 'INT64', shape: [] },
                { name: 'c', datatype: 'BOOL', shape: [] },
                { name: 's', datatype: 'FP32', shape: null },
              ],
            ),
          },
        }),
      ],
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'random noise',
    why: "RandomNormalLike 'q' answers at random",
    graph: { nodes: [node('RandomNormalLike', ['x'], ['q']), node('Add', ['x', 'q'], ['y'])] },
  },
  {
    name: 'a cut at the longest length',
    why: "ReduceMax 'm' over the row axis",
    graph: {
      nodes: [node('ReduceMax', ['len'], ['m'], { keepdims: 1 }), node('Slice', ['x', 'z', 'm', 'ax'], ['y'])],
      inputs: { x: ['N', 'S'], len: ['INT64', ['N']] },
      constants: { z: int64s(0), ax: int64s(1) },
    },
  },
  {
    name: 'a sum over axes that the caller chooses',
    why: "input 'ax' has a fixed first dimension, 1",
    graph: { nodes: [node('ReduceSum', ['x', 'ax'], ['y'])], inputs: { x: ['N', 'S'], ax: ['INT64', [1]] } },
  },
  {
    name: 'Softmax over the rows in a function, by an attribute of its call',
    why: "Softmax 'b' over the row axis",
    graph: {
      nodes: [node('own:F', ['x'], ['y'], { axis: 0 })],
      functions: [
        {
          name: 'F',
          domain: 'own',
          inputs: ['a'],
          outputs: ['b'],
          nodes: [node('Softmax', ['a'], ['b'], { axis: { reference: 'axis' } })],
        },
      ],
    },
  },
  {
    name: 'a branch by the greatest of all rows',
    why: "ReduceMax 'e' over the row axis",
    graph: {
      nodes: [
        node('Greater', ['x', 'c'], ['q']),
        node('Cast', ['q'], ['w'], { to: 1 }),
        node('ReduceMax', ['w'], ['e'], { keepdims: 0 }),
        node('Cast', ['e'], ['b'], { to: 9 }),
        node('If', ['b'], ['y'], {
          else_branch: { graph: subgraph([node('Abs', ['x'], ['d'])]) },
          then_branch: { graph: subgraph([node('Neg', ['x'], ['a'])]) },
        }),
      ],
      constants: { c: fp32s([], [3.0]) },
    },
  },
  {
    name: 'two square matrices of which one is turned',
    why: "Where 'y' joins rows with other rows: they lie on different axes",
    graph: {
      nodes: [node('Transpose', ['m'], ['t']), node('Where', ['t', 'x', 'c'], ['y'])],
      inputs: { x: ['N', 'N'], m: ['BOOL', ['N', 'N']] },
      constants: { c: fp32s([], [0.0]) },
    },
  },
  {
    name: 'a scatter along the rows',
    why: "ScatterElements 'y' puts elements across rows",
    graph: {
      nodes: [node('ScatterElements', ['x', 'i', 'u'], ['y'], { axis: 0 })],
      inputs: { x: ['N', 4], i: ['INT64', ['N', 4]], u: ['N', 4] },
    },
  },
  {
    name: 'the best of all rows',
    why: "TopK 'y' over the row axis",
    graph: { nodes: [node('TopK', ['x', 'k'], ['y', 'i'], { axis: 0 })], constants: { k: int64s(1) } },
  },
  {
    name: 'rows expanded to a length that all share',
    why: "Expand 'y' expands rows to 'S'",
    graph: {
      nodes: [
        node('Shape', ['z'], ['s']),
        node('Gather', ['s', 'k'], ['l']),
        node('Concat', ['l', 'o'], ['t'], { axis: 0 }),
        node('Expand', ['x', 't'], ['y']),
      ],
      inputs: { x: ['N', 4], z: ['N', 'S'] },
      constants: { k: int64s(1), o: int64s(4) },
    },
  },
  {
    name: 'a floor where a ceiling is needed',
    why: "Reshape 'y' reshapes rows from [N, min(to floor(divide('S',2)),'S')] (rows on axis 0) to [?, to ceil(divide('S',2))]",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k1'], ['n']),
        node('Cast', ['n'], ['f'], { to: 1 }),
        node('Div', ['f', 'half'], ['h']),
        node('Floor', ['h'], ['lo']),
        node('Ceil', ['h'], ['up']),
        node('Cast', ['lo'], ['l'], { to: 7 }),
        node('Cast', ['up'], ['u'], { to: 7 }),
        node('Unsqueeze', ['l', 'z'], ['l1']),
        node('Unsqueeze', ['u', 'z'], ['u1']),
        node('Slice', ['x', 'z', 'l1', 'o'], ['t']),
        node('Concat', ['m', 'u1'], ['s'], { axis: 0 }),
        node('Reshape', ['t', 's'], ['y']),
      ],
      inputs: { x: ['N', 'S'] },
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        half: fp32s([], [2.0]),
        z: int64s(0),
        o: int64s(1),
        m: int64s(-1),
      },
    },
  },
  {
    name: 'a size that passes through eight bits',
    why: "Reshape 'y' reshapes rows from [N, 'S'] (rows on axis 0) to [?, ?]",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k1'], ['n']),
        node('Cast', ['n'], ['b'], { to: 2 }),
        node('Cast', ['b'], ['l'], { to: 7 }),
        node('Unsqueeze', ['l', 'z'], ['l1']),
        node('Concat', ['m', 'l1'], ['s'], { axis: 0 }),
        node('Reshape', ['x', 's'], ['y']),
      ],
      inputs: { x: ['N', 'S'] },
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        z: int64s(0),
        m: int64s(-1),
      },
    },
  },
  {
    name: 'an output without rows',
    why: "output 'y' does not hold rows",
    graph: { nodes: [node('Identity', ['c'], ['y'])], constants: { c: fp32s([1]) } },
  },
  {
    name: 'words padded to the longest row',
    why: "StringSplit 'y' pads to the longest row",
    graph: {
      nodes: [node('StringSplit', ['x'], ['y', 'n'], { delimiter: ' ' })],
      inputs: { x: ['BYTES', ['N']] },
      opset: 20,
    },
  },
  {
    name: 'as many classes as rows',
    why: "OneHot 'y' depends on the number of rows",
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('OneHot', ['i', 'n', 'v'], ['y']),
      ],
      inputs: { x: ['N', 4], i: ['INT64', ['N']] },
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        v: fp32s([2], [0.0, 1.0]),
      },
    },
  },
  {
    name: 'a product of turned batches',
    why: "MatMul 'y' multiplies rows by rows",
    graph: {
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
        node('Transpose', ['x'], ['u'], { perm: [0, 2, 1] }),
        node('MatMul', ['t', 'u'], ['y']),
      ],
      inputs: { x: ['N', 'N', 8] },
    },
  },
  {
    name: 'a first dimension that is a number',
    why: "input 'x' has a fixed first dimension, 1",
    graph: { nodes: [node('Neg', ['x'], ['y'])], inputs: { x: [1, 4] } },
  },
  {
    name: 'an operand without dimensions',
    why: "input 's' has no first dimension",
    graph: { nodes: [node('Mul', ['x', 's'], ['y'])], inputs: { x: ['N', 4], s: [] } },
  },
  {
    name: 'a floor 80 below the greatest of all rows',
    why: "ReduceMax 'm' over the row axis",
    graph: {
      nodes: [
        node('ReduceMax', ['x'], ['m'], { keepdims: 0 }),
        node('Sub', ['m', 'e80'], ['f']),
        node('Max', ['x', 'f'], ['y']),
      ],
      inputs: { x: ['N', 64, 'length'] },
      constants: { e80: fp32s([], [80.0]) },
    },
  },
  {
    name: 'a mask as long as the longest row',
    why: "ReduceMax 'l' over the row axis",
    graph: {
      nodes: [
        node('ReduceMax', ['len'], ['l'], { keepdims: 0 }),
        node('Max', ['l', 'one'], ['m']),
        node('Less', ['at', 'm'], ['k']),
        node('Cast', ['k'], ['kf'], { to: 1 }),
        node('Mul', ['x', 'kf'], ['xm']),
        node('ReduceSum', ['xm', 'ax'], ['s'], { keepdims: 0 }),
        node('Cast', ['m'], ['mf'], { to: 1 }),
        node('Div', ['s', 'mf'], ['y']),
      ],
      inputs: { x: ['N', 6], len: ['INT64', ['N']] },
      constants: { one: int64Scalar(1), at: int64s(0, 1, 2, 3, 4, 5), ax: int64s(1) },
    },
  },
  {
    name: 'a mean under the masks of all rows',
    why: "ReduceSum 's' over the row axis",
    graph: {
      nodes: [
        node('Cast', ['mask'], ['f'], { to: 1 }),
        node('Mul', ['x', 'f'], ['xm']),
        node('ReduceSum', ['f'], ['s'], { keepdims: 0 }),
        node('Div', ['xm', 's'], ['y']),
      ],
      inputs: { x: ['N', 'length'], mask: ['BOOL', ['N', 'length']] },
    },
  },
  {
    name: 'a choice that falls where any row is infinite',
    why: "ReduceMax 'm' over the row axis",
    graph: {
      nodes: [
        node('IsInf', ['x'], ['i']),
        node('Cast', ['i'], ['f'], { to: 1 }),
        node('ReduceMax', ['f'], ['m'], { keepdims: 0 }),
        node('Greater', ['m', 'half'], ['g']),
        node('Clip', ['x', 'lo', 'hi'], ['c']),
        node('Where', ['g', 'c', 'x'], ['y']),
      ],
      constants: { half: fp32s([], [0.5]), lo: fp32s([], [-10.0]), hi: fp32s([], [10.0]) },
    },
  },
  {
    name: 'each row compared with the one before it',
    why: "Slice 'p' cuts the row axis",
    graph: {
      nodes: [
        node('ArgMax', ['x'], ['a'], { axis: 1, keepdims: 0 }),
        node('Slice', ['a', 'z', 'minus', 'ax'], ['p']),
        node('Concat', ['none', 'p'], ['before'], { axis: 0 }),
        node('Equal', ['a', 'before'], ['e']),
        node('Not', ['e'], ['y']),
      ],
      inputs: { x: ['N', 29] },
      constants: { z: int64s(0), minus: int64s(-1), ax: int64s(0), none: int64s(-1) },
    },
  },
  {
    name: 'a mean of all rows beside one constant column that outgrows it',
    why: "ReduceMean 'm' over the row axis",
    graph: {
      nodes: [
        node('ReduceMean', ['x'], ['m'], { keepdims: 0 }),
        node('Sub', ['x', 'm'], ['z']),
        node('Mul', ['x', 'zero'], ['o']),
        node('ReduceSum', ['o', 'ax'], ['p']),
        node('Add', ['p', 'low'], ['l']),
        node('Concat', ['z', 'l'], ['y'], { axis: 1 }),
      ],
      constants: { zero: fp32s([], [0.0]), low: fp32s([], [-3.4e38]), ax: int64s(1) },
    },
  },
];

/** Graphs that look as if rows met, and are as exporters write them. */
export const harmlessGraphs: readonly Omit<RowTrap, 'why'>[] = [
  {
    name: 'heads folded into the batch and out of it',
    graph: {
      nodes: [
        node('Reshape', ['x', 'a'], ['p']),
        node('Transpose', ['p'], ['q'], { perm: [0, 2, 1, 3] }),
        node('Shape', ['q'], ['s']),
        node('Reshape', ['q', 'b'], ['f']),
        node('Softmax', ['f'], ['e']),
        node('Reshape', ['e', 's'], ['u']),
        node('Transpose', ['u'], ['v'], { perm: [0, 2, 1, 3] }),
        node('Reshape', ['v', 'c'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: { a: int64s(0, 0, 2, 4), b: int64s(-1, 1, 4), c: int64s(0, 0, -1) },
    },
  },
  {
    name: 'time before the batch, inside',
    graph: {
      nodes: [
        node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
        node('LSTM', ['t', 'w', 'r'], ['o', 'h'], { hidden_size: 2 }),
        node('Squeeze', ['h', 'z'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: { w: fp32s([1, 8, 8]), r: fp32s([1, 8, 2]), z: int64s(0) },
    },
  },
  {
    name: 'positions by a range over the length',
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k1'], ['n']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Gather', ['t', 'r'], ['e']),
        node('Add', ['x', 'e'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        t: fp32s([64, 8]),
      },
    },
  },
  {
    name: 'the last token of each row, by its number',
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Unsqueeze', ['r', 'u'], ['a']),
        node('Unsqueeze', ['len', 'u'], ['b']),
        node('Concat', ['a', 'b'], ['i'], { axis: 1 }),
        node('GatherND', ['x', 'i'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8], len: ['INT64', ['N']] },
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0), u: int64s(1) },
    },
  },
  {
    name: 'the best token of each row, by its flat place',
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Shape', ['x'], ['ms']),
        node('Gather', ['ms', 'k1'], ['m']),
        node('Range', ['zero', 'n', 'one'], ['r']),
        node('Mul', ['r', 'm'], ['p']),
        node('ReduceMax', ['x'], ['z'], { axes: [2], keepdims: 0 }),
        node('ArgMax', ['z'], ['a'], { axis: 1, keepdims: 0 }),
        node('Add', ['p', 'a'], ['q']),
        node('Reshape', ['x', 'fl'], ['f']),
        node('Gather', ['f', 'q'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        fl: int64s(-1, 8),
      },
    },
  },
  {
    name: 'a mean under a mask',
    graph: {
      nodes: [
        node('Cast', ['m'], ['f'], { to: 1 }),
        node('Unsqueeze', ['f', 'u'], ['g']),
        node('Mul', ['x', 'g'], ['p']),
        node('ReduceSum', ['p', 'k1'], ['s'], { keepdims: 0 }),
        node('ReduceSum', ['g', 'k1'], ['c'], { keepdims: 0 }),
        node('Div', ['s', 'c'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8], m: ['INT64', ['N', 'S']] },
      constants: { u: int64s(-1), k1: int64s(1) },
    },
  },
  {
    name: 'a first state of zeros, one for each row',
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k0'], ['n']),
        node('Unsqueeze', ['n', 'z0'], ['n1']),
        node('Concat', ['o', 'n1', 'two'], ['s'], { axis: 0 }),
        node('ConstantOfShape', ['s'], ['h0']),
        node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
        node('LSTM', ['t', 'w', 'r', '', '', 'h0', 'h0'], ['o1', 'h'], { hidden_size: 2 }),
        node('Squeeze', ['h', 'z0'], ['y']),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: {
        k0: int64Scalar(0),
        k1: int64Scalar(1),
        one: int64Scalar(1),
        zero: int64Scalar(0),
        z0: int64s(0),
        o: int64s(1),
        two: int64s(2),
        w: fp32s([1, 8, 8]),
        r: fp32s([1, 8, 2]),
      },
    },
  },
  {
    name: 'the batch twice, halved again',
    graph: {
      nodes: [
        node('Concat', ['x', 'x'], ['d'], { axis: 0 }),
        node('Neg', ['d'], ['e']),
        node('Split', ['e'], ['a', 'b'], { axis: 0 }),
        node('Add', ['a', 'b'], ['y']),
      ],
    },
  },
  {
    name: 'a scan over time',
    graph: {
      nodes: [
        node('ReduceMax', ['x'], ['i'], { axes: [1], keepdims: 0 }),
        node('Scan', ['i', 'x'], ['y', 'o'], {
          body: {
            graph: subgraph(
              [node('Add', ['s', 'e'], ['s2']), node('Identity', ['s2'], ['o2'])],
              ['s2', 'o2'],
              [
                { name: 's', datatype: 'FP32', shape: null },
                { name: 'e', datatype: 'FP32', shape: null },
              ],
            ),
          },
          num_scan_inputs: 1,
          scan_input_axes: [1],
        }),
      ],
      inputs: { x: ['N', 'S', 8] },
    },
  },
  {
    name: 'a branch by length',
    graph: {
      nodes: [
        node('Shape', ['x'], ['ns']),
        node('Gather', ['ns', 'k1'], ['n']),
        node('Greater', ['n', 'one'], ['c']),
        node('If', ['c'], ['y'], {
          else_branch: { graph: subgraph([node('Abs', ['x'], ['b'])]) },
          then_branch: { graph: subgraph([node('Neg', ['x'], ['a'])]) },
        }),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: { k0: int64Scalar(0), k1: int64Scalar(1), one: int64Scalar(1), zero: int64Scalar(0) },
    },
  },
  {
    name: 'a scale of each row by itself',
    graph: {
      nodes: [
        node('Abs', ['x'], ['a']),
        node('ReduceMax', ['a'], ['m'], { axes: [-1], keepdims: 1 }),
        node('Div', ['x', 'm'], ['q']),
        node('Round', ['q'], ['r']),
        node('Mul', ['r', 'm'], ['y']),
      ],
    },
  },
  {
    name: 'a constant line for all rows',
    graph: { nodes: [node('Add', ['x', 'c'], ['y'])], constants: { c: fp32s([1, 4]) } },
  },
  {
    name: 'a token expanded before each row',
    graph: {
      nodes: [
        node('Shape', ['x'], ['s']),
        node('Slice', ['s', 'a', 'b'], ['n']),
        node('Concat', ['n', 'm', 'm'], ['t'], { axis: 0 }),
        node('Equal', ['t', 'm'], ['q']),
        node('Where', ['q', 'ones', 't'], ['w']),
        node('Expand', ['cls', 'w'], ['c']),
        node('Concat', ['c', 'x'], ['y'], { axis: 1 }),
      ],
      inputs: { x: ['N', 'S', 8] },
      constants: { a: int64s(0), b: int64s(1), m: int64s(-1), ones: int64s(1, 1, 1), cls: fp32s([1, 1, 8]) },
    },
  },
];
