import { loadProblem } from '../../onnx/load-problem';
import { refusal, TributaryError, type BufferPool } from '@tributary/contract';
import { Lane } from '../../threads/lane';
import type { InferenceLane, Run, RunEnd, SessionSource } from '../session-host';
import type { BindingSessionFacts, FromBindingLane, ToBindingLane } from './messages';

/** What the owner of a lane is told. */
export interface BindingLaneEvents {
  onChanged(): void;
  onDeath(reason: string, problem: string): void;
  onSessionLost(session: number, problem: string): void;
}

/** What a lane is made of. */
export interface BindingLaneOptions {
  /** Absolute path of the thread's program. */
  readonly script: string;
  readonly maxOutputBytes: number;
  readonly buffers: BufferPool;
  readonly events: BindingLaneEvents;
}

interface PendingLoad {
  readonly resolve: (facts: BindingSessionFacts) => void;
  readonly reject: (error: Error) => void;
}

/** A thread that holds sessions of its own, by onnxruntime-node's binding, and whose runs cannot be stopped. */
export class BindingLane implements InferenceLane {
  readonly isInline = false;
  /** Sessions that the thread should hold, also across its deaths. */
  private readonly assigned = new Map<number, SessionSource>();
  /** Those that it holds now. */
  private readonly held = new Set<number>();
  /** What it was told to load, for the first time or again, and has not. */
  private readonly loading = new Set<number>();
  private readonly loads = new Map<number, PendingLoad>();
  private readonly unloads = new Map<number, () => void>();
  private readonly lane: Lane<ToBindingLane, FromBindingLane>;
  private run: Run | undefined;

  constructor(private readonly options: BindingLaneOptions) {
    this.lane = new Lane(options.script, undefined, {
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

  /** Loads a session and keeps it. @throws TributaryError MODEL_LOAD_FAILED, MODEL_UNSUPPORTED */
  load(source: SessionSource): Promise<BindingSessionFacts> {
    this.assigned.set(source.session, source);
    return new Promise((resolve, reject) => {
      this.loads.set(source.session, { resolve, reject });
      this.lane.wake();
      // Else as soon as there is a thread again.
      if (this.lane.isUp) this.postLoad(source);
    });
  }

  unload(session: number): Promise<void> {
    this.assigned.delete(session);
    this.held.delete(session);
    if (!this.lane.isUp) return Promise.resolve();
    return new Promise((resolve) => {
      this.unloads.set(session, resolve);
      this.lane.post({ kind: 'unload', session });
    });
  }

  start(run: Run): void {
    this.run = run;
    const inputs = run.inputs.filter((input) => input !== undefined);
    this.lane.post(
      {
        kind: 'run',
        session: run.session,
        inputs,
        outputs: run.outputs ?? null,
        maxOutputBytes: this.options.maxOutputBytes,
      },
      inputs.map(({ bytes }) => bytes.buffer),
    );
  }

  stop(): void {
    // A run of the binding ends when it ends.
  }

  close(): Promise<void> {
    return this.lane.close({ kind: 'close' });
  }

  private receive(message: FromBindingLane): void {
    switch (message.kind) {
      case 'loaded':
        this.loading.delete(message.session);
        if (this.assigned.has(message.session)) this.held.add(message.session);
        this.takeLoad(message.session)?.resolve(message);
        this.options.events.onChanged();
        return;
      case 'refused':
        this.loading.delete(message.session);
        this.refuse(message);
        this.options.events.onChanged();
        return;
      case 'unloaded':
        this.unloads.get(message.session)?.();
        this.unloads.delete(message.session);
        return;
      case 'ran': {
        for (const buffer of message.returned) this.options.buffers.give(buffer);
        const { outputs, inferenceUs, costUs } = message;
        this.end({ kind: 'ran', outputs, inferenceUs, costUs });
        return;
      }
      case 'failed':
      case 'tooLarge':
        this.end(message);
        return;
    }
  }

  private end(end: RunEnd): void {
    const { run } = this;
    this.lane.reportSuccess();
    // Before the callback, which may start the next run.
    this.run = undefined;
    run?.onEnd(end);
  }

  private postLoad({ session, path, intraOpThreads, prepacks }: SessionSource): void {
    this.loading.add(session);
    this.lane.post({ kind: 'load', session, path, intraOpThreads, prepacks });
  }

  private refuse({ session, reason, problem }: Extract<FromBindingLane, { kind: 'refused' }>): void {
    this.assigned.delete(session);
    const load = this.takeLoad(session);
    if (load === undefined) {
      this.options.events.onSessionLost(session, problem);
      return;
    }
    const sentence = reason === 'MODEL_UNSUPPORTED' ? problem : loadProblem(problem);
    const { message } = refusal(reason === 'MODEL_UNSUPPORTED' ? reason : 'MODEL_LOAD_FAILED', { problem: sentence });
    load.reject(new TributaryError(reason, message, {}, { cause: problem }));
  }

  private takeLoad(session: number): PendingLoad | undefined {
    const load = this.loads.get(session);
    this.loads.delete(session);
    return load;
  }

  private die(reason: string, problem: string): void {
    const { run } = this;
    this.run = undefined;
    this.held.clear();
    for (const resolve of this.unloads.values()) resolve();
    this.unloads.clear();
    for (const session of [...this.loads.keys()]) {
      this.assigned.delete(session);
      this.takeLoad(session)?.reject(refusal('MODEL_LOAD_CRASHED', { problem: reason }));
    }
    this.loading.clear();
    this.options.events.onDeath(reason, problem);
    run?.onEnd({ kind: 'lost', hasStarted: true, wasAlone: true, problem: `the thread died (${reason})` });
  }

  private reload(): void {
    for (const source of this.assigned.values()) this.postLoad(source);
    this.options.events.onChanged();
  }
}
