import { refusal, type TributaryError, type Tensors } from '@tributary/contract';
import type { EngineLog, InferTiming } from '../engine';
import type { RunEnd } from '../sessions/session-lane';
import type { Observers } from '../observers';
import type { ServedModel } from '../models/served-model';
import { UncuttableError, type PackedTensor } from '../tensors/pack-batch';
import { cutBatch, type Batch } from './batch';
import type { Ledger } from './ledger';
import type { ModelQueue } from './model-queue';

/** What the end of a batch is told to. */
export interface BatchEndOptions {
  readonly maxOutputBytes: number;
  /** Workers die of the model; it must rest. */
  readonly onCrashing: (model: ServedModel, restMs: number) => void;
  readonly observers: Observers;
  readonly log: EngineLog;
}

/** What callers get when their batch has ended. In one file, so that every way in which a batch can end is seen side by side. */
export class BatchEnd {
  constructor(
    private readonly ledger: Ledger,
    private readonly options: BatchEndOptions,
  ) {}

  /**
   * A lane is done with a batch: its callers are answered, or wait in the queue again, before all others.
   * @returns whether some wait again
   */
  end(queue: ModelQueue, batch: Batch, end: RunEnd): boolean {
    if (end.kind === 'ran') return this.endRun(queue, batch, end.outputs, end.inferenceUs);
    if (end.kind !== 'lost') return this.endFailed(queue, batch, this.runError(queue.model, end));
    this.endLost(queue, batch);
    return false;
  }

  /** A batch could not be put together: no memory for all of it, perhaps for each alone. */
  endUnpacked(queue: ModelQueue, batch: Batch, problem: string): void {
    this.endFailed(queue, batch, runFailed(queue.model, problem));
  }

  private endRun(queue: ModelQueue, batch: Batch, outputs: readonly PackedTensor[], inferenceUs: number): boolean {
    const { model } = queue;
    const { entries, rows, prepareUs, cut } = batch;
    const cutAtMs = performance.now();
    let answers: readonly Tensors[];
    try {
      answers = cutBatch(model, entries, outputs);
    } catch (error) {
      if (!(error instanceof UncuttableError)) throw error;
      return this.endFailed(queue, batch, runFailed(model, error.message));
    }
    const finishUs = (performance.now() - cutAtMs) * 1000;
    const { name, version } = model;
    this.options.observers.tell((o) =>
      o.batchRan?.({ model: name, version, rows, requests: entries.length, inferenceUs, cut }),
    );
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index]!;
      const queueUs = (batch.startedAtMs - entry.enqueuedAtMs) * 1000;
      const timing: InferTiming = { queueUs, prepareUs, inferenceUs, finishUs, batchSize: rows };
      this.ledger.answer(model, entry, { version, outputs: answers[index]!, timing });
    }
    return false;
  }

  /** A bad request fails alone: what ran in company is run again one by one, before all others. */
  private endFailed(queue: ModelQueue, { entries }: Batch, error: TributaryError): boolean {
    const { model } = queue;
    const living = entries.filter((entry) => !entry.isAnswered);
    if (entries.length > 1) {
      for (const entry of living) entry.groupKey = `alone ${entry.enqueuedAtMs} ${entries.indexOf(entry)}`;
      queue.pushFront(living);
      this.ledger.tellWaiting(queue);
      return living.length > 0;
    }
    for (const entry of living) {
      const { cause: problem } = error;
      this.options.log.error({ model: model.name, version: model.version, problem }, 'a run failed');
      this.ledger.fail(model, entry, error);
    }
    return false;
  }

  private runError(model: ServedModel, end: Extract<RunEnd, { kind: 'failed' | 'tooLarge' }>): TributaryError {
    if (end.kind === 'failed') return runFailed(model, end.problem);
    const sizes = { expected: this.options.maxOutputBytes, got: end.outputBytes };
    return refusal(
      'OUTPUTS_TOO_LARGE',
      { model: model.name, ...sizes },
      {},
      { cause: `outputs of ${end.outputBytes} bytes` },
    );
  }

  private endLost(queue: ModelQueue, { entries }: Batch): void {
    const { model } = queue;
    const restMs = queue.breaker.reportDeath();
    const error = restMs === 0 ? refusal('WORKER_LOST', {}) : refusal('WORKER_CRASHED', {});
    for (const entry of entries) this.ledger.fail(model, entry, error);
    if (restMs > 0) this.options.onCrashing(model, restMs);
    this.options.log.error({ model: model.name, version: model.version }, 'a worker died while it ran a model');
  }
}

/** @param problem for the log */
function runFailed(model: ServedModel, problem: string): TributaryError {
  return refusal('RUN_FAILED', { model: model.name }, {}, { cause: problem });
}
