import { join } from 'node:path';
import { Lane } from '../threads/lane';
import type { FromTaskLane, LoadRefusal, TaskLaneData, TaskModelSource, ToTaskLane } from './messages';

/** Program of a task lane's thread. */
export const taskScript = join(__dirname, 'task-worker.js');

/** What the owner of a task lane is told. */
export interface TaskLaneEvents {
  /** Of a call: an inference wanted, an answer, the end. */
  onCallMessage(lane: TaskLane, message: TaskCallMessage): void;
  /** The thread died; the calls it had are lost. */
  onDeath(lane: TaskLane, calls: readonly number[], reason: string, problem: string): void;
  /** A new thread waits; it must get the tasks of the dead one back, see `missing`. */
  onRestart(lane: TaskLane): void;
}

export type TaskCallMessage = Exclude<FromTaskLane, { kind: 'loaded' | 'refused' | 'pong' }>;

interface PendingLoad {
  /** Sends the request to the thread. */
  readonly post: () => void;
  readonly resolve: (notes: readonly string[]) => void;
  readonly reject: (refusal: LoadRefusal) => void;
}

const lostWhileLoading: LoadRefusal = {
  reason: 'MODEL_LOAD_FAILED',
  sentence: 'the model could not be loaded: the worker died of its task',
  problem: 'worker death',
};

/** How long a thread may take to end by itself once nobody needs it, before it is ended. */
const closeGraceMs = 1000;

/** The main thread's end of a task lane: the tasks its thread holds or must get back, and the calls it has. */
export class TaskLane {
  /** Tasks that the lane should hold, also across deaths of its thread. */
  private readonly assigned = new Map<number, TaskModelSource>();
  /** Those that its thread holds now, ready for calls. */
  private readonly held = new Set<number>();
  private readonly loads = new Map<number, PendingLoad>();
  private readonly calls = new Set<number>();
  /** Those of them that wait for a model. */
  private readonly asking = new Set<number>();
  private readonly lane: Lane<ToTaskLane, FromTaskLane>;
  /** When the thread was asked for a sign of life that it has not given; undefined: it owes none. */
  private pingedAtMs: number | undefined;

  constructor(
    script: string,
    data: TaskLaneData,
    heapMb: number | undefined,
    private readonly events: TaskLaneEvents,
  ) {
    const laneEvents = {
      onMessage: (message: FromTaskLane) => this.receive(message),
      onDeath: (reason: string, problem: string) => this.die(reason, problem),
      onRestart: () => this.reload(),
    };
    this.lane = new Lane(script, data, laneEvents, heapMb === undefined ? {} : { maxOldGenerationSizeMb: heapMb });
  }

  /** Calls that the thread has not ended, also those whose callers are gone. */
  get callCount(): number {
    return this.calls.size;
  }

  /** Calls that keep the thread, or its native helpers, at work: the others wait for a model. */
  get workingCount(): number {
    return this.calls.size - this.asking.size;
  }

  /** A call began to wait for a model, or has nothing to wait for any more. */
  setAsking(call: number, isAsking: boolean): void {
    if (isAsking && this.calls.has(call)) this.asking.add(call);
    else this.asking.delete(call);
  }

  get isUp(): boolean {
    return this.lane.isUp;
  }

  /** Starts the thread, where that has not been done. */
  wake(): void {
    if (this.lane.wake()) this.events.onRestart(this);
  }

  /** True where calls of the session may start. */
  holds(session: number): boolean {
    return this.held.has(session);
  }

  /** True also while the thread is replaced. */
  isAssigned(session: number): boolean {
    return this.assigned.has(session);
  }

  /** Tasks that the thread's predecessors had and it has not. */
  missing(): [session: number, source: TaskModelSource][] {
    return [...this.assigned].filter(([session]) => !this.held.has(session));
  }

  /** The task is loaded and warm: calls may come, and every later thread of the lane gets it too. */
  hold(session: number, source: TaskModelSource): void {
    this.assigned.set(session, source);
    this.held.add(session);
  }

  /** The task could not be made again. */
  unassign(session: number): void {
    this.assigned.delete(session);
  }

  /** Lets go of a task of which no call is left. */
  unload(session: number): void {
    this.assigned.delete(session);
    this.held.delete(session);
    this.lane.post({ kind: 'unload', session });
  }

  /** Makes a model's task on the thread. Resolves with its notes for the log; rejects with a LoadRefusal. */
  load(session: number, source: TaskModelSource): Promise<readonly string[]> {
    return new Promise((resolve, reject) => {
      const load: PendingLoad = {
        post: () => this.lane.post({ kind: 'load', session, source }),
        resolve,
        reject,
      };
      this.loads.set(session, load);
      // Else as soon as there is a thread again.
      if (this.lane.isUp) load.post();
    });
  }

  /** Starts a call, only where the session is held, or a warm-up, where it is loaded. */
  start(message: Extract<ToTaskLane, { kind: 'call' | 'warmUp' }>, moved: readonly ArrayBuffer[]): void {
    this.calls.add(message.call);
    this.lane.post(message, moved);
  }

  post(message: ToTaskLane, moved: readonly ArrayBuffer[] = []): void {
    this.lane.post(message, moved);
  }

  /**
   * Ends the thread where it has given no sign of life for `limitMs`: task code in a loop without end would hold its calls, and
   * all later ones, for ever. See Watchdog for the times.
   */
  watch(nowMs: number, stoodStillMs: number, limitMs: number): void {
    if (this.pingedAtMs !== undefined) {
      this.pingedAtMs += stoodStillMs;
      if (nowMs - this.pingedAtMs > limitMs) this.lane.terminate();
    } else if (this.calls.size > 0) {
      this.pingedAtMs = nowMs;
      this.lane.post({ kind: 'ping' });
    }
  }

  /** The thread did something useful: the next death is the first of its kind. */
  reportSuccess(): void {
    this.lane.reportSuccess();
  }

  /** The call counts no more, although the thread has not ended it. */
  release(call: number): void {
    this.calls.delete(call);
    this.asking.delete(call);
  }

  /** Ends the thread. What task code left behind (a timer, an open file) does not keep it. */
  async close(): Promise<void> {
    const timer = setTimeout(() => this.lane.terminate(), closeGraceMs);
    await this.lane.close({ kind: 'close' });
    clearTimeout(timer);
  }

  private receive(message: FromTaskLane): void {
    switch (message.kind) {
      case 'loaded':
        this.takeLoad(message.session)?.resolve(message.notes);
        return;
      case 'refused':
        this.takeLoad(message.session)?.reject(message);
        return;
      case 'answered':
      case 'ended':
      case 'failed':
        this.release(message.call);
        this.events.onCallMessage(this, message);
        return;
      case 'pong':
        this.pingedAtMs = undefined;
        return;
      case 'infer':
      case 'answer':
        this.events.onCallMessage(this, message);
        return;
    }
  }

  private takeLoad(session: number): PendingLoad | undefined {
    const load = this.loads.get(session);
    this.loads.delete(session);
    return load;
  }

  private die(reason: string, problem: string): void {
    this.held.clear();
    this.pingedAtMs = undefined;
    const calls = [...this.calls];
    this.calls.clear();
    this.asking.clear();
    this.events.onDeath(this, calls, reason, problem);
    this.failLoads();
  }

  private reload(): void {
    // What was asked for meanwhile; what the owner asks for now is sent at once.
    for (const load of this.loads.values()) load.post();
    this.events.onRestart(this);
  }

  private failLoads(): void {
    for (const session of [...this.loads.keys()]) this.takeLoad(session)?.reject(lostWhileLoading);
  }
}
