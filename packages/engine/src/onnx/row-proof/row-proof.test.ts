import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { buildGraph, harmlessGraphs, int64s, node, rowTraps, type BuiltGraph } from '../../testing';
import { readGraph } from '../read-graph';
import { describeVerdict, proveRows, type RowSignature, type RowVerdict } from '.';

const folder = mkdtempSync(join(tmpdir(), 'tributary-row-proof-'));
afterAll(() => rmSync(folder, { recursive: true }));

function judge(graph: BuiltGraph, signature?: RowSignature): RowVerdict {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, buildGraph(graph));
  return proveRows(readGraph(path), signature);
}

const sizes = (entries: Readonly<Record<string, readonly number[]>>): RowSignature => new Map(Object.entries(entries));

describe('a graph whose rows meet is refused, and the node is named', () => {
  it.each(rowTraps)('$name', ({ graph, why }) => {
    expect(describeVerdict(judge(graph))).toBe(`not batched: ${why}`);
  });
});

describe('a graph as exporters write it is proved', () => {
  it.each(harmlessGraphs)('$name', ({ graph }) => {
    expect(judge(graph).kind).toBe('proved');
  });
});

describe('a proof for the sizes of a request', () => {
  it('needs no name of a dimension to be true', () => {
    const graph = {
      nodes: [node('Add', ['a', 'b'], ['y'])],
      inputs: { a: ['N', 'length'], b: ['N', 'length'] },
    };
    const symbolic = judge(graph);
    expect(symbolic.kind === 'proved' && symbolic.assumes).toContain(`'length' is one size wherever it stands`);
    expect(judge(graph, sizes({ a: [4], b: [4] }))).toEqual({ kind: 'proved', assumes: [], triedKernels: [] });
    expect(judge(graph, sizes({ a: [4], b: [1] })).kind).toBe('proved');
  });

  it('is never made for a size of zero, another rank, another size than declared, or an input that is not there', () => {
    const graph = { nodes: [node('Neg', ['x'], ['y'])], inputs: { x: ['N', 'length', 3] } };
    expect(judge(graph, sizes({ x: [5, 3] })).kind).toBe('proved');
    const refused = (entries: Readonly<Record<string, readonly number[]>>): string =>
      describeVerdict(judge(graph, sizes(entries)));
    expect(refused({ x: [0, 3] })).toBe("not batched: input 'x' has a size of zero");
    expect(refused({ x: [5] })).toBe("not batched: input 'x' has 3 dimensions, and the request has 2");
    expect(refused({ x: [5, 4] })).toBe("not batched: input 'x' has another size on axis 2 than the request");
    expect(refused({})).toBe("not batched: input 'x' is not in the request");
  });

  it('tells a length that is long enough from one that is not', () => {
    const graph = {
      nodes: [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'one'], ['length']),
        node('Sub', ['length', 'four'], ['rest']),
        node('Concat', ['all', 'rest', 'four'], ['target'], { axis: 0 }),
        node('ConstantOfShape', ['target'], ['zeros']),
        node('ReduceSum', ['zeros', 'axes'], ['sum'], { keepdims: 0 }),
        node('Add', ['x', 'sum'], ['y']),
      ],
      inputs: { x: ['N', 'length'] },
      constants: { one: int64s(1), four: int64s(4), all: int64s(1), axes: int64s(0, 1, 2) },
    };
    expect(judge(graph, sizes({ x: [6] })).kind).toBe('proved');
  });
});

describe('what the file says of its inputs', () => {
  it('an input with a default stays at it', () => {
    const graph = {
      nodes: [node('Mul', ['x', 'scale'], ['y'])],
      inputs: { x: ['N', 4], scale: [1] },
      constants: { scale: { datatype: 'FP32', shape: [1], data: Float32Array.of(2) } },
    } as const;
    const verdict = judge(graph);
    expect(verdict.kind === 'proved' && verdict.assumes).toContain("'scale' is left at its default");
    expect(judge(graph, sizes({ x: [4] })).kind).toBe('proved');
  });

  it('an input with a default that a request gives is an input like others', () => {
    const graph = {
      nodes: [node('Mul', ['x', 'scale'], ['y'])],
      inputs: { x: ['N', 4], scale: ['N', 4] },
      constants: { scale: { datatype: 'FP32', shape: [1, 4], data: new Float32Array(4) } },
    } as const;
    expect(judge(graph, sizes({ x: [4], scale: [4] })).kind).toBe('proved');
  });

  it('before IR version 4 an initializer among the inputs is a constant', () => {
    const graph = {
      nodes: [node('Reshape', ['x', 'target'], ['y'])],
      inputs: { x: ['N', 4], target: ['INT64', [3]] },
      constants: { target: int64s(0, 2, 2) },
      ir: 3,
    } as const;
    expect(judge(graph).kind).toBe('proved');
    expect(judge({ ...graph, ir: 8 }).kind).toBe('refused');
  });
});

describe('what is not as it should be is refused, and nothing is thrown', () => {
  const refused = (graph: BuiltGraph): string => describeVerdict(judge(graph));

  it('an operator that is not known', () => {
    expect(refused({ nodes: [node('own:Blend', ['x'], ['y'])] })).toBe(
      "not batched: Blend 'y' has no rule in the row proof",
    );
  });

  it('a value that is not there, an output of nothing, no output at all', () => {
    expect(refused({ nodes: [node('Neg', ['nothing'], ['y'])] })).toContain("reads 'nothing', which is not there");
    expect(refused({ nodes: [node('Neg', ['x'], ['z'])] })).toContain("output 'y' is made by no node");
    expect(refused({ nodes: [], outputs: [] })).toContain('has no output');
  });

  it('a function that calls itself', () => {
    const body = [node('own:F', ['a'], ['b'])];
    const functions = [{ name: 'F', domain: 'own', inputs: ['a'], outputs: ['b'], nodes: body }];
    expect(refused({ nodes: [node('own:F', ['x'], ['y'])], functions })).toContain('takes too long to prove');
  });

  it('functions that call each other twice, forty deep', () => {
    const functions = Array.from({ length: 40 }, (_, depth) => {
      const operator = depth === 0 ? 'Neg' : `own:F${depth - 1}`;
      const nodes = [node(operator, ['a'], ['m']), node(operator, ['m'], ['b'])];
      return { name: `F${depth}`, domain: 'own', inputs: ['a'], outputs: ['b'], nodes };
    });
    expect(refused({ nodes: [node('own:F39', ['x'], ['y'])], functions })).toContain('takes too long to prove');
  });
});

describe('kernels that answer by company although the graph keeps rows apart', () => {
  it('are named where rows meet them', () => {
    const verdict = judge({ nodes: [node('ReduceMax', ['x'], ['y'], { axes: [1] })] });
    expect(verdict).toMatchObject({ kind: 'proved', triedKernels: ['ReduceMax'] });
  });
});

describe('the shipped models', () => {
  const shipped = ['nlp/bge-small-en', 'nlp/sentiment', 'image/efficientnet-lite0', 'recommendation/movies'];
  it.each(shipped)('%s is proved', (model) => {
    const graph = readGraph(resolve(__dirname, `../../../../../models/${model}/1/model.onnx`));
    expect(proveRows(graph).kind).toBe('proved');
    const signature = new Map(
      graph.graph.inputs.map(({ name, shape }) => [
        name,
        shape!.slice(1).map((size) => (typeof size === 'number' ? size : 16)),
      ]),
    );
    expect(proveRows(graph, signature).kind).toBe('proved');
  });
});
