import { datatypeInfo, KeptBuffers, type Tensor, type Tensors } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import { cutAnswers, packInput, UncuttableError, wholeAnswer, type PackedTensor } from '../tensors/pack-batch';
import type { BatchingVerdict } from './messages';
import { sampleDimensions, sampleInputs } from './sample-inputs';
import type { Session } from './session';

/**
 * Operators whose answer to a row depends on the other rows of the run: scales, or lengths, are taken over all of them; or whose
 * answers are as many as the values say, so that two of one row and none of the next would pass for one each.
 */
const mixingOperators: ReadonlySet<string> = new Set([
  'DynamicQuantizeLinear',
  'DynamicQuantizeMatMul',
  'DynamicQuantizeLSTM',
  'Loop',
  'Compress',
  'NonMaxSuppression',
  'NonZero',
  'Unique',
]);

/** Rows of the batch that is compared with the same rows alone. */
const probeRows = 3;

/** Largest difference between alone and together, as a part of the largest value: rounding of another order of summation. */
const tolerance = 1e-5;
/** FP16 has eleven bits. */
const halfTolerance = 2e-3;

/** Finds out whether rows may share a run of this model: by its metadata, its operators, and by trying. */
export async function probeBatching(session: Session, operators: ReadonlySet<string>): Promise<BatchingVerdict> {
  const unsafe = (sentence: string): BatchingVerdict => ({ kind: 'unsafe', sentence });
  if (session.inputs.length === 0) return unsafe('it has no input');
  const fixed = [...session.inputs, ...session.outputs].find((spec) => spec.shape[0] !== -1);
  if (fixed !== undefined) return unsafe(`the first dimension of '${fixed.name}' is fixed`);
  const mixing = [...operators].find((operator) => mixingOperators.has(operator));
  if (mixing !== undefined) return unsafe(`its ${mixing} lets a row's answer depend on the rows beside it`);
  for (const dimension of sampleDimensions) {
    const verdict = await compare(session, dimension);
    if (verdict !== undefined) return verdict;
  }
  return unsafe('no made-up input was accepted, so it is not known whether rows are answered alike alone and together');
}

/** Undefined where the model does not accept inputs of this size. */
async function compare(session: Session, dimension: number): Promise<BatchingVerdict | undefined> {
  const specs = session.inputs.map((spec) => ({ ...spec, shape: [1, ...spec.shape.slice(1)] }));
  const rows: PackedTensor[][] = [];
  for (let row = 0; row < probeRows; row++) {
    const sample = sampleInputs(specs, dimension, row, false);
    if (sample === undefined) return undefined;
    rows.push(sample);
  }
  const parts = session.inputs.map((spec, index) => rows.map((row) => toTensor(spec, row[index]!)));
  // Each is used once.
  const buffers = new KeptBuffers(0);
  let together: PackedTensor[];
  const alone: Tensors[] = [];
  try {
    together = await session.run(
      parts.map((part) => packInput(part, probeRows, buffers)!),
      null,
    );
    for (const row of rows) alone.push(wholeAnswer(session.outputs, await session.run(row, null)));
  } catch {
    return undefined;
  }
  try {
    const cut = cutAnswers(
      session.outputs,
      together,
      rows.map(() => 1),
    );
    for (const { name } of session.outputs) {
      if (!cut.every((answer, row) => isAlike(answer.get(name)!, alone[row]!.get(name)!))) {
        return { kind: 'unsafe', sentence: `'${name}' answers a row otherwise in company than alone` };
      }
    }
    return { kind: 'safe' };
  } catch (error) {
    if (error instanceof UncuttableError)
      return { kind: 'unsafe', sentence: 'the first dimension of its outputs is not the batch' };
    throw error;
  }
}

/** Runs the model once on made-up inputs, so that the first caller does not pay for lazy allocations. */
export async function warmUp(session: Session): Promise<PackedTensor[] | undefined> {
  for (const isPlain of [false, true]) {
    for (const dimension of sampleDimensions) {
      const inputs = sampleInputs(session.inputs, dimension, 0, isPlain);
      if (inputs === undefined) continue;
      try {
        return await session.run(inputs, null);
      } catch {
        // Not a size this model takes.
      }
    }
  }
  return undefined;
}

function toTensor(spec: TensorSpec, { shape, bytes }: PackedTensor): Tensor {
  return { datatype: spec.datatype, shape, bytes };
}

function isAlike(a: Tensor, b: Tensor): boolean {
  if (a.shape.join() !== b.shape.join() || a.bytes.length !== b.bytes.length) return false;
  if (!datatypeInfo(a.datatype).isFloat) return Buffer.compare(a.bytes, b.bytes) === 0;
  const valuesOfA = floats(a);
  const valuesOfB = floats(b);
  const largest = valuesOfA.reduce(
    (most, value) => (Number.isFinite(value) ? Math.max(most, Math.abs(value)) : most),
    0,
  );
  const allowed = (a.datatype === 'FP16' ? halfTolerance : tolerance) * largest;
  return valuesOfA.every(
    (value, index) => Object.is(value, valuesOfB[index]) || Math.abs(value - valuesOfB[index]!) <= allowed,
  );
}

function floats(tensor: Tensor): Float64Array {
  const view = new DataView(tensor.bytes.buffer, tensor.bytes.byteOffset, tensor.bytes.byteLength);
  const size = datatypeInfo(tensor.datatype).byteSize!;
  const read =
    size === 8
      ? (at: number) => view.getFloat64(at, true)
      : size === 4
        ? (at: number) => view.getFloat32(at, true)
        : half(view);
  return Float64Array.from({ length: view.byteLength / size }, (_, index) => read(index * size));
}

function half(view: DataView): (at: number) => number {
  return (at) => {
    const bits = view.getUint16(at, true);
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    const sign = bits >> 15 === 0 ? 1 : -1;
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN;
    return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
  };
}
