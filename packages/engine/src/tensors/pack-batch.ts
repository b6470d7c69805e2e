import { byteLengthOf, datatypeInfo, type Tensor, type Tensors } from '@tributary/contract';
import type { TensorSpec } from '../engine';
import { skipStrings } from './string-elements';

/** A tensor on its way to or from a lane. */
export interface PackedTensor {
  readonly shape: readonly number[];
  /** Row-major; nobody else writes into them, and their offset is aligned for every datatype. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Where the inputs of runs are laid down. */
export interface InputMemory {
  /** Room for exactly so many bytes, not cleared, aligned for every datatype; undefined: there is none until a run has ended. */
  take(byteLength: number): Uint8Array<ArrayBuffer> | undefined;
}

/**
 * Lays one input of several requests behind one another: the one copy that the bytes of a request see.
 * @returns undefined where there is no room
 */
export function packInput(parts: readonly Tensor[], rows: number, memory: InputMemory): PackedTensor | undefined {
  const first = parts[0]!;
  let byteLength = 0;
  for (const part of parts) byteLength += byteLengthOf(part);
  // Not cleared: every byte is written below.
  const bytes = memory.take(byteLength);
  if (bytes === undefined) return undefined;
  let at = 0;
  for (const part of parts) {
    if (part.pieces === undefined) {
      bytes.set(part.bytes, at);
      at += part.bytes.length;
      continue;
    }
    for (const piece of part.pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
  }
  return { shape: parts.length === 1 ? first.shape : [rows, ...first.shape.slice(1)], bytes };
}

/**
 * Lays one input of several requests behind one another, with zeros behind every row that is shorter than `length` along the second
 * dimension. Not for strings, and only for tensors in one piece: those of task code are, and nobody else may ask for padding.
 * @param length of every row in the batch; no part is longer
 * @returns undefined where there is no room
 */
export function packPadded(
  parts: readonly Tensor[],
  rows: number,
  length: number,
  memory: InputMemory,
): PackedTensor | undefined {
  const first = parts[0]!;
  const elements = first.shape.slice(2).reduce((product, dimension) => product * dimension, 1);
  const bytesPerStep = datatypeInfo(first.datatype).byteSize! * elements;
  const rowBytes = length * bytesPerStep;
  const bytes = memory.take(rows * rowBytes);
  if (bytes === undefined) return undefined;
  let at = 0;
  for (const part of parts) {
    const partBytes = part.shape[1]! * bytesPerStep;
    for (let row = 0; row < part.shape[0]!; row++) {
      bytes.set(part.bytes.subarray(row * partBytes, (row + 1) * partBytes), at);
      bytes.fill(0, at + partBytes, at + rowBytes);
      at += rowBytes;
    }
  }
  return { shape: [rows, length, ...first.shape.slice(2)], bytes };
}

/** Thrown where a session's answer cannot be cut into the rows that went in. */
export class UncuttableError extends Error {
  override readonly name = 'UncuttableError';
}

/** The tensors of one request that ran alone. */
export function wholeAnswer(specs: readonly TensorSpec[], outputs: readonly PackedTensor[]): Tensors {
  const answer = new Map<string, Tensor>();
  for (let index = 0; index < outputs.length; index++) {
    const { name, datatype } = specs[index]!;
    const { shape, bytes } = outputs[index]!;
    answer.set(name, { datatype, shape, bytes });
  }
  return answer;
}

/**
 * Cuts the outputs of a batch into one answer per request; the tensors are views of the outputs.
 * @param rowsOf rows of each request, in the order they were packed
 * @throws UncuttableError where an output's first dimension is not the batch
 */
export function cutAnswers(
  specs: readonly TensorSpec[],
  outputs: readonly PackedTensor[],
  rowsOf: readonly number[],
): Tensors[] {
  const answers = rowsOf.map(() => new Map<string, Tensor>());
  const rows = rowsOf.reduce((sum, count) => sum + count, 0);
  for (let index = 0; index < outputs.length; index++) {
    cutOutput(specs[index]!, outputs[index]!, rows, rowsOf, answers);
  }
  return answers;
}

function cutOutput(
  { name, datatype }: TensorSpec,
  { shape, bytes: whole }: PackedTensor,
  rows: number,
  rowsOf: readonly number[],
  answers: readonly Map<string, Tensor>[],
): void {
  if (shape[0] !== rows) throw new UncuttableError(`output ${name} has shape [${shape.join(',')}] for ${rows} rows`);
  const isText = datatypeInfo(datatype).byteSize === undefined;
  const rest = shape.slice(1);
  const elementsPerRow = rest.reduce((product, dimension) => product * dimension, 1);
  const bytesPerRow = whole.length / rows;
  let start = 0;
  for (let index = 0; index < rowsOf.length; index++) {
    const count = rowsOf[index]!;
    const end = isText ? skipStrings(whole, start, count * elementsPerRow) : start + count * bytesPerRow;
    answers[index]!.set(name, { datatype, shape: [count, ...rest], bytes: whole.subarray(start, end) });
    start = end;
  }
}
