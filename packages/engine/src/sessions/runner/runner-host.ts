import { closeSync } from 'node:fs';
import { Socket, type SocketConstructorOpts } from 'node:net';
import type {
  HostedSession,
  InferenceLane,
  SessionHost,
  SessionHostEvents,
  SessionSource,
  TensorMemory,
} from '../session-host';
import { headWords, laneWord, laneWords } from './layout';
import type { FromRunner } from './messages';
import { ProcessVessel } from './process-vessel';
import { RunnerLane, type LeftRun } from './runner-lane';
import { makeRunnerFiles, type RunnerFiles, type StartedRunner } from './runner-parts';
import { SessionBooks } from './session-books';
import { SharedMemory } from './shared-memory';
import { ThreadVessel } from './thread-vessel';
import type { RunnerParts, Vessel } from './vessel';

/** What a runner's host is made of. */
export interface RunnerHostOptions {
  /** `thread`: in this process, on a thread. */
  readonly isolation: 'process' | 'thread';
  /** Lanes for calls; one more is made for trials. */
  readonly lanes: number;
  /** Most bytes of all outputs of a run. */
  readonly maxOutputBytes: number;
  /** What all runs together may take beside the sessions, 64 MiB at least; Infinity: no bound. Only for a process. */
  readonly runMemoryBytes: number;
  /** What sessions and runs together may take; Infinity: no bound. Only for a process. */
  readonly memoryLimitBytes: number;
  /** Shared memory for inputs and outputs, a power of two; counts once it is used. */
  readonly sharedBytes: number;
  /** A runner process that was started before; it is ended where it does not fit. */
  readonly started?: StartedRunner | undefined;
  readonly events: SessionHostEvents;
}

/** Time to the next start after a death; the first of a row is replaced at once. */
const minRestartDelayMs = 100;
const maxRestartDelayMs = 10_000;

/**
 * Sessions and lanes in a runner, a process of its own or a thread, over memory that both share. The host's books say which runs are in
 * flight and whose block is where; of what the runner writes only numbers and texts are taken, and each is checked.
 */
export class RunnerHost implements SessionHost {
  readonly takesAnyBytes = true;
  readonly isolation: 'process' | 'thread';
  readonly lanes: readonly InferenceLane[];
  readonly trialLane: InferenceLane;
  private readonly files: RunnerFiles;
  private readonly shared: SharedMemory;
  private readonly allLanes: readonly RunnerLane[];
  private readonly books: SessionBooks;
  private readonly bell: Socket;
  private vessel: Vessel | undefined;
  private hasBeenUp = false;
  private isSpoilt = false;
  private killedWhy: string | undefined;
  private deathsInARow = 0;
  private restartTimer: NodeJS.Timeout | undefined;
  private isClosing = false;
  private resolveClosed: (() => void) | undefined;
  private closed: Promise<void> | undefined;
  private readonly onExit = (): void => this.stopThread();

  /** @throws Error where koffi cannot be loaded, or this is no Linux that has what it takes */
  constructor(private readonly options: RunnerHostOptions) {
    const { isolation, lanes, started, maxOutputBytes, events } = options;
    this.isolation = isolation;
    const fits = isolation === 'process' && started !== undefined && started.files.laneBells.length > lanes;
    if (started !== undefined && !fits) started.vessel.kill();
    this.files = fits ? started.files : makeRunnerFiles(lanes + 1);
    const { linux, memoryFile, bellReadEnd, laneBells } = this.files;
    this.shared = new SharedMemory(linux, memoryFile, options.sharedBytes, () => this.onRoom());
    this.books = new SessionBooks({
      send: (message) => this.vessel?.send(message),
      killForLoad: (why) => this.kill(why),
      onChanged: () => events.onLanesChanged(),
      onSessionLost: (session, problem) => events.onSessionLost(session, problem),
    });
    const owner = {
      memory: this.shared,
      linux,
      maxOutputBytes,
      session: (session: number) => this.books.session(session),
      stop: (lane: number, seq: number) => this.vessel?.send({ kind: 'stop', lane, seq }),
      distrust: (why: string) => this.distrust(why),
    };
    this.allLanes = Array.from({ length: lanes + 1 }, (_, lane) => new RunnerLane(lane, laneBells[lane]!, owner));
    this.lanes = this.allLanes.slice(0, -1);
    this.trialLane = this.allLanes.at(-1)!;
    const onread = {
      buffer: new Uint8Array(64),
      callback: () => {
        this.collect();
        return true;
      },
    };
    // Node's types know `onread` for sockets that connect only.
    this.bell = new Socket({ fd: bellReadEnd, readable: true, writable: false, onread } as SocketConstructorOpts);
    this.bell.resume();
    this.bell.unref();
    if (isolation === 'thread') process.on('exit', this.onExit);
    this.open(fits ? started.vessel : undefined);
  }

  get memory(): TensorMemory {
    return this.shared;
  }

  /** Of the runner's process; undefined where there is none now, or it is this process. */
  get pid(): number | undefined {
    return this.vessel?.pid;
  }

  load(source: SessionSource, signal: AbortSignal): Promise<HostedSession> {
    return this.books.load(source, signal);
  }

  unload(session: number): Promise<void> {
    return this.books.unload(session);
  }

  get isLoading(): boolean {
    return this.books.isLoading;
  }

  judgeDeath(isFound: boolean): void {
    this.books.judge(isFound);
  }

  kill(why: string): boolean {
    if (this.vessel?.kill() !== true) return false;
    this.killedWhy ??= why;
    return true;
  }

  close(): Promise<void> {
    this.closed ??= new Promise((resolve) => {
      this.isClosing = true;
      clearTimeout(this.restartTimer);
      this.resolveClosed = resolve;
      this.books.close();
      if (this.vessel === undefined) this.release();
      else this.vessel.close();
    });
    return this.closed;
  }

  private open(vessel: Vessel | undefined): void {
    const { files, shared, options } = this;
    const parts: RunnerParts = {
      memoryFile: shared.file,
      address: shared.address,
      hostBell: files.bellWriteEnd,
      laneBells: files.laneBells,
    };
    shared.clearControl();
    Atomics.store(shared.words, headWords.hostAsleep, 1);
    this.isSpoilt = false;
    this.killedWhy = undefined;
    this.vessel = vessel ?? (options.isolation === 'process' ? new ProcessVessel(parts) : new ThreadVessel(parts));
    this.vessel.attach({
      onMessage: (message) => this.receive(message),
      onExit: (reason, problem) => this.die(reason, problem),
    });
    this.vessel.send({
      kind: 'open',
      memoryBytes: shared.byteLength,
      lanes: this.allLanes.length,
      // Trials come before any call; after a death calls wait.
      firstLane: this.hasBeenUp ? 0 : this.allLanes.length - 1,
      runMemoryBytes: finite(options.runMemoryBytes),
      memoryLimitBytes: finite(options.memoryLimitBytes),
    });
    this.hasBeenUp = true;
    this.books.begin();
  }

  private receive(message: FromRunner): void {
    if (message.kind !== 'laneReady') {
      this.books.receive(message);
      return;
    }
    this.allLanes[message.lane]!.isUp = true;
    this.options.events.onLanesChanged();
  }

  /** Takes what the lanes have done, until there is nothing and the bell is armed. */
  private collect(): void {
    const { words } = this.shared;
    do {
      Atomics.store(words, headWords.hostAsleep, 0);
      for (const lane of this.allLanes) if (!this.isSpoilt) lane.collect();
      Atomics.store(words, headWords.hostAsleep, 1);
      // A lane that was done in between saw nobody asleep.
    } while (!this.isSpoilt && this.allLanes.some((lane) => lane.hasAnswer));
    this.deathsInARow = 0;
  }

  private onRoom(): void {
    for (const lane of this.allLanes) lane.resume();
    this.options.events.onLanesChanged();
  }

  private distrust(why: string): void {
    this.isSpoilt = true;
    this.kill(`what it wrote makes no sense: ${why}`);
  }

  private die(reason: string, problem: string): void {
    this.vessel = undefined;
    for (const lane of this.allLanes) lane.isUp = false;
    // What was done before it died is good.
    if (!this.isSpoilt) for (const lane of this.allLanes) lane.collect();
    const { isSpoilt, killedWhy } = this;
    const left = this.allLanes.map((lane) => lane.abandon(isSpoilt)).filter((run) => run !== undefined);
    const started = left.filter(({ hasStarted }) => hasStarted).length;
    // Whoever sent SIGKILL may not have meant the run.
    const isFromOutside = reason === 'SIGKILL' && killedWhy === undefined;
    const wasAlone = started === 1 && !this.books.isLoading && !isFromOutside;
    this.books.die({ reason, hadRuns: started > 0, wasKilled: killedWhy !== undefined });
    const said = [killedWhy, problem].filter(Boolean).join('; ');
    if (this.isClosing) {
      this.tellLost(left, { wasAlone, problem: 'the service is shutting down' });
      this.release();
      return;
    }
    this.restart();
    this.options.events.onDeath(reason, said);
    this.tellLost(left, { wasAlone, problem: `the runner died (${reason})` });
  }

  private tellLost(left: readonly LeftRun[], { wasAlone, problem }: { wasAlone: boolean; problem: string }): void {
    for (const { run, hasStarted } of left) {
      run.onEnd({ kind: 'lost', hasStarted, wasAlone: hasStarted && wasAlone, problem });
    }
  }

  private restart(): void {
    const deaths = this.deathsInARow++;
    if (deaths === 0) {
      this.open(undefined);
      return;
    }
    const delayMs = Math.min(maxRestartDelayMs, minRestartDelayMs * 2 ** (deaths - 1));
    this.restartTimer = setTimeout(() => this.open(undefined), delayMs);
  }

  /** The process ends, and would wait for threads that sleep or run in native code. */
  private stopThread(): void {
    const { words } = this.shared;
    for (const lane of this.allLanes) {
      Atomics.store(words, laneWord(lane.index) + laneWords.closing, 1);
      this.files.linux.ring(this.files.laneBells[lane.index]!);
    }
    this.vessel?.stopRuns();
  }

  private release(): void {
    process.off('exit', this.onExit);
    this.bell.destroy();
    this.shared.release();
    const { memoryFile, bellWriteEnd, laneBells } = this.files;
    for (const file of [memoryFile, bellWriteEnd, ...laneBells]) closeSync(file);
    this.resolveClosed?.();
  }
}

function finite(bytes: number): number | null {
  return Number.isFinite(bytes) ? bytes : null;
}
