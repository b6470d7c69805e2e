import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { endless, mlp, onnxModel } from '../testing';
import { ProtoError } from './proto-scanner';
import { scanGraph, type GraphFacts } from './scan-graph';

const folder = mkdtempSync(join(tmpdir(), 'tributary-graph-'));
afterAll(() => rmSync(folder, { recursive: true }));

function scan(bytes: Uint8Array): GraphFacts {
  const path = join(folder, 'model.onnx');
  writeFileSync(path, bytes);
  return scanGraph(path);
}

describe('scanGraph', () => {
  it('lists operators, inputs and outputs', () => {
    const facts = scan(mlp(3, 4, 1));
    expect([...facts.operators].sort()).toEqual(['Gemm', 'Relu']);
    expect(facts.inputs).toEqual([
      { name: 'input', kind: 'tensor', elementType: 1, shape: ['batch', 3], hasShape: true },
    ]);
    expect(facts.outputs).toEqual([
      { name: 'output', kind: 'tensor', elementType: 1, shape: ['batch', 1], hasShape: true },
    ]);
  });

  it('sees operators inside subgraphs', () => {
    expect([...scan(endless()).operators].sort()).toEqual(['Identity', 'Loop']);
  });

  it('does not take initializers for inputs, as old files list them', () => {
    const facts = scan(
      onnxModel({
        inputs: [
          { name: 'input', datatype: 'FP32', shape: ['n'] },
          { name: 'constant', datatype: 'FP32', shape: [1] },
        ],
        outputs: [{ name: 'output', datatype: 'FP32', shape: ['n'] }],
        nodes: [{ op: 'Add', inputs: ['input', 'constant'], outputs: ['output'] }],
        initializers: [{ name: 'constant', datatype: 'FP32', shape: [1], data: Float32Array.of(1) }],
      }),
    );
    expect(facts.inputs.map(({ name }) => name)).toEqual(['input']);
  });

  it('tells a cut file at every length from a whole one, and never hangs or crashes', () => {
    const whole = mlp(3, 4, 1);
    // The last fields of a model are its operator sets: without them the graph is still complete.
    const graphEnd = whole.length - 64;
    for (let length = 0; length < graphEnd; length++) {
      expect(() => scan(whole.subarray(0, length))).toThrow(ProtoError);
    }
  });

  it('refuses any garbage with the same kind of error', () => {
    let state = 1;
    for (let round = 0; round < 300; round++) {
      const bytes = Buffer.from(mlp(2, 1));
      for (let flip = 0; flip < 4; flip++) {
        state = (Math.imul(state, 1103515245) + 12345) >>> 0;
        bytes[state % bytes.length] = state >>> 24;
      }
      try {
        scan(bytes);
      } catch (error) {
        expect((error as Error).name).toBe('ProtoError');
      }
    }
  });
});
