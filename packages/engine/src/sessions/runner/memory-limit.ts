import { totalmem } from 'node:os';
import { groupFolders, readBelow, smallest, type Read } from '../../cpu/control-group';

/** Where limits are read. Tests give a folder with fixture files and a size. */
export interface MemoryHost {
  /** Stands for `/`. */
  readonly fileRoot: string;
  /** Memory of the machine. */
  readonly totalBytes: number;
}

/** Memory that this process and its children may use together, and what sets the limit. */
export interface MemoryBudget {
  readonly bytes: number;
  readonly source: 'cgroup v2 limit' | 'cgroup v1 limit' | 'host';
}

/** How the memory is divided. */
export interface MemoryPlan {
  /** What all runs together may take beside the sessions. */
  readonly runMemoryBytes: number;
  /** What sessions and runs together may take. */
  readonly memoryLimitBytes: number;
  /** Memory for inputs and outputs on their way, a power of two; counts once it is used. */
  readonly sharedBytes: number;
}

const mib = 2 ** 20;

/** The server's own heap and threads, and the runner without sessions. */
const restBytes = 160 * mib;

const defaultRunMemoryBytes = 1024 * mib;
const leastRunMemoryBytes = 64 * mib;

/** Inputs and outputs of all lanes. No more, because views of V8 count up to 4 GiB. */
const mostSharedBytes = 2048 * mib;
const leastSharedBytes = 128 * mib;

/** The smallest of the control group's limit (its own and its parents') and the host's memory. What cannot be read sets no limit. */
export function readMemoryBudget(host: MemoryHost = { fileRoot: '/', totalBytes: totalmem() }): MemoryBudget {
  const read = readBelow(host.fileRoot);
  const limits: MemoryBudget[] = [
    { bytes: host.totalBytes, source: 'host' },
    { bytes: limitV1(read), source: 'cgroup v1 limit' },
    { bytes: limitV2(read), source: 'cgroup v2 limit' },
  ];
  return limits.reduce((least, limit) => (limit.bytes < least.bytes ? limit : least));
}

/**
 * Divides the memory: what the rest of the service needs comes first. Runs get a quarter of what is left and no more than 1 GiB, and never
 * less than 64 MiB, below which the runtime around ONNX Runtime would be refused memory before it.
 * @param runMemoryBytes what runs are to get, where somebody has said so
 * @param maxOutputBytes most bytes of all outputs of a run
 */
export function planMemory(
  { bytes }: MemoryBudget,
  { runMemoryBytes, maxOutputBytes }: { readonly runMemoryBytes?: number | undefined; readonly maxOutputBytes: number },
): MemoryPlan {
  const left = Math.max(leastRunMemoryBytes, bytes - restBytes);
  const share = Math.min(defaultRunMemoryBytes, left / 4);
  return {
    runMemoryBytes: Math.floor(Math.max(leastRunMemoryBytes, runMemoryBytes ?? share)),
    memoryLimitBytes: Math.floor(left),
    sharedBytes: 2 ** Math.ceil(Math.log2(clamp(maxOutputBytes * 4, leastSharedBytes, mostSharedBytes))),
  };
}

/** memory.max holds bytes, or "max" (kernel: cgroup-v2.rst). */
function limitV2(read: Read): number {
  return smallest(groupFolders(read, ''), (folder) => toBytes(read(`/sys/fs/cgroup${folder}/memory.max`)));
}

/** memory.limit_in_bytes is huge where there is none (kernel: cgroup-v1/memory.rst). */
function limitV1(read: Read): number {
  return smallest(groupFolders(read, 'memory'), (folder) =>
    toBytes(read(`/sys/fs/cgroup/memory${folder}/memory.limit_in_bytes`)),
  );
}

function toBytes(text: string | undefined): number {
  const bytes = Number(text);
  return bytes > 0 ? bytes : Infinity;
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value));
}
