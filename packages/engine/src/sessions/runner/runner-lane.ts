import { elementBytes, elementCount, stringType } from '../ort/element-types';
import type { PackedTensor } from '../../tensors/pack-batch';
import type { InferenceLane, Run, RunEnd } from '../session-host';
import {
  descriptorBytes,
  descriptorDoubles,
  descriptorWords,
  laneDoubles,
  laneWord,
  laneWords,
  maxRank,
  maxTextBytes,
  requestKinds,
  requestStatus,
  textOffset,
} from './layout';
import type { Linux } from './linux';
import type { SharedMemory } from './shared-memory';

/** A session as lanes see it from the host. */
export interface RunnableSession {
  /** Place in the runner's table. */
  readonly place: number;
  /** In the order in which runs give them: element type, and position among all that the runner knows. */
  readonly inputs: readonly { readonly type: number; readonly position: number }[];
  /** Element types. */
  readonly outputs: readonly number[];
  /** Bytes of each output in the last runs, of which those of the next are guessed. */
  readonly outputBytes: number[];
}

/** What a lane needs of its host. */
export interface LaneOwner {
  readonly memory: SharedMemory;
  readonly linux: Linux;
  readonly maxOutputBytes: number;
  /** Undefined: not loaded now. */
  session(session: number): RunnableSession | undefined;
  /** Asks for a stop of a run that may have begun. */
  stop(lane: number, seq: number): void;
  /** What lies in the shared memory makes no sense: nothing of it may be believed any more. */
  distrust(why: string): void;
}

/** What became of a run in a runner that died. */
export interface LeftRun {
  readonly run: Run;
  readonly hasStarted: boolean;
}

/** A run on its way. The runner sees none of this. */
interface Job {
  readonly run: Run;
  readonly session: RunnableSession;
  /** Positions of the wanted outputs. */
  readonly outputs: readonly number[];
  seq: number;
  /** `waiting`: for room in the memory. */
  stage: 'waiting' | 'run' | 'copy' | 'drop';
  /** How the run ends once its outputs are dropped. */
  endOfDrop: RunEnd | undefined;
  /** Tries again what waits for room. */
  resume: () => boolean;
  isStopped: boolean;
  /** Blocks of the inputs, while they are needed. */
  inputBlocks: number[];
  /** Blocks of the outputs; undefined: none yet. */
  rooms: (number | undefined)[];
  inferenceUs: number;
  costUs: number;
}

/** Smallest room for an output that nothing is known of. */
const leastRoomBytes = 4096;

/** Share of the guess that stays when outputs become smaller. */
const guessDecay = 0.9;

/** Enough for the descriptors of some 20 outputs. */
const firstDescriptorBytes = 16 * 1024;

/** Numbers of requests are above 0 and fit a word. */
const maxSeq = 2 ** 31 - 1;

/** Thrown where an answer in the shared memory contradicts the host's books. */
class NonsenseError extends Error {
  override readonly name = 'NonsenseError';
}

/**
 * The host's end of a lane: one run at a time. What is in flight and which block is whose stands in its books alone. One file, because
 * what is written into the shared memory and what is believed of the answer is one protocol.
 */
export class RunnerLane implements InferenceLane {
  readonly isInline = false;
  /** The lane's thread in the runner is there. */
  isUp = false;
  private readonly wordAt: number;
  private readonly doubleAt: number;
  private job: Job | undefined;
  private lastSeq = 0;
  /** The last request whose answer was taken. */
  private answered = 0;
  private descriptorsAt: number | undefined;

  constructor(
    readonly index: number,
    private readonly bell: number,
    private readonly owner: LaneOwner,
  ) {
    this.wordAt = laneWord(index);
    this.doubleAt = this.wordAt / 2;
  }

  get isFree(): boolean {
    return this.isUp && this.job === undefined;
  }

  holds(session: number): boolean {
    return this.isUp && this.owner.session(session) !== undefined;
  }

  start(run: Run): void {
    const session = this.owner.session(run.session);
    if (session === undefined || !this.isFree) throw new Error('a run was started on a lane that is not free for it');
    const job: Job = {
      run,
      session,
      outputs: run.outputs ?? session.outputs.map((_, index) => index),
      seq: 0,
      stage: 'waiting',
      endOfDrop: undefined,
      resume: () => this.post(job),
      isStopped: false,
      inputBlocks: [],
      rooms: [],
      inferenceUs: 0,
      costUs: 0,
    };
    for (const input of run.inputs) {
      if (input !== undefined) job.inputBlocks.push(this.owner.memory.offsetOf(input.bytes));
    }
    this.job = job;
    job.resume();
  }

  stop(run: Run): void {
    const { job } = this;
    if (job?.run !== run || job.isStopped) return;
    job.isStopped = true;
    if (job.stage === 'run') {
      this.set(laneWords.stopped, 1);
      this.owner.stop(this.index, job.seq);
    } else if (job.stage === 'waiting') {
      queueMicrotask(() => {
        if (this.job !== job || job.stage !== 'waiting') return;
        if (job.seq === 0) this.end(job, { kind: 'stopped' });
        else this.drop(job, { kind: 'stopped' });
      });
    }
  }

  /** There may be room in the memory for what waits. */
  resume(): void {
    if (this.isUp && this.job?.stage === 'waiting') this.job.resume();
  }

  /** Whether the runner did something that the host has not looked at. */
  get hasAnswer(): boolean {
    return this.completed !== this.answered;
  }

  /** Takes the answer to what was asked, where there is one. */
  collect(): void {
    const { completed, job } = this;
    if (completed === this.answered) return;
    if (job === undefined || completed !== this.openSeq) {
      this.owner.distrust(`lane ${this.index} completed ${completed}, which nobody asked for`);
      return;
    }
    this.answered = completed;
    if (job.endOfDrop !== undefined) {
      this.end(job, job.endOfDrop);
      return;
    }
    try {
      this.take(job);
    } catch (error) {
      if (!(error instanceof NonsenseError)) throw error;
      this.owner.distrust(error.message);
    }
  }

  /**
   * The runner is dead: what the lane was in. The lane's blocks are free afterwards, and it is as before its first run.
   * @param isSpoilt the shared memory says nothing that can be believed
   * @returns undefined where there was nothing
   */
  abandon(isSpoilt: boolean): LeftRun | undefined {
    const { job } = this;
    const started = this.owner.memory.words[this.wordAt + laneWords.started];
    // A run whose outputs were only waiting to be copied is not what the runner died of.
    const hasStarted = job?.stage === 'run' && (isSpoilt || started === job.seq);
    this.isUp = false;
    this.lastSeq = 0;
    this.answered = 0;
    if (job === undefined) return undefined;
    this.free(job);
    this.job = undefined;
    return { run: job.run, hasStarted };
  }

  private get completed(): number {
    return Atomics.load(this.owner.memory.words, this.wordAt + laneWords.completed);
  }

  /** Number of the run or copy that was asked for and not answered; 0: none. */
  private get openSeq(): number {
    return this.job === undefined || this.job.stage === 'waiting' ? 0 : this.job.seq;
  }

  /** @returns false: there is no room yet */
  private post(job: Job): boolean {
    const { run, session, outputs } = job;
    const inputs = run.inputs.filter((input) => input !== undefined).length;
    const dimensions = run.inputs.reduce((sum, input) => sum + (input?.shape.length ?? 0), outputs.length * maxRank);
    const heads = (inputs + outputs.length) * descriptorBytes;
    if (!this.holdDescriptors(heads + dimensions * 8)) return false;
    const { memory } = this.owner;
    job.rooms = outputs.map((position) =>
      memory.takeBlock(Math.max(leastRoomBytes, session.outputBytes[position] ?? 0)),
    );
    let at = 0;
    let dimensionsAt = this.descriptorsAt! + heads;
    run.inputs.forEach((input, index) => {
      if (input === undefined) return;
      const { shape, bytes } = input;
      this.describe(at++, { ...session.inputs[index]!, rank: shape.length, dimensionsAt });
      this.setData(at - 1, memory.offsetOf(bytes), bytes.length);
      shape.forEach((size, dimension) => {
        memory.words[dimensionsAt / 4 + 2 * dimension] = size | 0;
        memory.words[dimensionsAt / 4 + 2 * dimension + 1] = Math.floor(size / 2 ** 32);
      });
      dimensionsAt += shape.length * 8;
    });
    for (const position of outputs) {
      this.describe(at++, { type: 0, position, rank: 0, dimensionsAt });
      dimensionsAt += maxRank * 8;
    }
    memory.doubles[this.doubleAt + laneDoubles.descriptors] = this.descriptorsAt!;
    this.set(laneWords.inputs, inputs);
    this.set(laneWords.outputs, outputs.length);
    this.set(laneWords.session, session.place);
    this.writeRooms(job);
    job.stage = 'run';
    job.seq = this.submit(requestKinds.run, job.isStopped);
    return true;
  }

  /** Sees to it that there is a block for descriptors. */
  private holdDescriptors(byteLength: number): boolean {
    const { memory } = this.owner;
    if (this.descriptorsAt !== undefined) {
      if (memory.blockBytes(this.descriptorsAt) >= byteLength) return true;
      memory.giveBlock(this.descriptorsAt);
    }
    this.descriptorsAt = memory.takeBlock(Math.max(firstDescriptorBytes, byteLength));
    if (this.descriptorsAt === undefined) return false;
    return true;
  }

  private describe(
    tensor: number,
    { type, position, rank, dimensionsAt }: { type: number; position: number; rank: number; dimensionsAt: number },
  ): void {
    const { words, doubles } = this.owner.memory;
    const at = this.descriptorsAt! + tensor * descriptorBytes;
    words[at / 4 + descriptorWords.type] = type;
    words[at / 4 + descriptorWords.rank] = rank;
    words[at / 4 + descriptorWords.position] = position;
    doubles[at / 8 + descriptorDoubles.dimensions] = dimensionsAt;
  }

  private setData(tensor: number, data: number, byteLength: number): void {
    const { doubles } = this.owner.memory;
    const at = (this.descriptorsAt! + tensor * descriptorBytes) / 8;
    doubles[at + descriptorDoubles.data] = data;
    doubles[at + descriptorDoubles.bytes] = byteLength;
  }

  private writeRooms(job: Job): void {
    const { memory } = this.owner;
    const first = this.firstOutput(job);
    job.rooms.forEach((room, index) => {
      this.setData(first + index, room ?? 0, room === undefined ? 0 : memory.blockBytes(room));
    });
  }

  private submit(kind: number, isStopped: boolean): number {
    const { memory, linux } = this.owner;
    const seq = this.lastSeq === maxSeq ? 1 : this.lastSeq + 1;
    this.lastSeq = seq;
    this.set(laneWords.kind, kind);
    this.set(laneWords.status, 0);
    this.set(laneWords.stopped, isStopped ? 1 : 0);
    Atomics.store(memory.words, this.wordAt + laneWords.submitted, seq);
    if (Atomics.load(memory.words, this.wordAt + laneWords.asleep) === 1) linux.ring(this.bell);
    return seq;
  }

  /** Each word is read once, and checked against the books: the runner may have written anything. @throws NonsenseError */
  private take(job: Job): void {
    const status = this.get(laneWords.status);
    if (job.stage === 'run') {
      job.inferenceUs = this.duration(laneDoubles.inferenceUs);
      job.costUs = this.duration(laneDoubles.costUs);
    }
    const { inferenceUs } = job;
    switch (status) {
      case requestStatus.stopped: {
        this.end(job, { kind: 'stopped' });
        return;
      }
      case requestStatus.failed: {
        this.end(job, { kind: 'failed', problem: this.text(), inferenceUs });
        return;
      }
      case requestStatus.outOfMemory: {
        this.end(job, { kind: 'outOfMemory', problem: this.text(), inferenceUs });
        return;
      }
      case requestStatus.needsRoom:
        if (job.stage !== 'run') throw new NonsenseError('outputs that had room need it again');
        {
          this.makeRoom(job);
          return;
        }
      case requestStatus.ran: {
        this.handOn(job);
        return;
      }
      default:
        throw new NonsenseError(`status ${status}`);
    }
  }

  private makeRoom(job: Job): void {
    const { memory, maxOutputBytes } = this.owner;
    const sizes = this.readOutputs(job).map(({ byteLength }) => byteLength);
    const outputBytes = sizes.reduce((sum, bytes) => sum + bytes, 0);
    // The run is over: its inputs are not needed, and their room may be what is missing.
    for (const block of job.inputBlocks.splice(0)) memory.giveBlock(block);
    if (job.isStopped) {
      this.drop(job, { kind: 'stopped' });
      return;
    }
    if (outputBytes > maxOutputBytes || sizes.some((bytes) => bytes > memory.mostBytes)) {
      this.drop(job, { kind: 'tooLarge', outputBytes, inferenceUs: job.inferenceUs });
      return;
    }
    this.learn(job, sizes);
    for (const room of job.rooms) if (room !== undefined) memory.giveBlock(room);
    job.rooms = [];
    job.stage = 'waiting';
    job.resume = () => this.copy(job, sizes);
    job.resume();
  }

  /** Asks for the kept outputs, once there is room for all of them. */
  private copy(job: Job, sizes: readonly number[]): boolean {
    const { memory } = this.owner;
    const rooms: number[] = [];
    for (const bytes of sizes) {
      const room = memory.takeBlock(Math.max(1, bytes));
      if (room === undefined) {
        // All or nothing: two lanes that hold a part each would wait for one another.
        for (const taken of rooms) memory.giveBlock(taken);
        return false;
      }
      rooms.push(room);
    }
    job.rooms = rooms;
    this.writeRooms(job);
    job.stage = 'copy';
    job.seq = this.submit(requestKinds.copy, false);
    return true;
  }

  /** Lets the runner forget the kept outputs; then the run has ended. Not before: its session could be released under the runner. */
  private drop(job: Job, end: RunEnd): void {
    job.stage = 'drop';
    job.endOfDrop = end;
    job.seq = this.submit(requestKinds.drop, false);
  }

  private handOn(job: Job): void {
    const { memory, maxOutputBytes } = this.owner;
    const results = this.readOutputs(job);
    const outputBytes = results.reduce((sum, { byteLength }) => sum + byteLength, 0);
    const { inferenceUs, costUs } = job;
    if (outputBytes > maxOutputBytes) {
      this.end(job, { kind: 'tooLarge', outputBytes, inferenceUs });
      return;
    }
    const outputs = results.map(({ type, shape, byteLength }, index): PackedTensor => {
      const room = job.rooms[index];
      if (byteLength > 0 && (room === undefined || byteLength > memory.blockBytes(room))) {
        throw new NonsenseError(`${byteLength} bytes of an output in a smaller room`);
      }
      // Copied: the next run writes there, and a view of the shared memory must not leave this thread.
      const bytes = byteLength === 0 ? new Uint8Array() : copyOf(memory.view(room!, byteLength));
      if (type === stringType && !isFramed(bytes, elementCount(shape)))
        throw new NonsenseError('texts of wrong lengths');
      return { shape, bytes };
    });
    this.learn(
      job,
      results.map(({ byteLength }) => byteLength),
    );
    this.end(job, { kind: 'ran', outputs, inferenceUs, costUs });
  }

  /** Types, shapes and sizes as the runner told them. @throws NonsenseError where they cannot be */
  private readOutputs(job: Job): { type: number; shape: number[]; byteLength: number }[] {
    const { words, doubles } = this.owner.memory;
    const first = this.firstOutput(job);
    return job.outputs.map((position, index) => {
      const at = this.descriptorsAt! + (first + index) * descriptorBytes;
      const type = job.session.outputs[position]!;
      const rank = words[at / 4 + descriptorWords.rank]!;
      const byteLength = doubles[at / 8 + descriptorDoubles.bytes]!;
      if (words[at / 4 + descriptorWords.type] !== type) throw new NonsenseError('an output of another type');
      if (rank < 0 || rank > maxRank) throw new NonsenseError(`rank ${rank}`);
      // Where the host put them itself, not where the runner says.
      const dimensionsAt = this.outputDimensionsAt(job, index) / 4;
      const shape = Array.from(
        { length: rank },
        (_, dimension) =>
          (words[dimensionsAt + 2 * dimension]! >>> 0) + words[dimensionsAt + 2 * dimension + 1]! * 2 ** 32,
      );
      const count = elementCount(shape);
      const isSize = type === stringType ? byteLength >= count * 4 : byteLength === count * elementBytes(type);
      if (!shape.every((size) => size >= 0) || !Number.isSafeInteger(byteLength) || !isSize) {
        throw new NonsenseError(`${byteLength} bytes of shape [${shape.join()}]`);
      }
      return { type, shape, byteLength };
    });
  }

  private firstOutput(job: Job): number {
    return job.run.inputs.reduce((count, input) => count + (input === undefined ? 0 : 1), 0);
  }

  private outputDimensionsAt(job: Job, output: number): number {
    const first = this.firstOutput(job);
    const inputDimensions = job.run.inputs.reduce((sum, input) => sum + (input?.shape.length ?? 0), 0);
    const heads = (first + job.outputs.length) * descriptorBytes;
    return this.descriptorsAt! + heads + (inputDimensions + output * maxRank) * 8;
  }

  private learn({ session, outputs }: Job, sizes: readonly number[]): void {
    outputs.forEach((position, index) => {
      session.outputBytes[position] = Math.max(sizes[index]!, (session.outputBytes[position] ?? 0) * guessDecay);
    });
  }

  private end(job: Job, end: RunEnd): void {
    this.free(job);
    // Before the callback, which may start the next run.
    this.job = undefined;
    job.run.onEnd(end);
  }

  private free(job: Job): void {
    const { memory } = this.owner;
    for (const block of job.inputBlocks.splice(0)) memory.giveBlock(block);
    for (const room of job.rooms.splice(0)) if (room !== undefined) memory.giveBlock(room);
  }

  private duration(double: number): number {
    const us = this.owner.memory.doubles[this.doubleAt + double]!;
    return us >= 0 && us < Infinity ? us : 0;
  }

  private text(): string {
    const length = Math.min(maxTextBytes, Math.max(0, this.get(laneWords.textBytes)));
    return Buffer.from(this.owner.memory.view(this.wordAt * 4 + textOffset, length)).toString();
  }

  private get(word: number): number {
    return this.owner.memory.words[this.wordAt + word]!;
  }

  private set(word: number, value: number): void {
    this.owner.memory.words[this.wordAt + word] = value;
  }
}

/** A copy that can be moved to another thread; not cleared first. */
function copyOf(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const copy = new Uint8Array(Buffer.allocUnsafeSlow(bytes.length).buffer);
  copy.set(bytes);
  return copy;
}

/** Whether bytes are so many length-prefixed texts. */
function isFramed(bytes: Uint8Array, count: number): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  for (let element = 0; element < count; element++) {
    if (at + 4 > bytes.length) return false;
    at += 4 + view.getUint32(at, true);
  }
  return at === bytes.length;
}
