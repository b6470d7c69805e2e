import { isUtf8 } from 'node:buffer';
import { byteLengthOf, datatypeInfo, elementCount, refusal, type Tensor, type Tensors } from '@tributary/contract';
import type { TensorSpec } from '../engine';

/** What inputs are checked against. */
export interface InputRules {
  readonly model: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  /** Rows of several requests may share a run. */
  readonly batched: boolean;
  /** Most rows in one request, where model.json sets a bound; undefined: any number. */
  readonly maxRows: number | undefined;
  readonly rejectNonFinite: boolean;
  /** Tensors without elements were tried at load and answered. */
  readonly takesEmpty: boolean;
  /** Elements of BYTES tensors reach the model as the bytes they are; false: they must be UTF-8 text without NUL. */
  readonly takesAnyBytes: boolean;
  /** Inputs vary in nothing but rows and their second dimension, and outputs in nothing but rows: see InferRequest.mayPad. */
  readonly paddable: boolean;
}

/** Whether rows of a model of these tensors could be padded along the second dimension of its inputs. */
export function isPaddable(inputs: readonly TensorSpec[], outputs: readonly TensorSpec[]): boolean {
  return (
    inputs.some(hasDynamicRest) &&
    inputs.every(
      (spec) =>
        !hasDynamicRest(spec) ||
        (spec.shape.lastIndexOf(-1) === 1 && datatypeInfo(spec.datatype).byteSize !== undefined),
    ) &&
    !outputs.some(hasDynamicRest)
  );
}

/** A request that ONNX Runtime may see. */
export interface CheckedRequest {
  /** In the model's order; undefined: an optional input that was left out. */
  readonly inputs: readonly (Tensor | undefined)[];
  /** Positions of the wanted outputs in the model's order; undefined: all. */
  readonly outputs: readonly number[] | undefined;
  /** Rows of the request where the model is batched, else 1. */
  readonly rows: number;
  /** Elements of a row of the inputs whose shape varies, of the largest; see RunCost. */
  readonly length: number;
  /** It may share a batch with requests of other lengths. */
  readonly mayPad: boolean;
  /** Sizes that the caller chose beyond the first dimension; together with the model's own they are the signature that rows are proved for. */
  readonly signature: string;
  /** The request gives an input that has a default: such requests share no run. */
  readonly givesOptional: boolean;
  /** Equal for requests that may share a batch: same outputs, same shapes beyond the first dimension, unless they may be padded. */
  readonly groupKey: string;
}

/**
 * Checks a request against the model's metadata, before a byte is copied.
 * @param mayPad see InferRequest
 * @throws TributaryError with the reasons of the catalogue's section on tensors
 */
export function checkRequest(
  rules: InputRules,
  tensors: Tensors,
  wanted: readonly string[] | undefined,
  mayPad = false,
): CheckedRequest {
  const inputs = inOrder(rules, tensors);
  let rows = 1;
  let length = 1;
  let signature = '';
  let givesOptional = false;
  let isPadded = mayPad && rules.batched && rules.paddable;
  for (let index = 0; index < inputs.length; index++) {
    const spec = rules.inputs[index]!;
    const input = inputs[index];
    if (input === undefined) continue;
    checkTensor(rules, spec, input);
    if (spec.isOptional === true) {
      givesOptional = true;
      continue;
    }
    if (rules.batched) {
      const first = input.shape[0]!;
      if (index === 0) rows = checkRows(rules, first);
      else if (first !== rows) {
        throw refusal(
          'BATCH_SIZE_MISMATCH',
          { model: rules.model, input: spec.name, expected: rows, got: first },
          at(spec, 'shape'),
        );
      }
    }
    if (hasDynamicRest(spec)) {
      const steps = input.shape[1]!;
      if (signature !== '' && steps !== length) isPadded = false;
      length = isPadded ? steps : Math.max(length, elementsOfRow(input));
      signature += `${input.shape.slice(1).join(',')};`;
    }
  }
  let groupKey = isPadded ? '~' : signature;
  const outputs = checkOutputs(rules, wanted);
  if (outputs !== undefined) groupKey += `>${outputs.join(',')}`;
  // An empty batch has no rows to cut out of a shared answer.
  if (rows === 0) groupKey += '!';
  return { inputs, outputs, rows, length, mayPad: isPadded, signature, givesOptional, groupKey };
}

function inOrder(rules: InputRules, tensors: Tensors): (Tensor | undefined)[] {
  const inputs: (Tensor | undefined)[] = [];
  let given = 0;
  let absent = 0;
  for (const spec of rules.inputs) {
    const tensor = tensors.get(spec.name);
    if (tensor !== undefined) given++;
    else if (spec.isOptional !== true) absent++;
    inputs.push(tensor);
  }
  if (absent === 0 && tensors.size === given) return inputs;
  const { model } = rules;
  const names = [...tensors.keys()];
  const required = rules.inputs.filter(({ isOptional }) => isOptional !== true);
  const missing = required.map((spec) => spec.name).filter((name) => !tensors.has(name));
  const known = new Set(rules.inputs.map((spec) => spec.name));
  const unexpected = names.find((name) => !known.has(name));
  // Triton's order: first the count, then the names.
  if (unexpected === undefined || tensors.size < required.length || tensors.size > rules.inputs.length) {
    throw refusal(
      'INPUT_COUNT',
      { model, expected: required.length, got: tensors.size, names, missing },
      { field: 'inputs' },
    );
  }
  throw refusal('INPUT_UNEXPECTED', { model, input: unexpected }, { field: 'inputs' });
}

function checkTensor(rules: InputRules, spec: TensorSpec, input: Tensor): void {
  const { model } = rules;
  if (input.datatype !== spec.datatype) {
    throw refusal(
      'DATATYPE_MISMATCH',
      { model, input: spec.name, expected: spec.datatype, got: input.datatype },
      at(spec, 'datatype'),
    );
  }
  const count = elementCount(input.shape);
  if (count === undefined)
    throw refusal('SHAPE_INVALID', { model, input: spec.name, got: input.shape }, at(spec, 'shape'));
  if (!fits(spec.shape, input.shape)) {
    throw refusal(
      'SHAPE_MISMATCH',
      { model, input: spec.name, expected: spec.shape, got: input.shape, batched: rules.batched },
      at(spec, 'shape'),
    );
  }
  if (count === 0 && !rules.takesEmpty)
    throw refusal('TENSOR_EMPTY', { model, input: spec.name, got: input.shape }, at(spec, 'shape'));
  const { byteSize, isFloat } = datatypeInfo(spec.datatype);
  if (byteSize === undefined) {
    checkStrings(rules, spec, input.bytes, count);
    return;
  }
  const got = byteLengthOf(input);
  if (got !== count * byteSize) {
    throw refusal(
      'BYTE_SIZE_MISMATCH',
      { model, input: spec.name, expected: count * byteSize, got },
      at(spec, 'contents'),
    );
  }
  if (spec.datatype === 'BOOL') checkBooleans(rules, spec, input.bytes);
  if (isFloat && rules.rejectNonFinite) checkFinite(rules, spec, input.bytes, byteSize);
}

function checkRows(rules: InputRules, rows: number): number {
  if (rules.maxRows === undefined || rows <= rules.maxRows) return rows;
  throw refusal('BATCH_TOO_LARGE', { model: rules.model, expected: rules.maxRows, got: rows }, { field: 'inputs' });
}

/** A dimension that the model fixes must be equal; one that may vary may also be 0. */
function fits(expected: readonly number[], got: readonly number[]): boolean {
  if (expected.length !== got.length) return false;
  for (let index = 0; index < expected.length; index++) {
    if (expected[index] !== -1 && expected[index] !== got[index]) return false;
  }
  return true;
}

function elementsOfRow({ shape }: Tensor): number {
  let count = 1;
  for (let index = 1; index < shape.length; index++) count *= shape[index]!;
  return count;
}

function hasDynamicRest(spec: TensorSpec): boolean {
  return spec.shape.lastIndexOf(-1) > 0;
}

function checkOutputs(rules: InputRules, wanted: readonly string[] | undefined): readonly number[] | undefined {
  if (wanted === undefined || wanted.length === 0) return undefined;
  const { model } = rules;
  const positions: number[] = [];
  for (const output of wanted) {
    const position = rules.outputs.findIndex((spec) => spec.name === output);
    if (position === -1) throw refusal('OUTPUT_UNEXPECTED', { model, output }, { field: 'outputs' });
    if (positions.includes(position)) throw refusal('OUTPUT_DUPLICATE', { model, output }, { field: 'outputs' });
    positions.push(position);
  }
  return positions;
}

function checkStrings(rules: InputRules, spec: TensorSpec, bytes: Uint8Array, expected: number): void {
  const { model } = rules;
  const input = spec.name;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let got = 0;
  for (let start = 0; start < bytes.length; got++) {
    const left = bytes.length - start;
    if (left < 4)
      throw refusal('STRING_FRAMING', { model, input, part: 'length', expected: 4, got: left }, at(spec, 'contents'));
    const length = view.getUint32(start, true);
    if (length > left - 4) {
      throw refusal(
        'STRING_FRAMING',
        { model, input, part: 'data', expected: length, got: left - 4 },
        at(spec, 'contents'),
      );
    }
    const element = bytes.subarray(start + 4, start + 4 + length);
    start += 4 + length;
    if (rules.takesAnyBytes) continue;
    if (!isUtf8(element))
      throw refusal('STRING_INVALID', { model, input, element: got, got: 'invalid UTF-8' }, at(spec, 'contents'));
    // The JavaScript binding takes strings as C strings: they would end at the NUL.
    if (element.includes(0))
      throw refusal('STRING_INVALID', { model, input, element: got, got: 'a NUL character' }, at(spec, 'contents'));
  }
  if (got !== expected) throw refusal('STRING_COUNT', { model, input, expected, got }, at(spec, 'contents'));
}

function checkBooleans(rules: InputRules, spec: TensorSpec, bytes: Uint8Array): void {
  for (let element = 0; element < bytes.length; element++) {
    const got = bytes[element]!;
    if (got > 1)
      throw refusal('BOOL_INVALID', { model: rules.model, input: spec.name, element, got }, at(spec, 'contents'));
  }
}

/** NaN and the infinities are the values whose exponent is all ones; for that the last two bytes of an element suffice. */
const exponentMasks: ReadonlyMap<number, number> = new Map([
  [2, 0x7c00],
  [4, 0x7f80],
  [8, 0x7ff0],
]);

function checkFinite(rules: InputRules, spec: TensorSpec, bytes: Uint8Array, byteSize: number): void {
  const mask = exponentMasks.get(byteSize)!;
  for (let end = byteSize; end <= bytes.length; end += byteSize) {
    const top = bytes[end - 2]! | (bytes[end - 1]! << 8);
    if ((top & mask) === mask) {
      const element = end / byteSize - 1;
      throw refusal('NON_FINITE', { model: rules.model, input: spec.name, element }, at(spec, 'contents'));
    }
  }
}

function at(spec: TensorSpec, part: string): { field: string } {
  return { field: `inputs['${spec.name}'].${part}` };
}
