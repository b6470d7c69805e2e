import type { TributaryError } from '@tributary/contract';
import type { InferResult, InferTiming } from '../engine';
import type { Observers } from '../observers';
import type { ModelVersion } from '../models/model-version';
import type { Entry } from './entry';
import type { ModelQueue } from './model-queue';

export type Outcome = 'ok' | 'rejected' | 'cancelled' | 'failed';

/** Timing of a request that did not run. */
function unrun(queueUs: number): InferTiming {
  return { queueUs, prepareUs: 0, inferenceUs: 0, finishUs: 0, batchSize: 0 };
}

/** Answers entries, each exactly once, and keeps count of those that are open. */
export class InFlightTracker {
  /** Requests accepted and not answered, and runs whose callers may be gone, by version. */
  private readonly open = new Map<ModelVersion, number>();
  private readonly idleWaiters: (() => void)[] = [];
  /** Requests accepted and not answered. */
  private unanswered = 0;

  constructor(private readonly observers: Observers) {}

  /** A request was accepted. */
  accept(version: ModelVersion): void {
    this.unanswered++;
    this.count(version, 1);
  }

  /** A request was refused before it was accepted. */
  refuse(version: ModelVersion, outcome: Outcome): void {
    this.tellEnd(version, 0, outcome, unrun(0));
  }

  answer(version: ModelVersion, entry: Entry, result: InferResult): void {
    if (entry.answer(result)) this.close(version, entry, 'ok', result.timing);
  }

  fail(version: ModelVersion, entry: Entry, error: TributaryError, outcome: Outcome = 'failed'): void {
    const queueUs = (performance.now() - entry.enqueuedAtMs) * 1000;
    if (entry.fail(error)) this.close(version, entry, outcome, unrun(queueUs));
  }

  startRun(version: ModelVersion): void {
    this.count(version, 1);
  }

  endRun(version: ModelVersion): void {
    this.count(version, -1);
  }

  /** Resolves when every request has its answer; runs that nobody waits for may go on. */
  async answered(): Promise<void> {
    while (this.unanswered > 0) await this.nextChange();
  }

  /** Resolves when nothing of the version, or nothing at all, waits or runs. */
  async drained(version?: ModelVersion): Promise<void> {
    const isIdle = (): boolean => (version === undefined ? this.open.size === 0 : !this.open.has(version));
    while (!isIdle()) await this.nextChange();
  }

  /** The number of requests that wait changed. */
  tellWaiting({ version: { name, version }, waiting }: ModelQueue): void {
    this.observers.tell((o) => o.queueChanged?.({ model: name, version, waiting: waiting.length }));
  }

  /** After the answer: who is told may cancel the call. */
  private close(version: ModelVersion, entry: Entry, outcome: Outcome, timing: InferTiming): void {
    this.tellEnd(version, entry.rows, outcome, timing);
    this.count(version, -1);
    this.unanswered--;
    if (this.unanswered === 0) this.wakeWaiters();
  }

  private nextChange(): Promise<void> {
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private wakeWaiters(): void {
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private count(version: ModelVersion, change: number): void {
    const count = (this.open.get(version) ?? 0) + change;
    if (count > 0) {
      this.open.set(version, count);
      return;
    }
    this.open.delete(version);
    this.wakeWaiters();
  }

  private tellEnd({ name, version }: ModelVersion, rows: number, outcome: Outcome, timing: InferTiming): void {
    this.observers.tell((o) => o.inferEnded?.({ model: name, version, rows, outcome, timing }));
  }
}
