import { parentPort, workerData } from 'node:worker_threads';
import { check, made, ort, pointersAt, told, type OrtApi } from '../ort/ort-library';
import { readResult, readTensor, stringTensor, tensorOver, type OrtResult } from '../ort/ort-values';
import { stringType } from '../ort/element-types';
import {
  descriptorBytes,
  descriptorDoubles,
  descriptorWords,
  laneDoubles,
  laneWord,
  laneWords,
  headWords,
  maxRank,
  maxTextBytes,
  requestKinds,
  requestStatus,
  textOffset,
} from './layout';
import { Linux } from './linux';
import { dataBytes } from './process-memory';
import { RunStops, type RunStopsMemory } from './run-stops';
import { SessionTable, type TableRow } from './session-table';

/** What the runner gives a lane's thread. */
export interface LaneData {
  readonly lane: number;
  /** Address and size of the shared memory in this process. */
  readonly address: bigint;
  readonly memoryBytes: number;
  /** Descriptors of the doorbells: the one that this lane waits for, and the host's. */
  readonly bell: number;
  readonly hostBell: number;
  readonly table: SharedArrayBuffer;
  readonly stops: RunStopsMemory;
}

/** A session as this thread knows it. */
interface KnownSession extends TableRow {
  readonly generation: bigint;
  readonly inputNamesAt: BigUint64Array;
  readonly outputNamesAt: BigUint64Array;
  /** False: a sequence or a map. */
  readonly isTensor: readonly boolean[];
}

/** What a run was given, for another one with the same. The elements of its inputs need not be there any more: they are not read. */
interface ShrinkRun {
  readonly session: KnownSession;
  readonly inputNames: BigUint64Array;
  readonly inputValues: BigUint64Array;
  readonly inputs: number;
  readonly outputNames: BigUint64Array;
  readonly outputs: number;
}

/** Outputs of a run that found too little room. */
interface KeptOutputs {
  readonly values: readonly bigint[];
  readonly results: readonly OrtResult[];
  readonly inputValues: BigUint64Array;
  /** The arena is to be shrunk when they are gone. */
  readonly shrink: ShrinkRun | undefined;
}

/** What ONNX Runtime says where it was given no memory: its arena, its default allocator, Tile, the C++ library; and V8 where texts are read. */
const outOfMemoryWords =
  /bad_alloc|bad allocation|Failed to allocate memory|Array buffer allocation failed|Invalid typed array length|would require more than \d+ bytes/i;

/** Runs shorter than this cannot have taken much memory, which takes its time to be cleared. */
const leastShrinkUs = 2000;

/** Sessions that a thread remembers. */
const maxKnown = 256;

/**
 * A lane's thread: takes one request after another from its slot in the shared memory, and runs them over the pages where they lie. One
 * file, because a run's values live from the first step to the last.
 */
class LaneThread {
  private readonly linux = new Linux();
  private readonly library = ort();
  private readonly words: Int32Array;
  private readonly doubles: Float64Array;
  private readonly bytes: Uint8Array;
  private readonly wordAt: number;
  private readonly doubleAt: number;
  private readonly table: SessionTable;
  private readonly stops: RunStops;
  private readonly known = new Map<number, KnownSession>();
  private options: bigint;
  private shrinkOptions: bigint | undefined;
  /** Outputs of the last run that found too little room, and the values that they lie in. */
  private kept: KeptOutputs | undefined;

  constructor(private readonly data: LaneData) {
    const memory = this.linux.view(data.address, data.memoryBytes);
    this.words = new Int32Array(memory);
    this.doubles = new Float64Array(memory);
    this.bytes = new Uint8Array(memory);
    this.wordAt = laneWord(data.lane);
    this.doubleAt = this.wordAt / 2;
    this.table = new SessionTable(data.table);
    this.stops = new RunStops(data.stops);
    this.options = this.stops.open(data.lane);
  }

  /** Works until it is told to end. */
  work(): void {
    const { words, wordAt } = this;
    let done = 0;
    for (;;) {
      const seq = Atomics.load(words, wordAt + laneWords.submitted);
      if (seq !== done) {
        done = seq;
        Atomics.store(words, wordAt + laneWords.started, seq);
        this.answer(seq);
        Atomics.store(words, wordAt + laneWords.completed, seq);
        if (Atomics.exchange(words, headWords.hostAsleep, 0) === 1) this.linux.ring(this.data.hostBell);
        continue;
      }
      if (Atomics.load(words, wordAt + laneWords.closing) === 1) return;
      // The bell first, then another look: a request that comes between rings it.
      Atomics.store(words, wordAt + laneWords.asleep, 1);
      if (
        Atomics.load(words, wordAt + laneWords.submitted) === done &&
        Atomics.load(words, wordAt + laneWords.closing) === 0
      ) {
        this.linux.await(this.data.bell);
      }
      Atomics.store(words, wordAt + laneWords.asleep, 0);
    }
  }

  /** Writes the answer to the request that lies in the slot. */
  private answer(seq: number): void {
    try {
      this.setStatus(this.handle(seq));
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.say(text);
      this.setStatus(outOfMemoryWords.test(text) ? requestStatus.outOfMemory : requestStatus.failed);
    }
  }

  private handle(seq: number): number {
    switch (this.words[this.wordAt + laneWords.kind]!) {
      case requestKinds.copy:
        if (this.kept === undefined || !this.handOver(this.kept.results))
          throw new Error('no outputs, or no room for them');
        this.dropKept();
        return requestStatus.ran;
      case requestKinds.drop:
        this.dropKept();
        return requestStatus.ran;
      default:
        return this.run(seq);
    }
  }

  private run(seq: number): number {
    const { words, wordAt } = this;
    const session = this.session(words[wordAt + laneWords.session]!);
    const inputs = words[wordAt + laneWords.inputs]!;
    const outputs = words[wordAt + laneWords.outputs]!;
    const inputNames = new BigUint64Array(Math.max(1, inputs));
    const inputValues = new BigUint64Array(Math.max(1, inputs));
    const outputNames = new BigUint64Array(outputs);
    const outputValues = new BigUint64Array(outputs);
    const positions = Array.from({ length: outputs }, (_, index) => this.position(inputs + index));
    positions.forEach((position, index) => (outputNames[index] = session.outputNamesAt[position]!));
    let keeps = false;
    let keepsArena = true;
    try {
      for (let index = 0; index < inputs; index++) {
        inputNames[index] = session.inputNamesAt[this.position(index)]!;
        inputValues[index] = this.inputValue(index);
      }
      this.stops.enter(this.data.lane, seq);
      // Whoever asked before it could be seen to run has left word.
      const isUnwanted = [laneWords.stopped, laneWords.closing].some(
        (word) => Atomics.load(words, wordAt + word) === 1,
      );
      if (isUnwanted) {
        this.leave(seq);
        return requestStatus.stopped;
      }
      const cpuBefore = session.isSingleThreaded ? this.linux.threadCpuUs() : 0;
      const startedAt = performance.now();
      const status = this.library.api.Run(
        ...[session.address, this.options],
        ...[inputNames, inputValues, inputs],
        ...[outputNames, outputs, outputValues],
      );
      const inferenceUs = (performance.now() - startedAt) * 1000;
      this.doubles[this.doubleAt + laneDoubles.inferenceUs] = inferenceUs;
      this.doubles[this.doubleAt + laneDoubles.costUs] = session.isSingleThreaded
        ? this.linux.threadCpuUs() - cpuBefore
        : inferenceUs;
      const wasStopped = this.leave(seq);
      if (inferenceUs > leastShrinkUs || status !== null) {
        keepsArena = dataBytes() <= this.table.shrinkAboveBytes;
      }
      if (wasStopped && status !== null) {
        this.library.api.ReleaseStatus(status);
        return requestStatus.stopped;
      }
      check(status);
      const results = positions.map((position, index) =>
        session.isTensor[position] === true ? readTensor(outputValues[index]!) : readResult(outputValues[index]!),
      );
      if (this.handOver(results)) return requestStatus.ran;
      this.kept = { values: [...outputValues], results, inputValues, shrink: undefined };
      keeps = true;
      return requestStatus.needsRoom;
    } finally {
      const shrink = keepsArena ? undefined : { session, inputNames, inputValues, inputs, outputNames, outputs };
      if (keeps) this.kept = { ...this.kept!, inputValues, shrink };
      else {
        this.release(outputValues);
        this.endInputs(inputValues, shrink);
      }
    }
  }

  private endInputs(inputValues: BigUint64Array, shrink: ShrinkRun | undefined): void {
    if (shrink !== undefined) this.shrinkArena(shrink);
    this.release(inputValues);
  }

  /**
   * Gives back what runs have left in the session's arena, which nobody else could use. ONNX Runtime does so at the end of a run that asks
   * for it; this one has the same inputs and ends before its first node.
   */
  private shrinkArena({ session, ...run }: ShrinkRun): void {
    const { api } = this.library;
    this.shrinkOptions ??= makeShrinkOptions(api);
    const outputValues = new BigUint64Array(run.outputs);
    const status = api.Run(
      ...[session.address, this.shrinkOptions],
      ...[run.inputNames, run.inputValues, run.inputs],
      ...[run.outputNames, run.outputs, outputValues],
    );
    if (status !== null) api.ReleaseStatus(status);
    this.release(outputValues);
  }

  /** The run's RunOptions are as new afterwards. @returns whether it was stopped */
  private leave(seq: number): boolean {
    const wasStopped = this.stops.leave(this.data.lane, seq);
    if (wasStopped) this.options = this.stops.open(this.data.lane);
    return wasStopped;
  }

  private session(place: number): KnownSession {
    const generation = this.table.generation(place);
    const known = this.known.get(place);
    if (known?.generation === generation) return known;
    const row = this.table.read(place);
    if (row === undefined) throw new Error('no such session');
    if (this.known.size >= maxKnown) this.known.clear();
    const session: KnownSession = {
      ...row,
      generation,
      inputNamesAt: pointersAt(row.inputNames, row.inputs),
      outputNamesAt: pointersAt(row.outputNames, row.outputs),
      isTensor: Array.from({ length: row.outputs }, (_, index) => this.isTensor(row.address, index)),
    };
    this.known.set(place, session);
    return session;
  }

  private isTensor(session: bigint, output: number): boolean {
    const { api } = this.library;
    const info = made((to) => api.SessionGetOutputTypeInfo(session, output, to));
    const tensor = 1;
    const kind = told((to) => api.GetOnnxTypeFromTypeInfo(info, to));
    api.ReleaseTypeInfo(info);
    return kind === tensor;
  }

  private inputValue(index: number): bigint {
    const at = this.descriptor(index);
    const [word, double] = [at / 4, at / 8];
    const type = this.words[word + descriptorWords.type]!;
    const rank = this.words[word + descriptorWords.rank]!;
    const data = this.doubles[double + descriptorDoubles.data]!;
    const byteLength = this.doubles[double + descriptorDoubles.bytes]!;
    const dimensions = this.data.address + BigInt(this.doubles[double + descriptorDoubles.dimensions]!);
    if (type === stringType) return stringTensor(dimensions, rank, this.bytes.subarray(data, data + byteLength));
    return tensorOver(type, dimensions, rank, this.data.address + BigInt(data), byteLength);
  }

  /** Writes types, shapes and sizes, and copies the elements where all of them find room. */
  private handOver(results: readonly OrtResult[]): boolean {
    const inputs = this.words[this.wordAt + laneWords.inputs]!;
    let hasRoom = true;
    const places = results.map(({ type, shape, byteLength }, index) => {
      if (shape.length > maxRank) throw new Error(`an output has ${shape.length} dimensions, more than ${maxRank}`);
      const at = this.descriptor(inputs + index);
      const [word, double] = [at / 4, at / 8];
      if (byteLength > this.doubles[double + descriptorDoubles.bytes]!) hasRoom = false;
      this.words[word + descriptorWords.type] = type;
      this.words[word + descriptorWords.rank] = shape.length;
      const dimensionsAt = this.doubles[double + descriptorDoubles.dimensions]! / 4;
      shape.forEach((size, dimension) => {
        this.words[dimensionsAt + 2 * dimension] = size | 0;
        this.words[dimensionsAt + 2 * dimension + 1] = Math.floor(size / 2 ** 32);
      });
      return double;
    });
    results.forEach(({ byteLength, source }, index) => {
      const double = places[index]!;
      this.doubles[double + descriptorDoubles.bytes] = byteLength;
      if (!hasRoom || byteLength === 0) return;
      const to = this.doubles[double + descriptorDoubles.data]!;
      if (typeof source === 'bigint') this.library.memcpy(this.data.address + BigInt(to), source, byteLength);
      else this.bytes.set(source, to);
    });
    return hasRoom;
  }

  private position(tensor: number): number {
    return this.words[this.descriptor(tensor) / 4 + descriptorWords.position]!;
  }

  private descriptor(tensor: number): number {
    return this.doubles[this.doubleAt + laneDoubles.descriptors]! + tensor * descriptorBytes;
  }

  private dropKept(): void {
    const { kept } = this;
    this.kept = undefined;
    if (kept === undefined) return;
    this.release(kept.values);
    this.endInputs(kept.inputValues, kept.shrink);
  }

  private release(values: Iterable<bigint>): void {
    for (const value of values) if (value !== 0n) this.library.api.ReleaseValue(value);
  }

  private setStatus(status: number): void {
    this.words[this.wordAt + laneWords.status] = status;
  }

  private say(text: string): void {
    const bytes = Buffer.from(text).subarray(0, maxTextBytes);
    this.bytes.set(bytes, this.wordAt * 4 + textOffset);
    this.words[this.wordAt + laneWords.textBytes] = bytes.length;
  }
}

function makeShrinkOptions(api: OrtApi): bigint {
  const options = made((to) => api.CreateRunOptions(to));
  const fatalOnly = 4;
  check(api.RunOptionsSetRunLogSeverityLevel(options, fatalOnly));
  check(api.AddRunConfigEntry(options, 'memory.enable_memory_arena_shrinkage', 'cpu:0'));
  check(api.RunOptionsSetTerminate(options));
  return options;
}

const thread = new LaneThread(workerData as LaneData);
parentPort!.postMessage('ready');
thread.work();
