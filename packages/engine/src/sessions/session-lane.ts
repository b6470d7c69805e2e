import { TributaryError } from '@tributary/contract';
import type { PackedTensor } from '../tensors/pack-batch';
import { Lane } from '../threads/lane';
import type { FromSessionLane, LoadedSession, LoadRefusal, ToSessionLane } from './messages';

/** How a run ended. `problem` is for the log. */
export type RunEnd =
  | {
      readonly kind: 'ran';
      readonly outputs: readonly PackedTensor[];
      /** Large buffers of the inputs, for other batches. */
      readonly returned: readonly ArrayBuffer[];
      readonly inferenceUs: number;
      /** CPU time of the run where it can be told, else its time: what others do on the core does not count. */
      readonly costUs: number;
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly inferenceUs: number }
  | { readonly kind: 'tooLarge'; readonly outputBytes: number; readonly inferenceUs: number }
  | { readonly kind: 'lost' };

/** What to run. */
export interface Run {
  readonly session: number;
  readonly inputs: readonly PackedTensor[];
  readonly outputs: readonly number[] | undefined;
  /** Called exactly once, unless the run never ends. */
  readonly onEnd: (end: RunEnd) => void;
}

/** A session that the lane is to hold. */
export interface SessionSource {
  readonly session: number;
  readonly path: string;
  /** See ToSessionLane. */
  readonly verifiedFiles: readonly string[];
  readonly intraOpThreads: number;
  readonly prepacks: boolean;
  readonly probeRows: number;
}

/** What the owner of a session lane is told. */
export interface SessionLaneEvents {
  onDeath(lane: SessionLane, reason: string, problem: string): void;
  /** The lane may hold other sessions than before: a reload ended. */
  onSessionsChanged(lane: SessionLane): void;
  onReloadRefused(lane: SessionLane, session: number, refusal: LoadRefusal): void;
}

interface PendingLoad {
  /** Sends the request to the thread. */
  readonly post: () => void;
  readonly resolve: (loaded: LoadedSession) => void;
  readonly reject: (refusal: LoadRefusal) => void;
}

const lostWhileLoading: LoadRefusal = {
  reason: 'MODEL_LOAD_FAILED',
  sentence: 'the model could not be loaded: the worker died of it',
  problem: 'worker death',
};

/** The main thread's end of a session lane: one run at a time, and the sessions that the thread holds or must get back. */
export class SessionLane {
  readonly isInline = false;
  /** Sessions that the lane should hold, also across deaths of its thread. */
  private readonly assigned = new Map<number, SessionSource>();
  /** Those that its thread holds now. */
  private readonly held = new Set<number>();
  private readonly loads = new Map<number, PendingLoad>();
  /** What its thread was told to load, for the first time or again, and has not. */
  private readonly loading = new Set<number>();
  private readonly lane: Lane<ToSessionLane, FromSessionLane>;
  private run: Run | undefined;
  /** Since when the thread is in native code that cannot be stopped; undefined: it is not. */
  private busySinceMs: number | undefined;
  /** Session of that code. */
  private busyWith = 0;

  constructor(
    script: string,
    private readonly maxOutputBytes: number,
    private readonly events: SessionLaneEvents,
  ) {
    this.lane = new Lane(script, undefined, {
      onMessage: (message) => this.receive(message),
      onDeath: (reason, problem) => this.die(reason, problem),
      onRestart: () => this.reload(),
    });
  }

  /** Not while it loads: a run would wait for that, and its clock with it. */
  get isFree(): boolean {
    return this.run === undefined && this.lane.isUp && this.loading.size === 0;
  }

  holds(session: number): boolean {
    return this.held.has(session);
  }

  /** Holds the session, or will when its thread is as it was. */
  expects(session: number): boolean {
    return this.held.has(session) || this.loading.has(session) || (!this.lane.isUp && this.assigned.has(session));
  }

  /** What the thread is in, and for how long; undefined: nothing that could be stuck. */
  busy(nowMs: number): { session: number; forMs: number } | undefined {
    return this.busySinceMs === undefined ? undefined : { session: this.busyWith, forMs: nowMs - this.busySinceMs };
  }

  /** So many milliseconds of the time that it has been busy are not its own. */
  forgive(ms: number): void {
    if (this.busySinceMs !== undefined) this.busySinceMs += ms;
  }

  /** Loads a session and keeps it. Rejects with a LoadRefusal. */
  load(source: SessionSource): Promise<LoadedSession> {
    return new Promise((resolve, reject) => {
      const load: PendingLoad = {
        post: () => this.postLoad(source),
        resolve: (loaded) => {
          this.assigned.set(source.session, source);
          resolve(loaded);
        },
        reject,
      };
      this.loads.set(source.session, load);
      this.lane.wake();
      // Else as soon as there is a thread again.
      if (this.lane.isUp) load.post();
    });
  }

  /** Starts a run; only on a free lane that holds the session. */
  start(run: Run): void {
    this.run = run;
    this.busySinceMs = performance.now();
    this.busyWith = run.session;
    this.lane.post(
      { kind: 'run', session: run.session, inputs: run.inputs, outputs: run.outputs ?? null },
      run.inputs.map(({ bytes }) => bytes.buffer),
    );
  }

  /** Fails what the lane was doing, because it will never end. The thread stays as it is. */
  giveUp(): void {
    this.failLoads();
    const { run } = this;
    // The lane stays taken; should the run end after all, nobody is told.
    if (run !== undefined) this.run = { ...run, onEnd: () => undefined };
    run?.onEnd({ kind: 'lost' });
  }

  close(): Promise<void> {
    return this.lane.close({ kind: 'close' });
  }

  private receive(message: FromSessionLane): void {
    switch (message.kind) {
      case 'warming':
        this.busySinceMs = performance.now();
        this.busyWith = message.session;
        return;
      case 'loaded':
        this.endLoad(message.session);
        this.held.add(message.session);
        this.takeLoad(message.session)?.resolve(message);
        this.events.onSessionsChanged(this);
        return;
      case 'refused':
        this.endLoad(message.session);
        this.refuse(message.session, message);
        this.events.onSessionsChanged(this);
        return;
      case 'ran':
      case 'failed':
      case 'tooLarge':
        this.lane.reportSuccess();
        this.endRun(message);
        return;
    }
  }

  private postLoad(source: SessionSource): void {
    this.loading.add(source.session);
    this.lane.post({ kind: 'load', ...source, maxOutputBytes: this.maxOutputBytes });
  }

  private endLoad(session: number): void {
    this.loading.delete(session);
    this.busySinceMs = undefined;
  }

  private endRun(end: RunEnd): void {
    const { run } = this;
    if (run === undefined) return;
    // Before the callback, which may start the next run.
    this.run = undefined;
    this.busySinceMs = undefined;
    run.onEnd(end);
  }

  private refuse(session: number, message: LoadRefusal): void {
    const load = this.takeLoad(session);
    if (load !== undefined) load.reject(message);
    else this.events.onReloadRefused(this, session, message);
  }

  private takeLoad(session: number): PendingLoad | undefined {
    const load = this.loads.get(session);
    this.loads.delete(session);
    return load;
  }

  private die(reason: string, problem: string): void {
    this.held.clear();
    this.loading.clear();
    this.busySinceMs = undefined;
    const { run } = this;
    this.run = undefined;
    this.events.onDeath(this, reason, problem);
    run?.onEnd({ kind: 'lost' });
    this.failLoads();
  }

  private reload(): void {
    for (const source of this.assigned.values()) this.postLoad({ ...source, probeRows: 1 });
    for (const load of this.loads.values()) load.post();
  }

  private failLoads(): void {
    for (const session of [...this.loads.keys()]) this.takeLoad(session)?.reject(lostWhileLoading);
  }
}

/** The error of a refused load. */
export function loadError({ reason, sentence, problem }: LoadRefusal): TributaryError {
  return new TributaryError(reason, sentence, {}, { cause: problem });
}
