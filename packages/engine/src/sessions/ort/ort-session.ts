import { elementBytes, elementTypeName, stringType } from './element-types';
import type { Pointer } from './native';
import { check, CStrings, made, offThread, ort, pointersAt, takeText, textAt, told, type OrtApi } from './ort-library';
import { typeAndShape } from './ort-values';

/** How a session is made. */
export interface OrtSessionOptions {
  readonly intraOpThreads: number;
  /** Weights are laid out anew for the kernels, in memory of the session's own. */
  readonly prepacks: boolean;
  /** Runs take their memory from the arena of `openSharedArena`, in place of one of the session's own. */
  readonly sharesArena: boolean;
}

/** An input or output as the tensor that it is handed over as. */
export interface OrtValueSpec {
  readonly name: string;
  /** ONNXTensorElementDataType. */
  readonly type: number;
  /** -1 where a dimension may vary. */
  readonly shape: readonly number[];
  /** Names of the dimensions that may vary, '' elsewhere; as long as the shape. */
  readonly dimensionNames: readonly string[];
}

/** What the model file says of itself. */
export interface OrtMetadata {
  readonly producer: string;
  readonly graphName: string;
  readonly domain: string;
  readonly description: string;
  /** '' where the file has none. */
  readonly version: string;
  readonly custom: readonly (readonly [string, string])[];
}

/** Thrown for an input or output that cannot be served; the text may be shown. */
export class UnservableValueError extends Error {
  override readonly name = 'UnservableValueError';
}

/** ONNXType by number. */
const kindNames = ['unknown', 'tensor', 'sequence', 'map', 'opaque', 'sparse tensor', 'optional'];

/** A load of a session, which can be given up. */
export class OrtSessionLoad {
  private options: Pointer;

  constructor(
    private readonly path: string,
    { intraOpThreads, prepacks, sharesArena }: OrtSessionOptions,
  ) {
    if (path.includes('\0')) throw new RangeError('the path holds NUL');
    const { api } = ort();
    this.options = made((to) => api.CreateSessionOptions(to));
    try {
      check(api.SetIntraOpNumThreads(this.options, intraOpThreads));
      check(api.SetInterOpNumThreads(this.options, 1));
      const allOptimisations = 99;
      check(api.SetSessionGraphOptimizationLevel(this.options, allOptimisations));
      // Fatal only: what fails is an error of ours; ONNX Runtime would print callers' mistakes on stderr as well.
      const fatalOnly = 4;
      check(api.SetSessionLogSeverityLevel(this.options, fatalOnly));
      // A spinning pool burns a core while idle.
      this.set('session.intra_op.allow_spinning', '0');
      this.set('session.inter_op.allow_spinning', '0');
      this.set('session.disable_prepacking', prepacks ? '0' : '1');
      if (sharesArena) {
        this.set('session.use_env_allocators', '1');
        // Weights go back to the system with the session, not to the arena.
        this.set('session.use_device_allocator_for_initializers', '1');
      }
    } catch (error) {
      this.end();
      throw error;
    }
  }

  /** Loads off this thread; once. @throws OrtError, with code MODEL_LOAD_CANCELED where it was given up; UnservableValueError */
  async run(): Promise<OrtSession> {
    const { api, env } = ort();
    const to = new BigUint64Array(1);
    try {
      check(await offThread(api.CreateSession, env, this.path, this.options, to));
    } finally {
      this.end();
    }
    try {
      return new OrtSession(to[0]!);
    } catch (error) {
      await offThread(api.ReleaseSession, to[0]);
      throw error;
    }
  }

  /** Asks ONNX Runtime to give up at the next place where it looks. Does nothing where the load has ended. */
  cancel(): void {
    if (this.options !== 0n) check(ort().api.SessionOptionsSetLoadCancellationFlag(this.options, true));
  }

  private set(key: string, value: string): void {
    check(ort().api.AddSessionConfigEntry(this.options, key, value));
  }

  private end(): void {
    const { options } = this;
    this.options = 0n;
    ort().api.ReleaseSessionOptions(options);
  }
}

/** A session of ONNX Runtime. Any number of threads may run it at once by its addresses, which live as long as this object. */
export class OrtSession {
  readonly inputs: readonly OrtValueSpec[];
  /** Inputs with a default, which a run may leave out. */
  readonly optionalInputs: readonly OrtValueSpec[];
  readonly outputs: readonly OrtValueSpec[];
  readonly metadata: OrtMetadata;
  /** C strings of the names: inputs, then optional ones. */
  readonly inputNames: CStrings;
  readonly outputNames: CStrings;

  /** @throws UnservableValueError */
  constructor(private pointer: Pointer) {
    const { api } = ort();
    this.inputs = readSpecs(pointer, 'input', {
      count: api.SessionGetInputCount,
      name: api.SessionGetInputName,
      type: api.SessionGetInputTypeInfo,
    });
    this.optionalInputs = readSpecs(pointer, 'input', {
      count: api.SessionGetOverridableInitializerCount,
      name: api.SessionGetOverridableInitializerName,
      type: api.SessionGetOverridableInitializerTypeInfo,
    });
    this.outputs = readSpecs(pointer, 'output', {
      count: api.SessionGetOutputCount,
      name: api.SessionGetOutputName,
      type: api.SessionGetOutputTypeInfo,
    });
    this.metadata = readMetadata(pointer);
    this.inputNames = new CStrings([...this.inputs, ...this.optionalInputs].map(({ name }) => name));
    this.outputNames = new CStrings(this.outputs.map(({ name }) => name));
  }

  get address(): Pointer {
    return this.pointer;
  }

  /** Releases it off this thread. No run may be in flight, and none may follow. */
  async release(): Promise<void> {
    const { pointer } = this;
    this.pointer = 0n;
    if (pointer !== 0n) await offThread(ort().api.ReleaseSession, pointer);
  }
}

interface SpecCalls {
  readonly count: OrtApi['Run'];
  readonly name: OrtApi['Run'];
  readonly type: OrtApi['Run'];
}

function readSpecs(session: Pointer, role: string, { count, name: nameOf, type: typeOf }: SpecCalls): OrtValueSpec[] {
  return Array.from({ length: told((to) => count(session, to)) }, (_, index) => {
    const name = takeText((allocator, to) => nameOf(session, index, allocator, to));
    const info = made((to) => typeOf(session, index, to));
    try {
      return { name, ...readType(info, `${role} '${name}'`, role === 'output') };
    } finally {
      ort().api.ReleaseTypeInfo(info);
    }
  });
}

type TensorType = Omit<OrtValueSpec, 'name'>;

/** @param mayBeComposed sequences and maps are told as the tensors that `readResult` makes of them */
function readType(info: Pointer, who: string, mayBeComposed: boolean): TensorType {
  const { api } = ort();
  const kind = kindNames[told((to) => api.GetOnnxTypeFromTypeInfo(info, to))] ?? 'unknown';
  if (kind === 'tensor') return readTensorType(info, who);
  if (!mayBeComposed) throw new UnservableValueError(`${who} is a ${kind}; only tensors can be served`);
  switch (kind) {
    case 'map': {
      const map = made((to) => api.CastTypeInfoToMapTypeInfo(info, to));
      const { type } = readTypeOf(
        made((to) => api.GetMapValueType(map, to)),
        who,
        false,
      );
      return { type, shape: [-1], dimensionNames: [''] };
    }
    case 'sequence': {
      const sequence = made((to) => api.CastTypeInfoToSequenceTypeInfo(info, to));
      return withFirst(
        readTypeOf(
          made((to) => api.GetSequenceElementType(sequence, to)),
          who,
          true,
        ),
      );
    }
    case 'optional':
      // Told by its first run.
      throw new UnservableValueError(`${who} is optional, and may have no value; only tensors can be served`);
    default:
      throw new UnservableValueError(`${who} is a ${kind}; only tensors can be served`);
  }
}

/** As readType, of type information that is ours to release. */
function readTypeOf(info: Pointer, who: string, mayBeMap: boolean): TensorType {
  const { api } = ort();
  try {
    const kind = kindNames[told((to) => api.GetOnnxTypeFromTypeInfo(info, to))] ?? 'unknown';
    if (kind === 'map' && mayBeMap) return readType(info, who, true);
    if (kind !== 'tensor') throw new UnservableValueError(`${who} is a nest of ${kind}s; only tensors can be served`);
    return readTensorType(info, who);
  } finally {
    api.ReleaseTypeInfo(info);
  }
}

/** With a dimension before the others: as many as there are keys, or elements. */
function withFirst({ type, shape, dimensionNames }: TensorType): TensorType {
  return { type, shape: [-1, ...shape], dimensionNames: ['', ...dimensionNames] };
}

function readTensorType(info: Pointer, who: string): TensorType {
  const { api } = ort();
  const tensor = made((to) => api.CastTypeInfoToTensorInfo(info, to));
  const { type, shape } = typeAndShape(tensor);
  if (type !== stringType && (elementBytes(type) === 0 || elementTypeName(type).startsWith('complex'))) {
    throw new UnservableValueError(
      `${who} has elements of ${elementTypeName(type)}, which cannot be served; convert it to float32`,
    );
  }
  const names = new BigUint64Array(Math.max(1, shape.length));
  check(api.GetSymbolicDimensions(tensor, names, shape.length));
  return { type, shape, dimensionNames: Array.from(names.subarray(0, shape.length), textAt) };
}

/** What ONNX Runtime tells of a file without a version. */
const unsetVersion = 2n ** 63n - 1n;

function readMetadata(session: Pointer): OrtMetadata {
  const { api, allocator } = ort();
  const metadata = made((to) => api.SessionGetModelMetadata(session, to));
  try {
    const text = (call: OrtApi['Run']): string => takeText((owner, to) => call(metadata, owner, to));
    const count = new BigInt64Array(1);
    const keys = made((to) => api.ModelMetadataGetCustomMetadataMapKeys(metadata, allocator, to, count));
    const custom = Array.from(pointersAt(keys, Number(count[0])), (key): [string, string] => {
      const value = takeText((owner, to) => api.ModelMetadataLookupCustomMetadataMap(metadata, owner, key, to));
      const entry: [string, string] = [textAt(key), value];
      check(api.AllocatorFree(allocator, key));
      return entry;
    });
    if (keys !== 0n) check(api.AllocatorFree(allocator, keys));
    const version = BigInt.asIntN(
      64,
      made((to) => api.ModelMetadataGetVersion(metadata, to)),
    );
    return {
      producer: text(api.ModelMetadataGetProducerName),
      graphName: text(api.ModelMetadataGetGraphName),
      domain: text(api.ModelMetadataGetDomain),
      description: text(api.ModelMetadataGetDescription),
      version: version === unsetVersion ? '' : version.toString(),
      custom,
    };
  } finally {
    api.ReleaseModelMetadata(metadata);
  }
}
