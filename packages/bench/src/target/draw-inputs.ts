import { datatypeInfo, elementCount, encodeStringElements, inference, isDatatype } from '@tributary/contract';
import { seededRandom } from '../measure/statistics';
import type { DeclaredOutput } from '../load/output-check';
import type { NamedInput, TargetOptions } from './target-options';

/** Different ones, so that a server which remembers answers has less of it. */
const requestCount = 16;
const largestInteger = 100;
const words = ['river', 'mountain', 'city', 'garden', 'window', 'engine', 'letter', 'doctor'];

/** A model's input or output as ModelMetadata tells it. */
export interface TensorDescription {
  readonly name: string;
  readonly datatype: string;
  /** -1 where it may vary. */
  readonly shape: readonly number[];
}

/** Inputs with every dimension fixed. Throws an Error that names what `--shape` or `--input` has to tell. */
export function fixInputs(
  described: readonly TensorDescription[],
  options: Pick<TargetOptions, 'shapes' | 'inputs'>,
): NamedInput[] {
  if (options.inputs.length > 0) return [...options.inputs];
  if (described.length === 0) throw new Error('the server describes no inputs: give each as --input NAME:TYPE:DIMS');
  for (const name of options.shapes.keys()) {
    if (!described.some((input) => input.name === name))
      throw new Error(
        `--shape: there is no input "${name}"; the inputs are ${described.map((input) => input.name).join(', ')}`,
      );
  }
  return described.map(({ name, datatype, shape }) => {
    if (!isDatatype(datatype)) throw new Error(`input "${name}" is of datatype ${datatype}, which cannot be drawn`);
    const fixed = options.shapes.get(name) ?? shape.map((size, index) => (size === -1 && index === 0 ? 1 : size));
    const fits = fixed.length === shape.length && shape.every((size, index) => size === -1 || size === fixed[index]);
    if (fixed.includes(-1)) throw new Error(`input "${name}" is [${shape.join()}]: give --shape ${name}:DIMS`);
    if (!fits) throw new Error(`--shape: input "${name}" is [${shape.join()}], got [${fixed.join()}]`);
    return { name, datatype, shape: fixed };
  });
}

/** Encoded ModelInfer requests with values drawn by a fixed seed. */
export function drawRequests(model: string, version: string, inputs: readonly NamedInput[]): Uint8Array[] {
  const random = seededRandom(11);
  return Array.from({ length: requestCount }, () =>
    inference.ModelInferRequest.encode({
      modelName: model,
      modelVersion: version,
      inputs: inputs.map(({ name, datatype, shape }) => ({ name, datatype, shape: [...shape] })),
      rawInputContents: inputs.map((input) => drawValues(input, random)),
    }).finish(),
  );
}

/** What the answers are to hold; a shape of no dimensions is one that the server does not tell. */
export function declaredOutputs(described: readonly TensorDescription[]): DeclaredOutput[] {
  return described.map(({ name, datatype, shape }) => ({
    ...{ name, datatype, shape: shape.length === 0 ? undefined : shape },
  }));
}

function drawValues({ name, datatype, shape }: NamedInput, random: () => number): Uint8Array {
  const count = elementCount(shape);
  if (count === undefined) throw new Error(`input "${name}": no tensor can be [${shape.join()}]`);
  const size = datatypeInfo(datatype).byteSize;
  if (size === undefined)
    return encodeStringElements(Array.from({ length: count }, () => words[Math.floor(random() * words.length)]!));
  const bytes = Buffer.alloc(count * size);
  for (let at = 0; at < bytes.length; at += size) drawOne(bytes, at, datatype, random);
  return bytes;
}

function drawOne(bytes: Buffer, at: number, datatype: NamedInput['datatype'], random: () => number): void {
  switch (datatype) {
    case 'FP32':
      bytes.writeFloatLE(random() * 2 - 1, at);
      return;
    case 'FP64':
      bytes.writeDoubleLE(random() * 2 - 1, at);
      return;
    case 'FP16':
      // Sign and mantissa are drawn, the exponent is that of 0.5: values from 0.5 to 1 and from -1 to -0.5.
      bytes.writeUInt16LE((random() < 0.5 ? 0x8000 : 0) | (14 << 10) | Math.floor(random() * 1024), at);
      return;
    case 'BF16':
      // Likewise, with eight bits of exponent.
      bytes.writeUInt16LE((random() < 0.5 ? 0x8000 : 0) | (126 << 7) | Math.floor(random() * 128), at);
      return;
    case 'BOOL':
      bytes[at] = random() < 0.5 ? 0 : 1;
      return;
    case 'UINT8':
    case 'UINT16':
    case 'UINT32':
    case 'UINT64':
    case 'INT8':
    case 'INT16':
    case 'INT32':
    case 'INT64':
      // Small enough for every integer type, and little-endian: the first byte is the whole of it.
      bytes[at] = Math.floor(random() * largestInteger);
      return;
    case 'BYTES':
      throw new RangeError('strings have no one size');
  }
}
