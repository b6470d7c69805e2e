import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { KoffiFunc } from 'koffi' with { 'resolution-mode': 'import' };
import { disableOrtTelemetry } from '../ort-environment';
import { apiPlaces, apiTable, apiVersion } from './api-table';
import { loadNative, type Native, type Pointer } from './native';

/** What a function that may fail returns: null, or an OrtStatus that has to be released. */
export type Status = Pointer | null;

type CFunction = KoffiFunc<(...args: unknown[]) => Status>;

/** ONNX Runtime's C functions by name. */
export type OrtApi = { readonly [name in keyof typeof apiTable]: CFunction };

/** OrtErrorCode by number. */
const errorCodes = [
  'OK',
  'FAIL',
  'INVALID_ARGUMENT',
  'NO_SUCHFILE',
  'NO_MODEL',
  'ENGINE_ERROR',
  'RUNTIME_EXCEPTION',
  'INVALID_PROTOBUF',
  'MODEL_LOADED',
  'NOT_IMPLEMENTED',
  'INVALID_GRAPH',
  'EP_FAIL',
  'MODEL_LOAD_CANCELED',
  'MODEL_REQUIRES_COMPILATION',
  'NOT_FOUND',
] as const;

/** Name of an OrtErrorCode. */
export type OrtErrorCode = (typeof errorCodes)[number] | 'UNKNOWN';

/** What ONNX Runtime answered instead of OK. The message names paths and nodes: it is for logs only. */
export class OrtError extends Error {
  override readonly name = 'OrtError';

  constructor(
    readonly code: OrtErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** ONNX Runtime's library as one thread has loaded it. */
export interface OrtLibrary {
  readonly native: Native;
  readonly api: OrtApi;
  /** The OrtEnv, of which a process has one. */
  readonly env: Pointer;
  /** Memory info of the CPU. */
  readonly cpu: Pointer;
  /** ONNX Runtime's default allocator, which owns the names that it hands out. */
  readonly allocator: Pointer;
  readonly memcpy: (to: unknown, from: unknown, bytes: number) => void;
  /** Reachable as long as this is: collected, the handles would unload the library under its functions, which do not hold it. */
  readonly handles: readonly unknown[];
}

let loaded: OrtLibrary | undefined;

/** Path of the shared library inside of onnxruntime-node, the one copy of ONNX Runtime. @throws Error where there is none for this platform */
function libraryPath(): string {
  const main = createRequire(__filename).resolve('onnxruntime-node');
  const folder = join(dirname(main), '..', 'bin', 'napi-v6', process.platform, process.arch);
  return join(folder, process.platform === 'darwin' ? 'libonnxruntime.1.dylib' : 'libonnxruntime.so.1');
}

/**
 * Loads ONNX Runtime's shared library, once a thread.
 * @throws Error where koffi or the library cannot be loaded; OrtError
 */
export function ort(): OrtLibrary {
  loaded ??= load();
  return loaded;
}

function load(): OrtLibrary {
  disableOrtTelemetry();
  const native = loadNative();
  const path = libraryPath();
  const own = native.load(null);
  // Pinned for the life of the process: ONNX Runtime's threads outlive the worker thread whose end would unload it.
  const [now, noDelete] = [0x2, process.platform === 'darwin' ? 0x80 : 0x1000];
  if (own.func('dlopen', 'void *', ['str', 'int'])(path, now | noDelete) === null)
    throw new Error(`${path} cannot be loaded`);
  const library = native.load(path);
  const pointers = (address: unknown, count: number): Pointer[] =>
    native.decode(address, native.array('void *', count)) as Pointer[];
  const [getApi] = pointers(library.func('OrtGetApiBase', 'void *', [])(), 2);
  const table = native.call(getApi, native.proto('void *', ['uint32_t']), apiVersion) as Status;
  if (table === null) throw new Error(`${path} lacks version ${apiVersion} of ONNX Runtime's C API`);
  const places = pointers(table, apiPlaces);
  const api = Object.fromEntries(
    Object.entries(apiTable).map(([name, [place, result, parameters]]) => [
      name,
      native.decode(places[place], native.proto(result, [...parameters])) as CFunction,
    ]),
  ) as unknown as OrtApi;
  const memcpy = own.func('memcpy', 'void *', ['void *', 'void *', 'size_t']);
  const bare = { native, api, memcpy, handles: [library, own] };
  const get = (call: (to: BigUint64Array) => Status): Pointer => {
    const to = new BigUint64Array(1);
    checkStatus(bare, call(to));
    return to[0]!;
  };
  const fatalOnly = 4;
  const [deviceAllocator, defaultMemory] = [0, 0];
  return {
    ...bare,
    env: get((to) => api.CreateEnv(fatalOnly, 'tributary', to)),
    cpu: get((to) => api.CreateCpuMemoryInfo(deviceAllocator, defaultMemory, to)),
    allocator: get((to) => api.GetAllocatorWithDefaultOptions(to)),
  };
}

function checkStatus({ native, api }: Pick<OrtLibrary, 'native' | 'api'>, status: Status): void {
  if (status === null) return;
  const code = errorCodes[Number(api.GetErrorCode(status))] ?? 'UNKNOWN';
  const message = native.decode.string(api.GetErrorMessage(status));
  api.ReleaseStatus(status);
  throw new OrtError(code, message);
}

/** @throws OrtError unless the status is OK */
export function check(status: Status): void {
  if (status !== null) checkStatus(ort(), status);
}

/** Where C writes what it makes. One place is enough, because such calls do not nest. */
const place = new BigUint64Array(1);

/** The pointer that a call writes through its last parameter. @throws OrtError */
export function made(call: (to: BigUint64Array) => Status): Pointer {
  place[0] = 0n;
  check(call(place));
  return place[0];
}

/** The number that a call writes through its last parameter, whatever its width. @throws OrtError */
export function told(call: (to: BigUint64Array) => Status): number {
  return Number(made(call));
}

/** A text that a call has allocated for us. @throws OrtError */
export function takeText(call: (allocator: Pointer, to: BigUint64Array) => Status): string {
  const { api, allocator } = ort();
  const address = made((to) => call(allocator, to));
  if (address === 0n) return '';
  const text = textAt(address);
  check(api.AllocatorFree(allocator, address));
  return text;
}

/** The C string at an address; '' for NULL. */
export function textAt(address: Pointer): string {
  return address === 0n ? '' : ort().native.decode.string(address);
}

/** The addresses in an array of C. */
export function pointersAt(address: Pointer, count: number): BigUint64Array<ArrayBuffer> {
  if (count === 0) return new BigUint64Array();
  const { native } = ort();
  return BigUint64Array.from(native.decode(address, native.array('uint64_t', count)) as (number | bigint)[], BigInt);
}

/** Makes a call on a thread of libuv's pool. The caller keeps everything reachable that the arguments point to. */
export function offThread(call: CFunction, ...args: unknown[]): Promise<Status> {
  return new Promise((resolve, reject) => {
    call.async(...args, (error: unknown, status: Status) => {
      if (error instanceof Error) reject(error);
      else resolve(status);
    });
  });
}

/**
 * Makes the arena that sessions can share: what a run of one model has left is there for all, and it grows by what is asked for. The arenas
 * of sessions grow by powers of two, also where they were refused: after one run that asked for too much, the next takes all that may be
 * had. Once a process.
 * @throws OrtError
 */
export function openSharedArena(): void {
  const { api, env } = ort();
  const keys = new CStrings(['arena_extend_strategy']);
  const asRequested = 1n;
  const values = BigUint64Array.of(asRequested);
  const config = made((to) => api.CreateArenaCfgV2(keys.addresses, values, 1, to));
  const [arenaAllocator, defaultMemory] = [1, 0];
  const memory = made((to) => api.CreateCpuMemoryInfo(arenaAllocator, defaultMemory, to));
  try {
    check(api.CreateAndRegisterAllocator(env, memory, config));
  } finally {
    api.ReleaseMemoryInfo(memory);
    api.ReleaseArenaCfg(config);
  }
}

/** C strings and the array of their addresses; both must stay reachable while C may read them. */
export class CStrings {
  private readonly bytes: readonly Uint8Array[];
  readonly addresses: BigUint64Array<ArrayBuffer>;

  /** @throws RangeError where a text holds NUL */
  constructor(texts: readonly string[]) {
    const { native } = ort();
    this.bytes = texts.map((text) => {
      if (text.includes('\0')) throw new RangeError('a name holds NUL');
      return Buffer.from(`${text}\0`);
    });
    this.addresses = BigUint64Array.from(this.bytes, (bytes) => native.address(bytes));
  }
}
