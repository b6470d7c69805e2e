import { ProtoError, type ProtoField, type ProtoScanner } from './proto-scanner';

/** A constant of the graph. */
export interface GraphTensor {
  readonly name: string;
  /** TensorProto.DataType. */
  readonly elementType: number;
  readonly shape: readonly number[];
  /**
   * The elements, row by row, where there are at most 1,024, they lie in the file, and their type is one that shapes are computed in;
   * BOOL as 0 and 1. Whole numbers are exact up to 2^53.
   */
  readonly values: readonly number[] | undefined;
  /** Entries of `external_data`, where the elements lie in another file. */
  readonly external: ReadonlyMap<string, string> | undefined;
}

// Field numbers of TensorProto and StringStringEntryProto in onnx.proto.
const tensorProto = {
  dims: 1,
  dataType: 2,
  floats: 4,
  int32s: 5,
  int64s: 7,
  name: 8,
  raw: 9,
  doubles: 10,
  uint64s: 11,
  externalData: 13,
  dataLocation: 14,
};
const entryProto = { key: 1, value: 2 };
/** TensorProto.DataLocation. */
const externalLocation = 1;

/** Most elements that are read: shapes, axes, permutations and scalars. */
const maxElements = 1024;

/** TensorProto.DataType, and how elements of it are stored: raw, and in the field for typed ones. */
const elementReaders: ReadonlyMap<
  number,
  { readonly byteSize: number; readonly read: (bytes: Buffer, at: number) => number; readonly field: number }
> = new Map([
  [1, { byteSize: 4, read: (bytes, at) => bytes.readFloatLE(at), field: tensorProto.floats }],
  [2, { byteSize: 1, read: (bytes, at) => bytes.readUInt8(at), field: tensorProto.int32s }],
  [3, { byteSize: 1, read: (bytes, at) => bytes.readInt8(at), field: tensorProto.int32s }],
  [4, { byteSize: 2, read: (bytes, at) => bytes.readUInt16LE(at), field: tensorProto.int32s }],
  [5, { byteSize: 2, read: (bytes, at) => bytes.readInt16LE(at), field: tensorProto.int32s }],
  [6, { byteSize: 4, read: (bytes, at) => bytes.readInt32LE(at), field: tensorProto.int32s }],
  [7, { byteSize: 8, read: (bytes, at) => Number(bytes.readBigInt64LE(at)), field: tensorProto.int64s }],
  [9, { byteSize: 1, read: (bytes, at) => bytes.readUInt8(at), field: tensorProto.int32s }],
  [11, { byteSize: 8, read: (bytes, at) => bytes.readDoubleLE(at), field: tensorProto.doubles }],
  [12, { byteSize: 4, read: (bytes, at) => bytes.readUInt32LE(at), field: tensorProto.uint64s }],
  [13, { byteSize: 8, read: (bytes, at) => Number(bytes.readBigUInt64LE(at)), field: tensorProto.uint64s }],
]);

/**
 * Reads a TensorProto; of large ones only what they are.
 * @throws ProtoError
 */
export function readTensor(scanner: ProtoScanner, owner: ProtoField): GraphTensor {
  let name = '';
  let elementType = 0;
  let isExternal = false;
  const shape: number[] = [];
  const external = new Map<string, string>();
  const data: ProtoField[] = [];
  for (const field of scanner.fields(owner.start, owner.end)) {
    switch (field.number) {
      case tensorProto.dims:
        shape.push(...scanner.varints(field));
        break;
      case tensorProto.dataType:
        elementType = field.value;
        break;
      case tensorProto.dataLocation:
        isExternal = field.value === externalLocation;
        break;
      case tensorProto.name:
        if (field.wireType === 2) name = scanner.text(field);
        break;
      case tensorProto.externalData:
        if (field.wireType === 2) external.set(...readEntry(scanner, field));
        break;
      default:
        // Old files list the numbers of a large tensor one by one.
        if (data.length <= maxElements) data.push(field);
    }
  }
  const values = isExternal ? undefined : readValues(scanner, elementType, shape, data);
  return { name, elementType, shape, values, external: isExternal ? external : undefined };
}

function readValues(
  scanner: ProtoScanner,
  elementType: number,
  shape: readonly number[],
  data: readonly ProtoField[],
): number[] | undefined {
  const count = shape.reduce((product, size) => product * size, 1);
  const reader = elementReaders.get(elementType);
  if (reader === undefined || !(count >= 0 && count <= maxElements)) return undefined;
  const values: number[] = [];
  for (const field of data) {
    if (field.end - field.start > maxElements * 10) return undefined;
    const isRaw = field.number === tensorProto.raw && field.wireType === 2;
    if (isRaw || (field.number === reader.field && isFixed(reader.field))) {
      const bytes = scanner.content(field);
      for (let at = 0; at + reader.byteSize <= bytes.length; at += reader.byteSize) values.push(reader.read(bytes, at));
    } else if (field.number === reader.field) values.push(...scanner.varints(field));
  }
  return values.length === count ? values : undefined;
}

function isFixed(field: number): boolean {
  return field === tensorProto.floats || field === tensorProto.doubles;
}

function readEntry(scanner: ProtoScanner, owner: ProtoField): [key: string, value: string] {
  let [key, value] = ['', ''];
  for (const field of scanner.fields(owner.start, owner.end)) {
    if (field.wireType !== 2) continue;
    if (field.number === entryProto.key) key = scanner.text(field);
    if (field.number === entryProto.value) value = scanner.text(field);
  }
  return [key, value];
}

/** A place in a file, as external data writes it. @throws ProtoError */
export function wholeNumber(text: string): number {
  if (!/^[0-9]{1,15}$/.test(text))
    throw new ProtoError(`external data is at '${text.slice(0, 40)}', which is no number`);
  return Number(text);
}
