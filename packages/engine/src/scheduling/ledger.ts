import type { TributaryError } from '@tributary/contract';
import type { InferResult, InferTiming } from '../engine';
import type { Observers } from '../observers';
import type { ServedModel } from '../models/served-model';
import type { Entry } from './entry';
import type { ModelQueue } from './model-queue';

export type Outcome = 'ok' | 'rejected' | 'cancelled' | 'failed';

/** Timing of a request that did not run. */
function unrun(queueUs: number): InferTiming {
  return { queueUs, prepareUs: 0, inferenceUs: 0, finishUs: 0, batchSize: 0 };
}

/** Answers entries, each exactly once, and keeps count of those that are open. */
export class Ledger {
  /** Accepted and not answered. */
  private open = 0;
  /** Batches on lanes; their callers may be gone. */
  private running = 0;
  private readonly idleWaiters: (() => void)[] = [];

  constructor(private readonly observers: Observers) {}

  /** A request was accepted. */
  accept(): void {
    this.open++;
  }

  /** A request was refused before it was accepted. */
  refuse(model: ServedModel, outcome: Outcome): void {
    this.tellEnd(model, 0, outcome, unrun(0));
  }

  answer(model: ServedModel, entry: Entry, result: InferResult): void {
    if (entry.answer(result)) this.close(model, entry, 'ok', result.timing);
  }

  fail(model: ServedModel, entry: Entry, error: TributaryError, outcome: Outcome = 'failed'): void {
    const queueUs = (performance.now() - entry.enqueuedAtMs) * 1000;
    if (entry.fail(error)) this.close(model, entry, outcome, unrun(queueUs));
  }

  startBatch(): void {
    this.running++;
  }

  endBatch(): void {
    this.running--;
    this.tellIfIdle();
  }

  /** Resolves when nothing waits or runs. */
  async drained(): Promise<void> {
    while (!this.isIdle) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** The number of requests that wait changed. */
  tellWaiting({ model, waiting }: ModelQueue): void {
    const { name, version } = model;
    this.observers.tell((o) => o.queueChanged?.({ model: name, version, waiting: waiting.length }));
  }

  private get isIdle(): boolean {
    return this.open === 0 && this.running === 0;
  }

  /** After the answer: who is told may cancel the call. */
  private close(model: ServedModel, entry: Entry, outcome: Outcome, timing: InferTiming): void {
    this.open--;
    this.tellEnd(model, entry.rows, outcome, timing);
    this.tellIfIdle();
  }

  private tellEnd({ name, version }: ServedModel, rows: number, outcome: Outcome, timing: InferTiming): void {
    this.observers.tell((o) => o.inferEnded?.({ model: name, version, rows, outcome, timing }));
  }

  private tellIfIdle(): void {
    if (this.isIdle) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }
}
