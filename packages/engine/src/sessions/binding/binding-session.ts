import type * as Ort from 'onnxruntime-node';
import { datatypeInfo, datatypeOfOnnx, encodeStringElements, type Datatype } from '@tributary/contract';
import type { TensorSpec } from '../../engine';
import type { PackedTensor } from '../../tensors/pack-batch';
import { decodeStrings } from '../../tensors/string-elements';

/** Typed array over the raw bytes of each datatype. FP16 stays bits: Node 20 has no Float16Array. */
const arrayOf = {
  BOOL: Uint8Array,
  UINT8: Uint8Array,
  UINT16: Uint16Array,
  UINT32: Uint32Array,
  UINT64: BigUint64Array,
  INT8: Int8Array,
  INT16: Int16Array,
  INT32: Int32Array,
  INT64: BigInt64Array,
  FP16: Uint16Array,
  FP32: Float32Array,
  FP64: Float64Array,
  // Refused below: the binding does not take it.
  BF16: Uint16Array,
} as const;

/** Thrown where a model has something that cannot be served; the message may be shown. */
export class UnservableError extends Error {
  override readonly name = 'UnservableError';
}

/** How every session is made. */
export function sessionOptions(intraOpThreads: number, prepacks: boolean): Ort.InferenceSession.SessionOptions {
  return {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    // Explicit counts also keep ONNX Runtime from pinning threads to cores that the container does not have.
    intraOpNumThreads: intraOpThreads,
    interOpNumThreads: 1,
    // Fatal only: what fails is thrown and logged by us; ONNX Runtime would print callers' mistakes on stderr as well.
    logSeverityLevel: 4,
    // A spinning pool burns a core while idle. Values must be strings.
    extra: {
      session: {
        intra_op: { allow_spinning: '0' },
        inter_op: { allow_spinning: '0' },
        disable_prepacking: prepacks ? '0' : '1',
      },
    },
  };
}

/** An ONNX Runtime session that takes and gives packed tensors in the model's order. Lives on a session lane. */
export class Session {
  /** Called before every run, where set. */
  onRun: (() => void) | undefined;

  private constructor(
    private readonly ort: typeof Ort,
    private readonly session: Ort.InferenceSession,
    readonly inputs: readonly TensorSpec[],
    readonly outputs: readonly TensorSpec[],
    /** Names of dimensions that may vary, by tensor. */
    readonly dimensionNames: ReadonlyMap<string, readonly string[]>,
  ) {}

  /** Loads by path, so that ONNX Runtime finds external weights beside the file and maps them. */
  static async load(ort: typeof Ort, path: string, intraOpThreads: number, prepacks: boolean): Promise<Session> {
    const session = await ort.InferenceSession.create(path, sessionOptions(intraOpThreads, prepacks));
    try {
      const inputs = session.inputMetadata.map((value) => toSpec(value, 'input'));
      const outputs = session.outputMetadata.map((value) => toSpec(value, 'output'));
      const names = [...session.inputMetadata, ...session.outputMetadata].map(toDimensionNames);
      return new Session(ort, session, inputs, outputs, new Map(names));
    } catch (error) {
      await session.release();
      throw error;
    }
  }

  async run(inputs: readonly PackedTensor[], outputs: readonly number[] | null): Promise<PackedTensor[]> {
    // Names come from models: "constructor" must not find anything.
    const feeds = Object.create(null) as Record<string, Ort.Tensor>;
    for (let index = 0; index < inputs.length; index++) {
      const { name, datatype } = this.inputs[index]!;
      feeds[name] = toTensor(this.ort, datatype, inputs[index]!);
    }
    const specs = outputs === null ? this.outputs : outputs.map((position) => this.outputs[position]!);
    this.onRun?.();
    const results = await this.session.run(
      feeds,
      specs.map((spec) => spec.name),
    );
    return specs.map((spec) => toPacked(results[spec.name]!));
  }

  release(): Promise<void> {
    return this.session.release();
  }
}

/** A tensor over the bytes, which are not copied. */
export function toTensor(ort: Pick<typeof Ort, 'Tensor'>, datatype: Datatype, packed: PackedTensor): Ort.Tensor {
  const { shape, bytes } = packed;
  if (datatype === 'BYTES') return new ort.Tensor('string', decodeStrings(bytes), shape);
  const data = new arrayOf[datatype](
    bytes.buffer,
    bytes.byteOffset,
    bytes.byteLength / arrayOf[datatype].BYTES_PER_ELEMENT,
  );
  return new ort.Tensor(datatypeInfo(datatype).onnxType as 'float32', data as Float32Array, shape);
}

function toDimensionNames(value: Ort.InferenceSession.ValueMetadata): [string, string[]] {
  if (!value.isTensor) return [value.name, []];
  return [value.name, value.shape.map((dimension) => (typeof dimension === 'string' ? dimension : ''))];
}

function toSpec(value: Ort.InferenceSession.ValueMetadata, role: string): TensorSpec {
  if (!value.isTensor) throw new UnservableError(`${role} '${value.name}' is not a tensor`);
  const datatype = datatypeOfOnnx(value.type);
  if (datatype === undefined || datatype === 'BF16')
    throw new UnservableError(`${role} '${value.name}' has elements of type ${value.type}`);
  return {
    name: value.name,
    datatype,
    shape: value.shape.map((dimension) => (typeof dimension === 'number' ? dimension : -1)),
  };
}

/** The bytes of a session's output, at the start of a buffer of their own. */
export function toPacked(tensor: Pick<Ort.Tensor, 'dims' | 'data'>): PackedTensor {
  const shape = [...tensor.dims];
  const { data } = tensor;
  if (Array.isArray(data)) {
    return { shape, bytes: encodeStringElements(data) };
  }
  const { buffer, byteOffset, byteLength } = data as Uint8Array<ArrayBuffer>;
  // ONNX Runtime gives every output a buffer of its own; a part of a larger one could not be moved to another thread.
  const bytes = new Uint8Array(buffer, byteOffset, byteLength);
  return { shape, bytes: byteOffset === 0 ? bytes : bytes.slice() };
}
