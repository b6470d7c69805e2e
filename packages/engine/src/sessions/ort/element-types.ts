/**
 * ONNXTensorElementDataType by number (onnxruntime_c_api.h): name, and bytes of an element as ONNX Runtime lays it out; 0 for
 * strings and for what takes less than a byte. Numbers up to 16 are those of TensorProto.DataType too.
 */
const elementTypes = [
  ['undefined', 0],
  ['float32', 4],
  ['uint8', 1],
  ['int8', 1],
  ['uint16', 2],
  ['int16', 2],
  ['int32', 4],
  ['int64', 8],
  ['string', 0],
  ['bool', 1],
  ['float16', 2],
  ['float64', 8],
  ['uint32', 4],
  ['uint64', 8],
  ['complex64', 8],
  ['complex128', 16],
  ['bfloat16', 2],
] as const satisfies readonly (readonly [string, number])[];

/** Number of the element type of texts. */
export const stringType = 8;

/** Name of an element type, as ONNX Runtime prints it: `float32`; `type 17` for one that is not in the table. */
export function elementTypeName(type: number): string {
  return elementTypes[type]?.[0] ?? `type ${type}`;
}

/** Bytes of an element; 0 where it has no fixed length or cannot be told. */
export function elementBytes(type: number): number {
  return elementTypes[type]?.[1] ?? 0;
}

const numberOfName: ReadonlyMap<string, number> = new Map(elementTypes.map(([name], index) => [name, index]));

/** Number of an element type by its name. @throws RangeError for a name that is not in the table */
export function elementTypeNumber(name: string): number {
  const number = numberOfName.get(name);
  if (number === undefined) throw new RangeError(`element type ${name}`);
  return number;
}

/** Elements of a tensor. */
export function elementCount(shape: readonly number[]): number {
  let count = 1;
  for (const size of shape) count *= size;
  return count;
}
