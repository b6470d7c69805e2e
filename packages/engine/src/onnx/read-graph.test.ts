import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { buildGraph, fp32s, int64s, node, subgraph } from '../testing';
import type { ModelGraph } from './graph-model';
import { ProtoWriter } from './proto-writer';
import { readGraph } from './read-graph';

const folder = mkdtempSync(join(tmpdir(), 'tributary-read-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

function read(bytes: Uint8Array): ModelGraph {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return readGraph(path);
}

/** A model with one initializer, written by hand. */
function withTensor(tensor: ProtoWriter): ModelGraph {
  return read(new ProtoWriter().varint(1, 8).message(7, new ProtoWriter().message(5, tensor)).finish());
}

describe('the reader of graphs', () => {
  it('reads attributes of every kind, negative numbers among them', () => {
    const { nodes } = read(
      buildGraph({
        nodes: [
          node('Softmax', ['x'], ['y'], {
            axis: -1,
            pads: [-2, 0, 3],
            mode: 'nearest',
            scale: { float: 0.5 },
            names: { texts: ['a', 'b'] },
            value: { tensor: int64s(-7) },
            body: { graph: subgraph([node('Neg', ['x'], ['z'])]) },
            given: { reference: 'axis' },
          }),
        ],
      }),
    ).graph;
    const attributes = Object.fromEntries(nodes[0]!.attributes);
    expect(attributes).toMatchObject({
      axis: { kind: 'int', value: -1 },
      pads: { kind: 'ints', values: [-2, 0, 3], count: 3 },
      mode: { kind: 'text', value: 'nearest' },
      scale: { kind: 'float', value: 0.5 },
      names: { kind: 'texts', count: 2 },
      value: { kind: 'tensor', value: { values: [-7] } },
      body: { kind: 'graph', value: { nodes: [{ operator: 'Neg' }] } },
      given: { kind: 'reference', name: 'axis' },
    });
  });

  it('counts long lists and texts, and does not keep them', () => {
    const long = Array.from({ length: 2000 }, (_, index) => index);
    const { nodes } = read(
      buildGraph({ nodes: [node('Trees', ['x'], ['y'], { ids: long, text: 'x'.repeat(5000) })] }),
    ).graph;
    expect(nodes[0]!.attributes.get('ids')).toEqual({ kind: 'ints', values: undefined, count: 2000, greatest: 1999 });
    expect(nodes[0]!.attributes.get('text')).toEqual({ kind: 'text', value: undefined });
  });

  it('reads small tensors however they are stored, and of large ones their sizes', () => {
    const packed = Buffer.from([1, 2, 0x80, 0x01]);
    const dims = (...sizes: readonly number[]): ProtoWriter =>
      sizes.reduce((writer, size) => writer.varint(1, size), new ProtoWriter());
    const int64 = 7;
    expect(withTensor(dims(3).varint(2, int64).bytes(7, packed)).graph.initializers[0]).toMatchObject({
      values: [1, 2, 128],
    });
    const unpacked = dims(2).varint(2, int64).varint(7, -5).varint(7, 6);
    expect(withTensor(unpacked).graph.initializers[0]).toMatchObject({ shape: [2], values: [-5, 6] });
    const floats = dims().varint(2, 1).float(4, 1.5);
    expect(withTensor(floats).graph.initializers[0]).toMatchObject({ shape: [], values: [1.5] });
    const short = dims(3)
      .varint(2, int64)
      .bytes(7, Buffer.from([1]));
    expect(withTensor(short).graph.initializers[0]!.values).toBeUndefined();
    const { initializers } = read(
      buildGraph({
        nodes: [node('Neg', ['x'], ['y'])],
        constants: { large: fp32s([64, 64]), small: fp32s([2], [1, -2]) },
      }),
    ).graph;
    expect(initializers[0]).toMatchObject({ name: 'large', shape: [64, 64], values: undefined });
    expect(initializers[1]).toMatchObject({ name: 'small', values: [1, -2] });
  });

  it('reads operator sets, the version of the format, and names of dimensions', () => {
    const model = read(
      buildGraph({ nodes: [node('Neg', ['x'], ['y'])], inputs: { x: ['N', 'length', 3] }, opset: 11, ir: 5 }),
    );
    expect(model.irVersion).toBe(5);
    expect(model.opsets.get('')).toBe(11);
    expect(model.opsets.get('com.microsoft')).toBe(1);
    expect(model.graph.inputs[0]!.shape).toEqual(['N', 'length', 3]);
  });
});
