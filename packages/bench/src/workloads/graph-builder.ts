import {
  onnxModel,
  type OnnxAttribute,
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxNode,
} from '@tributary/engine/testing';
import { seededRandom } from '../measure/statistics';

/** Writes a graph node by node; weights are drawn from one seeded sequence, so that a graph is the same everywhere. */
export class GraphBuilder {
  private readonly nodes: OnnxNode[] = [];
  private readonly initializers: OnnxInitializer[] = [];
  private readonly random: () => number;

  constructor(seed: number) {
    this.random = seededRandom(seed);
  }

  /** Adds a node with one output and names that. */
  op(op: string, inputs: readonly string[], attributes: readonly OnnxAttribute[] = [], output?: string): string {
    const name = output ?? `value${this.nodes.length}`;
    this.nodes.push({ op, inputs, outputs: [name], attributes });
    return name;
  }

  /** FP32 weights, uniform in [center - scale, center + scale). */
  weights(shape: readonly number[], scale: number, center = 0): string {
    const data = new Float32Array(shape.reduce((product, size) => product * size, 1));
    for (let index = 0; index < data.length; index++) data[index] = center + (this.random() * 2 - 1) * scale;
    return this.constant({ datatype: 'FP32', shape, data });
  }

  float(value: number): string {
    return this.constant({ datatype: 'FP32', shape: [], data: Float32Array.of(value) });
  }

  /** A list of INT64, as shapes and axes are given. */
  integers(...values: readonly number[]): string {
    return this.constant({ datatype: 'INT64', shape: [values.length], data: BigInt64Array.from(values, BigInt) });
  }

  /** The bytes of model.onnx. */
  finish(ends: Pick<OnnxGraph, 'inputs' | 'outputs'>): Uint8Array {
    return onnxModel({ ...ends, nodes: this.nodes, initializers: this.initializers });
  }

  private constant(constant: Omit<OnnxInitializer, 'name'>): string {
    const name = `constant${this.initializers.length}`;
    this.initializers.push({ name, ...constant });
    return name;
  }
}
