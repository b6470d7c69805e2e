import { setMaxListeners } from 'node:events';
import type { TributaryError } from '@tributary/contract';
import type { TaskCall } from '../engine';
import type { TaskLane } from './task-lane';
import type { ModelVersion } from '../models/model-version';
import { sharedClockMs } from '../threads/shared-clock';

export type OnAnswer = (answer: Uint8Array) => void | Promise<void>;

/** What a task entry's owner is told. */
export interface TaskEntryEvents {
  /** The caller is gone. */
  onAbandoned(entry: TaskEntry): void;
  /** The caller is answered; told once. */
  onSettled(entry: TaskEntry, error: TributaryError | undefined): void;
}

/** A call of a task, or a warm-up: it waits for a lane, is worked on, and its caller is answered exactly once. */
export class TaskEntry {
  readonly startedAtMs = performance.now();
  /** The same moment by the clock that lanes know. */
  readonly acceptedAtMs = sharedClockMs();
  /** When the caller's time is over, monotonic clock; undefined: never. */
  readonly deadlineMs: number | undefined;
  /** Aborts the inferences that the task asked for. */
  readonly inferences = new AbortController();
  /** Inferences asked for and not answered. */
  openQueries = 0;
  /** The lane that has it; undefined while it waits. */
  lane: TaskLane | undefined;
  isAnswered = false;
  /** When the caller was answered, performance.now(). */
  answeredAtMs = Infinity;
  /** The lane is done with it. */
  hasEnded = false;

  constructor(
    readonly id: number,
    readonly model: ModelVersion,
    /** '' for a warm-up. */
    readonly method: string,
    /** Owned: moved to the lane. */
    readonly request: Uint8Array<ArrayBuffer>,
    private readonly caller: Pick<TaskCall, 'signal' | 'remainingMs' | 'onInference'>,
    readonly onAnswer: OnAnswer,
    private readonly onEnd: (error: TributaryError | undefined) => void,
    private readonly events: TaskEntryEvents,
  ) {
    const { signal, remainingMs } = caller;
    this.deadlineMs = remainingMs === undefined ? undefined : this.startedAtMs + remainingMs;
    // A task may ask for any number of inferences at the same time, each of which listens.
    setMaxListeners(0, this.inferences.signal);
    signal.addEventListener('abort', this);
  }

  /** The caller's signal; see abortError. */
  get signal(): AbortSignal {
    return this.caller.signal;
  }

  /** Who wants to know of inferences of the task; undefined: nobody. */
  get onInference(): TaskCall['onInference'] {
    return this.caller.onInference;
  }

  /** The signal aborted. */
  handleEvent(): void {
    this.events.onAbandoned(this);
  }

  /** Answers the caller: with success, or with an error. Later answers do nothing. */
  settle(error: TributaryError | undefined): void {
    if (this.isAnswered) return;
    this.isAnswered = true;
    this.answeredAtMs = performance.now();
    this.signal.removeEventListener('abort', this);
    this.events.onSettled(this, error);
    this.onEnd(error);
  }
}
