import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parentPort, SHARE_ENV, Worker, workerData } from 'node:worker_threads';
import { addressOf } from '../ort/native';
import { ort } from '../ort/ort-library';
import { OrtSessionLoad, UnservableValueError, type OrtSession } from '../ort/ort-session';
import type { LaneData } from './lane-program';
import { laneWord, laneWords } from './layout';
import { Linux } from './linux';
import type { FromRunner, ToRunner } from './messages';
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
const leastRunMemoryBytes = 64 * 2 ** 20;

const oomScore = 900;

interface HeldSession {
  readonly session: OrtSession;
  readonly place: number;
}

/** How the runner reaches its host. */
interface Port {
  readonly linux: Linux;
  send(message: FromRunner): void;
  /** Maps the shared memory. */
  map(bytes: number): bigint;
  readonly hostBell: number;
  laneBell(lane: number): number;
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
  private readonly loads = new Map<number, OrtSessionLoad>();
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
        return this.loads.get(message.session)?.cancel();
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
    this.startLane({ ...this.laneData(firstLane), address, memoryBytes }, () => {
      for (let lane = 0; lane < lanes; lane++) {
        if (lane !== firstLane && !this.isClosing) this.startLane({ ...this.laneData(lane), address, memoryBytes });
      }
    });
    this.idleDataBytes = dataBytes();
  }

  private laneData(lane: number): Omit<LaneData, 'address' | 'memoryBytes'> {
    const bells = { bell: this.port.laneBell(lane), hostBell: this.port.hostBell };
    return { lane, ...bells, table: this.table.memory, stops: this.stopsMemory };
  }

  private startLane(data: LaneData, onReady?: () => void): void {
    const worker = new Worker(join(__dirname, 'lane-program.js'), { workerData: data, env: SHARE_ENV });
    worker.once('message', () => {
      // The threads of all lanes count before the first session does.
      if (this.sessions.size === 0) this.idleDataBytes = dataBytes();
      this.port.send({ kind: 'laneReady', lane: data.lane });
      onReady?.();
    });
    worker.on('error', (error) => this.port.fail(String(error)));
    this.lanes.push(worker);
  }

  private async load({ session: id, path, ...options }: Extract<ToRunner, { kind: 'load' }>): Promise<void> {
    const before = residentBytes();
    try {
      const load = new OrtSessionLoad(path, options);
      this.loads.set(id, load);
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
      this.sessions.set(id, { session, place });
      this.endLoad(id);
      const memoryBytes = Math.max(0, residentBytes() - before);
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
   * Bounds what runs may take: memory is refused to them long before the system has none. While a session is made the bound is the
   * wider one of sessions and runs together.
   */
  private limit(): void {
    const most = this.idleDataBytes + this.memoryLimitBytes;
    const now = dataBytes();
    const bound = this.loads.size > 0 ? most : Math.min(now + this.runMemoryBytes, most);
    this.port.limitData(Math.max(bound, now + leastRunMemoryBytes));
  }

  private async close(): Promise<void> {
    this.isClosing = true;
    const ended = this.lanes.map((worker) => new Promise((resolve) => worker.once('exit', resolve)));
    this.lanes.forEach((_, lane) => {
      Atomics.store(this.words, laneWord(lane) + laneWords.closing, 1);
      this.port.linux.ring(this.port.laneBell(lane));
      this.stops.stopAny(lane);
    });
    for (const load of this.loads.values()) load.cancel();
    await Promise.all(ended);
    for (const { session } of this.sessions.values()) await session.release();
    this.port.closed();
  }
}

/** Private writable memory of this process, which RLIMIT_DATA bounds (proc(5)). */
function dataBytes(): number {
  return statusBytes('VmData');
}

/** Memory of this process without what it shares with the host. */
function residentBytes(): number {
  return statusBytes('RssAnon') + statusBytes('RssFile');
}

function statusBytes(name: string): number {
  const line = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
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
  ort();
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
