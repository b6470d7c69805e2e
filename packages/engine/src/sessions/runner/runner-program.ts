import { readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parentPort, SHARE_ENV, Worker, workerData } from 'node:worker_threads';
import { addressOf } from '../ort/native';
import { openSharedArena } from '../ort/ort-library';
import { OrtSessionLoad, UnservableValueError, type OrtSession } from '../ort/ort-session';
import type { LaneData } from './lane-program';
import { laneWord, laneWords } from './layout';
import { Linux } from './linux';
import type { FromRunner, ToRunner } from './messages';
import { dataBytes, isolateReservedBytes, residentBytes } from './process-memory';
import { RunStops, type RunStopsMemory } from './run-stops';
import { SessionTable } from './session-table';

/** What a runner on a thread of the host's process is given. */
export interface RunnerData {
  /** Address of the shared memory. */
  readonly address: bigint;
  readonly hostBell: number;
  readonly laneBells: readonly number[];
  readonly stops: RunStopsMemory;
}

/** Descriptors that a runner process is started with, see process-vessel.ts. */
export const runnerFiles = { memory: 4, hostBell: 5, firstLaneBell: 6 } as const;

/** Exit code of a runner whose own code failed. */
const defectExitCode = 70;

/** Runs cannot be bounded more closely: V8 and the C++ library would be refused memory before ONNX Runtime, and the process would end. */
const mib = 2 ** 20;
const leastRunMemoryBytes = 64 * mib;

/** Above the bound that is being lowered there is always room for V8, whose end would be the runner's. */
const headroomBytes = 16 * mib;

const oomScore = 900;

/** What a lane's thread adds to the private memory of the process: its stack and V8's heap, mostly reserved (measured: 24.5 MB). */
const laneDataBytes = 26 * mib;

/** A load takes some copies of the files for a while: the file as it is read, its weights, and those laid out anew. */
const loadCopies = 4;
const leastLoadBytes = 128 * mib;

interface HeldSession {
  readonly session: OrtSession;
  readonly place: number;
  /** Private memory that it took. */
  readonly dataBytes: number;
}

interface OpenLoad {
  readonly load: OrtSessionLoad;
  /** Most that it should take. */
  readonly allowedBytes: number;
}

/** How the runner reaches its host. */
interface Port {
  readonly linux: Linux;
  send(message: FromRunner): void;
  /** Maps the shared memory. */
  map(bytes: number): bigint;
  readonly hostBell: number;
  laneBell(lane: number): number;
  /** Sessions take the memory of their runs from one arena. */
  readonly sharesArena: boolean;
  /** Bounds the private memory of the process, where that is the runner's own. */
  limitData(bytes: number): void;
  /** Ends what this runner is because its own code failed. */
  fail(problem: string): void;
  /** Everything was closed in good order. */
  closed(): void;
}

/** Holds the sessions of a service and the threads that run them. Its main thread only loads, releases and stops. */
class Runner {
  private readonly table = new SessionTable();
  private readonly sessions = new Map<number, HeldSession>();
  private readonly loads = new Map<number, OpenLoad>();
  private readonly lanes: Worker[] = [];
  private readonly stops: RunStops;
  private isClosing = false;
  private words = new Int32Array();
  private idleDataBytes = 0;
  private runMemoryBytes = Infinity;
  private memoryLimitBytes = Infinity;

  constructor(
    private readonly port: Port,
    private readonly stopsMemory: RunStopsMemory,
  ) {
    this.stops = new RunStops(stopsMemory);
  }

  receive(message: ToRunner): void {
    switch (message.kind) {
      case 'open': {
        this.open(message);
        return;
      }
      case 'load':
        return void this.load(message);
      case 'cancelLoad':
        return this.loads.get(message.session)?.load.cancel();
      case 'release':
        return void this.release(message.session);
      case 'stop': {
        this.stops.stop(message.lane, message.seq);
        return;
      }
      case 'close':
        return void this.close();
    }
  }

  private open(message: Extract<ToRunner, { kind: 'open' }>): void {
    const { memoryBytes, lanes, firstLane, runMemoryBytes, memoryLimitBytes } = message;
    this.runMemoryBytes = Math.max(leastRunMemoryBytes, runMemoryBytes ?? Infinity);
    this.memoryLimitBytes = memoryLimitBytes ?? Infinity;
    const address = this.port.map(memoryBytes);
    this.words = new Int32Array(this.port.linux.view(address, memoryBytes));
    // The pool's threads count before the first session does.
    void this.port.linux.trim();
    this.idleDataBytes = dataBytes() + lanes * (laneDataBytes + isolateReservedBytes());
    this.startLane({ ...this.laneData(firstLane), address, memoryBytes }, () => {
      for (let lane = 0; lane < lanes; lane++) {
        if (lane !== firstLane && !this.isClosing) this.startLane({ ...this.laneData(lane), address, memoryBytes });
      }
    });
  }

  private laneData(lane: number): Omit<LaneData, 'address' | 'memoryBytes'> {
    const bells = { bell: this.port.laneBell(lane), hostBell: this.port.hostBell };
    return { lane, ...bells, table: this.table.memory, stops: this.stopsMemory };
  }

  private startLane(data: LaneData, onReady?: () => void): void {
    const worker = new Worker(join(__dirname, 'lane-program.js'), { workerData: data, env: SHARE_ENV });
    worker.once('message', () => {
      this.port.send({ kind: 'laneReady', lane: data.lane });
      onReady?.();
    });
    worker.on('error', (error) => this.port.fail(String(error)));
    this.lanes.push(worker);
  }

  private async load({ session: id, path, ...options }: Extract<ToRunner, { kind: 'load' }>): Promise<void> {
    const [residentBefore, dataBefore] = [residentBytes(), dataBytes()];
    try {
      const load = new OrtSessionLoad(path, { ...options, sharesArena: this.port.sharesArena });
      const allowedBytes = leastLoadBytes + loadCopies * folderBytes(path);
      this.loads.set(id, { load, allowedBytes });
      this.limit();
      const session = await load.run();
      const { inputs, optionalInputs, outputs, metadata } = session;
      const place = this.table.add({
        address: session.address,
        inputNames: addressOf(session.inputNames.addresses),
        outputNames: addressOf(session.outputNames.addresses),
        inputs: inputs.length + optionalInputs.length,
        outputs: outputs.length,
        isSingleThreaded: options.intraOpThreads === 1,
      });
      // Runs take and free memory meanwhile: no session is taken for more than it may be.
      const tookBytes = Math.min(Math.max(0, dataBytes() - dataBefore), allowedBytes);
      this.sessions.set(id, { session, place, dataBytes: tookBytes });
      this.endLoad(id);
      const memoryBytes = Math.max(0, residentBytes() - residentBefore);
      this.port.send({ kind: 'loaded', session: id, place, inputs, optionalInputs, outputs, metadata, memoryBytes });
    } catch (error) {
      this.endLoad(id);
      const problem = error instanceof Error ? error.message : String(error);
      this.port.send({ kind: 'refused', session: id, isUnservable: error instanceof UnservableValueError, problem });
    }
  }

  private endLoad(id: number): void {
    this.loads.delete(id);
    this.limit();
  }

  private async release(id: number): Promise<void> {
    const held = this.sessions.get(id);
    this.sessions.delete(id);
    if (held !== undefined) {
      this.table.remove(held.place);
      await held.session.release();
      // glibc would keep what was freed, and the next load would take more beside it.
      await this.port.linux.trim();
      this.limit();
    }
    this.port.send({ kind: 'released', session: id });
  }

  /**
   * Bounds the memory of the process by what the sessions took, what is being loaded may take, and what runs may: it is refused to runs long
   * before the system has none. Not by what the process has now, of which runs have a part. Lanes give back what runs have left in the
   * arenas once that is half of theirs.
   */
  private limit(): void {
    let sessionBytes = this.idleDataBytes;
    for (const held of this.sessions.values()) sessionBytes += held.dataBytes;
    let loadBytes = 0;
    for (const { allowedBytes } of this.loads.values()) loadBytes += allowedBytes;
    const most = this.idleDataBytes + this.memoryLimitBytes;
    const bound = Math.min(sessionBytes + loadBytes + this.runMemoryBytes, most);
    this.table.shrinkAboveBytes = sessionBytes + this.runMemoryBytes / 2;
    this.port.limitData(Math.max(bound, dataBytes() + headroomBytes));
  }

  private async close(): Promise<void> {
    this.isClosing = true;
    const ended = this.lanes.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    this.lanes.forEach((_, lane) => {
      Atomics.store(this.words, laneWord(lane) + laneWords.closing, 1);
      this.port.linux.ring(this.port.laneBell(lane));
      this.stops.stopAny(lane);
    });
    for (const { load } of this.loads.values()) load.cancel();
    await Promise.all(ended);
    for (const { session } of this.sessions.values()) await session.release();
    this.port.closed();
  }
}

/** Bytes of a model's files: its weights may lie beside it. */
function folderBytes(path: string): number {
  const folder = dirname(path);
  let bytes = 0;
  for (const name of readdirSync(folder)) {
    const file = statSync(join(folder, name), { throwIfNoEntry: false });
    if (file?.isFile() === true) bytes += file.size;
  }
  return bytes;
}

/** A runner that is a process: its parent's pid is the only argument. */
function startProcess(): void {
  const linux = new Linux();
  linux.dieWith(Number(process.argv[2]));
  process.on('disconnect', () => linux.exit(0));
  linux.forbidCore();
  // Where memory runs out in spite of the bound, the kernel takes this process and not its parent. Anybody may raise it.
  writeFileSync('/proc/self/oom_score_adj', String(oomScore));
  const port: Port = {
    linux,
    send: (message) => void process.send?.(message),
    map: (bytes) => linux.map(runnerFiles.memory, bytes),
    hostBell: runnerFiles.hostBell,
    laneBell: (lane) => runnerFiles.firstLaneBell + lane,
    sharesArena: true,
    limitData: (bytes) => linux.limitData(bytes),
    fail: (problem) => {
      process.stderr.write(`${problem}\n`);
      linux.exit(defectExitCode);
    },
    closed: () => linux.exit(0),
  };
  const runner = new Runner(port, RunStops.allocate());
  process.on('message', (message) => runner.receive(message as ToRunner));
  // After the listener: what is asked for meanwhile waits.
  openSharedArena();
}

/** A runner that is a thread of its host's process. */
function startThread({ address, hostBell, laneBells, stops }: RunnerData): void {
  const host = parentPort!;
  const port: Port = {
    linux: new Linux(),
    send: (message) => host.postMessage(message),
    map: () => address,
    hostBell,
    laneBell: (lane) => laneBells[lane]!,
    // The process has other sessions, and no bound that runs could meet.
    sharesArena: false,
    limitData: () => undefined,
    fail: (problem) => {
      process.exitCode = defectExitCode;
      process.stderr.write(`${problem}\n`);
      runner.receive({ kind: 'close' });
    },
    // Without a listener nothing keeps the thread.
    closed: () => host.close(),
  };
  const runner = new Runner(port, stops);
  host.on('message', (message: ToRunner) => runner.receive(message));
}

if (parentPort === null) startProcess();
else startThread(workerData as RunnerData);
