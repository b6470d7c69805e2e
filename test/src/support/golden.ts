import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Datatype, Tensor, Tensors } from '@tributary/contract';
import { models } from './system';

/** Inputs and the outputs that Python onnxruntime gives for them on the very same file. */
export interface GoldenCase {
  readonly inputs: Tensors;
  readonly outputs: ReadonlyMap<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>;
}

interface RecordedTensor {
  readonly datatype: Datatype;
  readonly shape: number[];
  readonly data?: number[];
  readonly raw?: string;
}

/** Reads models/<service>/<name>/golden.json. */
export function loadGolden(service: string, name: string): { cases: GoldenCase[]; tolerance: number } {
  const recorded = JSON.parse(readFileSync(join(models, service, name, 'golden.json'), 'utf8')) as {
    tolerance: number;
    cases: { inputs: Record<string, RecordedTensor>; outputs: Record<string, RecordedTensor> }[];
  };
  const cases = recorded.cases.map(({ inputs, outputs }) => ({
    inputs: new Map(Object.entries(inputs).map(([input, tensor]) => [input, toTensor(tensor)])),
    outputs: new Map(
      Object.entries(outputs).map(([output, { shape, data }]) => [output, { shape, values: data ?? [] }]),
    ),
  }));
  return { cases, tolerance: recorded.tolerance };
}

/** Values of an FP32 tensor. */
export function floats(tensor: Tensor): Float32Array {
  return new Float32Array(new Uint8Array(tensor.bytes).buffer);
}

function toTensor({ datatype, shape, data = [], raw }: RecordedTensor): Tensor {
  if (raw !== undefined) return { datatype, shape, bytes: Buffer.from(raw, 'base64') };
  const values = datatype === 'INT64' ? BigInt64Array.from(data, BigInt) : Float32Array.from(data);
  return { datatype, shape, bytes: new Uint8Array(values.buffer) };
}
