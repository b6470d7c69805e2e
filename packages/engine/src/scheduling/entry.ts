import type { Tensor } from '@tributary/contract';
import type { InferResult } from '../engine';
import type { CheckedRequest } from '../tensors/check-request';
import type { Running } from './batch';
import type { WaitingRequest } from './next-batch';
import type { Priority } from './priority';

/** Makes keys of requests that run alone differ. */
let nextAlone = 0;

/** Who answers for an entry whose caller gives up. */
export interface EntryOwner {
  abandon(entry: Entry): void;
  expire(entry: Entry): void;
}

/**
 * A request that was accepted: it waits, runs, and is answered exactly once. It listens to its caller's signal itself, which
 * spares a closure for each of many thousand requests a second.
 */
export class Entry implements WaitingRequest {
  /** In the model's order; undefined: an optional input that was left out. */
  readonly inputs: readonly (Tensor | undefined)[];
  readonly outputs: readonly number[] | undefined;
  readonly rows: number;
  readonly length: number;
  readonly mayPad: boolean;
  readonly priority: Priority;
  groupKey: string;
  isAlone = false;
  private sharedKey: string | undefined;
  readonly enqueuedAtMs = performance.now();
  readonly deadlineMs: number;
  isAnswered = false;
  /** Its run was lost once: it runs again with nothing beside. */
  isSuspect = false;
  /** The run that it is in. */
  running: Running | undefined;
  private queueTimer: NodeJS.Timeout | undefined;

  constructor(
    request: CheckedRequest,
    private readonly owner: EntryOwner,
    readonly signal: AbortSignal,
    priority: Priority,
    remainingMs: number | undefined,
    queueTimeoutUs: number | undefined,
    private readonly onResult: (result: InferResult) => void,
    private readonly onError: (error: Error) => void,
  ) {
    this.inputs = request.inputs;
    this.outputs = request.outputs;
    this.rows = request.rows;
    this.length = request.length;
    this.mayPad = request.mayPad;
    this.priority = priority;
    this.deadlineMs = remainingMs === undefined ? Infinity : this.enqueuedAtMs + remainingMs;
    this.groupKey = request.groupKey;
    signal.addEventListener('abort', this);
    if (queueTimeoutUs !== undefined) {
      // Longer than a timer can count is as good as never; deadlines are far shorter.
      this.queueTimer = setTimeout(() => this.owner.expire(this), Math.min(queueTimeoutUs / 1000, 2 ** 31 - 1));
    }
  }

  /** No other request may share its run, until `mayShare` is called. */
  waitsForProof(): void {
    const { groupKey } = this;
    this.runsAlone();
    this.sharedKey = groupKey;
  }

  /** Its rows were proved to be independent. */
  mayShare(): void {
    if (this.sharedKey === undefined) return;
    this.groupKey = this.sharedKey;
    this.sharedKey = undefined;
    this.isAlone = false;
  }

  /** No other request may share its run. */
  runsAlone(): void {
    this.isAlone = true;
    this.sharedKey = undefined;
    this.groupKey = `alone ${nextAlone++}`;
  }

  /** The signal aborted. */
  handleEvent(): void {
    this.owner.abandon(this);
  }

  /** The entry leaves the queue to run. */
  leaveQueue(): void {
    clearTimeout(this.queueTimer);
  }

  /** @returns false where it was answered before */
  answer(result: InferResult): boolean {
    if (!this.settle()) return false;
    this.onResult(result);
    return true;
  }

  /** @returns false where it was answered before */
  fail(error: Error): boolean {
    if (!this.settle()) return false;
    this.onError(error);
    return true;
  }

  private settle(): boolean {
    if (this.isAnswered) return false;
    this.isAnswered = true;
    clearTimeout(this.queueTimer);
    this.signal.removeEventListener('abort', this);
    return true;
  }
}
