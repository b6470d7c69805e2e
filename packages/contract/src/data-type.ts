/** Datatypes of the Open Inference Protocol, all of which can be served. */
export type Datatype =
  | 'BOOL'
  | 'UINT8'
  | 'UINT16'
  | 'UINT32'
  | 'UINT64'
  | 'INT8'
  | 'INT16'
  | 'INT32'
  | 'INT64'
  | 'FP16'
  | 'FP32'
  | 'FP64'
  | 'BF16'
  | 'BYTES';

/** Fields of InferTensorContents. */
export type TypedField =
  | 'bool_contents'
  | 'int_contents'
  | 'int64_contents'
  | 'uint_contents'
  | 'uint64_contents'
  | 'fp32_contents'
  | 'fp64_contents'
  | 'bytes_contents';

/** ONNX Runtime's name of an element type. */
export type OnnxType =
  | 'bool'
  | 'uint8'
  | 'uint16'
  | 'uint32'
  | 'uint64'
  | 'int8'
  | 'int16'
  | 'int32'
  | 'int64'
  | 'float16'
  | 'float32'
  | 'float64'
  | 'bfloat16'
  | 'string';

/** What is fixed about a datatype. */
export interface DatatypeInfo {
  /** Bytes of one element in raw form; undefined for BYTES, whose elements differ in length. */
  readonly byteSize: number | undefined;
  /** Field of InferTensorContents that carries it; undefined for FP16 and BF16, which travel raw only. */
  readonly typedField: TypedField | undefined;
  readonly onnxType: OnnxType;
  /** True where a value can be NaN or infinite. */
  readonly isFloat: boolean;
}

function info(byteSize: number | undefined, typedField: TypedField | undefined, onnxType: OnnxType): DatatypeInfo {
  return { byteSize, typedField, onnxType, isFloat: /^b?float/.test(onnxType) };
}

const table: Readonly<Record<Datatype, DatatypeInfo>> = {
  BOOL: info(1, 'bool_contents', 'bool'),
  UINT8: info(1, 'uint_contents', 'uint8'),
  UINT16: info(2, 'uint_contents', 'uint16'),
  UINT32: info(4, 'uint_contents', 'uint32'),
  UINT64: info(8, 'uint64_contents', 'uint64'),
  INT8: info(1, 'int_contents', 'int8'),
  INT16: info(2, 'int_contents', 'int16'),
  INT32: info(4, 'int_contents', 'int32'),
  INT64: info(8, 'int64_contents', 'int64'),
  FP16: info(2, undefined, 'float16'),
  FP32: info(4, 'fp32_contents', 'float32'),
  FP64: info(8, 'fp64_contents', 'float64'),
  BF16: info(2, undefined, 'bfloat16'),
  BYTES: info(undefined, 'bytes_contents', 'string'),
};

/** Every datatype that can be served, by name. A Map, because callers send the names. */
export const dataTypes: ReadonlyMap<string, DatatypeInfo> = new Map(Object.entries(table));

/** Whether a text names a datatype that can be served. */
export function isDatatype(text: string): text is Datatype {
  return dataTypes.has(text);
}

/** The facts of a datatype that is known to exist. */
export function datatypeInfo(datatype: Datatype): DatatypeInfo {
  return table[datatype];
}

const byOnnxType: ReadonlyMap<string, Datatype> = new Map(
  Object.entries(table).map(([datatype, { onnxType }]) => [onnxType, datatype as Datatype]),
);

/** The datatype of an ONNX element type, e.g. `float32` -> FP32; undefined where it cannot be served. */
export function datatypeOfOnnx(onnxType: string): Datatype | undefined {
  return byOnnxType.get(onnxType);
}
