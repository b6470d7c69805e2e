import { refusal, type TributaryError, type Tensors } from '@tributary/contract';
import type { EngineLog, InferTiming } from '../engine';
import type { ModelVersion } from '../models/model-version';
import type { Observers } from '../observers';
import type { RunEnd } from '../sessions/session-host';
import { UncuttableError, type PackedTensor } from '../tensors/pack-batch';
import { cutBatch, type Batch } from './batch';
import type { Entry } from './entry';
import type { InFlightTracker } from './in-flight-tracker';
import type { ModelQueue } from './model-queue';

/** What the end of a batch is told to. */
export interface BatchEndOptions {
  readonly maxOutputBytes: number;
  /** Runs of the version crash again and again; it must rest. */
  readonly onCrashing: (version: ModelVersion, restMs: number) => void;
  readonly observers: Observers;
  readonly log: EngineLog;
}

/** What callers get when their batch has ended. In one file, so that every way in which a batch can end is seen side by side. */
export class BatchEnd {
  constructor(
    private readonly inFlight: InFlightTracker,
    private readonly options: BatchEndOptions,
  ) {}

  /**
   * A lane is done with a batch: its callers are answered, or wait in the queue again, before all others.
   * @param wasSuspect nothing ran beside it, since it may have been what the lanes died of before
   * @returns entries that must run again with nothing beside
   */
  end(batch: Batch, end: RunEnd, wasSuspect: boolean): readonly Entry[] {
    switch (end.kind) {
      case 'ran':
        this.endRun(batch, end.outputs, end.inferenceUs);
        return [];
      case 'stopped':
        // Everybody had gone; or the run took too long, and its callers were told when it was asked to stop.
        return [];
      case 'lost':
        return this.endLost(batch, end, wasSuspect);
      case 'outOfMemory':
        if (batch.entries.length > 1) batch.queue.version.shrinkBatches(batch.rows);
        this.endFailed(batch, this.runError(batch.queue.version, end));
        return [];
      case 'failed':
      case 'tooLarge':
        this.endFailed(batch, this.runError(batch.queue.version, end));
        return [];
    }
  }

  /** The rows of a batch could not be laid down for another reason than want of room. */
  endUnpacked(batch: Batch, problem: string): void {
    this.endFailed(batch, runFailed(batch.queue.version, problem));
  }

  /** The run is longer than a run may be: its callers hear so now, whenever it ends. */
  endOverdue({ queue, entries }: Batch, error: TributaryError): void {
    for (const entry of entries) this.inFlight.fail(queue.version, entry, error);
  }

  private endRun(batch: Batch, outputs: readonly PackedTensor[], inferenceUs: number): void {
    const { queue, entries, rows, prepareUs, cut } = batch;
    const cutAtMs = performance.now();
    let answers: readonly Tensors[];
    try {
      answers = cutBatch(queue.version, entries, outputs);
    } catch (error) {
      if (!(error instanceof UncuttableError)) throw error;
      this.endFailed(batch, runFailed(queue.version, error.message));
      return;
    }
    const finishUs = (performance.now() - cutAtMs) * 1000;
    const { name, version } = queue.version;
    this.options.observers.tell((o) =>
      o.batchRan?.({ model: name, version, rows, requests: entries.length, inferenceUs, cut }),
    );
    for (let index = 0; index < entries.length; index++) {
      const entry = entries[index]!;
      const queueUs = (batch.startedAtMs - entry.enqueuedAtMs) * 1000;
      const timing: InferTiming = { queueUs, prepareUs, inferenceUs, finishUs, batchSize: rows };
      this.inFlight.answer(queue.version, entry, { version, outputs: answers[index]!, timing });
    }
  }

  /** A bad request fails alone: what ran in company is run again one by one, before all others. */
  private endFailed({ queue, entries }: Batch, error: TributaryError): void {
    const { version } = queue;
    const living = entries.filter((entry) => !entry.isAnswered);
    if (entries.length > 1) {
      for (const entry of living) entry.runsAlone();
      this.putBack(queue, living);
      return;
    }
    for (const entry of living) {
      const { cause: problem } = error;
      this.options.log.error({ model: version.name, version: version.version, problem }, 'a run failed');
      this.inFlight.fail(version, entry, error);
    }
  }

  private runError(
    { name: model }: ModelVersion,
    end: Extract<RunEnd, { kind: 'failed' | 'tooLarge' | 'outOfMemory' }>,
  ): TributaryError {
    switch (end.kind) {
      case 'failed':
        return refusal('RUN_FAILED', { model }, {}, { cause: end.problem });
      case 'outOfMemory':
        return refusal('RUN_OUT_OF_MEMORY', { model }, {}, { cause: end.problem });
      case 'tooLarge': {
        const { outputBytes: got } = end;
        const sizes = { expected: this.options.maxOutputBytes, got };
        return refusal('OUTPUTS_TOO_LARGE', { model, ...sizes }, {}, { cause: `outputs of ${got} bytes` });
      }
    }
  }

  /** What had not started goes back; what had is run again with nothing beside, and what dies again, or died alone, is guilty. */
  private endLost(
    { queue, entries }: Batch,
    { hasStarted, wasAlone, problem }: Extract<RunEnd, { kind: 'lost' }>,
    wasSuspect: boolean,
  ): readonly Entry[] {
    const { version } = queue;
    const living = entries.filter((entry) => !entry.isAnswered);
    if (!hasStarted) {
      this.putBack(queue, living);
      return [];
    }
    if (!(wasSuspect || wasAlone) || entries.length > 1) {
      for (const entry of living) entry.isSuspect = true;
      return living;
    }
    this.options.log.error({ model: version.name, version: version.version, problem }, 'a run crashed');
    const restMs = queue.breaker.reportDeath();
    for (const entry of living) this.inFlight.fail(version, entry, refusal('RUN_CRASHED', { model: version.name }));
    if (restMs > 0) this.options.onCrashing(version, restMs);
    return [];
  }

  private putBack(queue: ModelQueue, entries: readonly Entry[]): void {
    queue.pushFront(entries);
    this.inFlight.tellWaiting(queue);
  }
}

/** @param problem for the log */
function runFailed({ name }: ModelVersion, problem: string): TributaryError {
  return refusal('RUN_FAILED', { model: name }, {}, { cause: problem });
}
