import type { BatchCut, Engine, EngineObserver, InferTiming } from '@tributary/engine';
import { createMetrics, type HistogramSeries, type Metrics } from '@tributary/serve';
import { shownModels } from '../model-states';
import { inferenceMetricDefinitions } from './inference-metric-definitions';

type Registry = Parameters<typeof createMetrics>[0];
type InferenceEnd = Parameters<NonNullable<EngineObserver['inferEnded']>>[0];
type FailureReason = 'REJECTED' | 'CANCELED' | 'BACKEND';

const failureReasons: Readonly<Record<Exclude<InferenceEnd['outcome'], 'ok'>, FailureReason>> = {
  rejected: 'REJECTED',
  cancelled: 'CANCELED',
  failed: 'BACKEND',
};

const stages = ['queue', 'prepare', 'inference', 'finish'] as const;

/** Sums of one model version since the start. */
interface Totals {
  readonly model: string;
  readonly version: string;
  requests: number;
  rows: number;
  runs: number;
  /** Of all runs together. */
  busyUs: number;
  readonly cuts: Record<BatchCut, number>;
  readonly failures: Record<FailureReason, number>;
  queueUs: number;
  prepareUs: number;
  inferenceUs: number;
  finishUs: number;
  waiting: number;
  /** Methods and outcomes of task calls that have been counted, each pair as a key. */
  readonly taskSeries: Map<string, readonly [method: string, outcome: string]>;
  readonly observe: {
    readonly stage: Readonly<Record<(typeof stages)[number], HistogramSeries>>;
    readonly batchRows: HistogramSeries;
  };
}

/**
 * Metrics of an engine. Sums are kept in plain numbers and handed to the registry when somebody asks: an inference costs four
 * observations of histograms and a few additions. Labels are only names that the engine found in its repository, and the series of a
 * version end with it: repositories change for as long as a process lives.
 */
export class InferenceMetrics implements EngineObserver {
  private readonly metrics: Metrics<typeof inferenceMetricDefinitions>;
  private readonly totals = new Map<string, Totals>();

  constructor(
    private readonly engine: Engine,
    registry: Registry,
  ) {
    this.metrics = createMetrics(registry, inferenceMetricDefinitions, { pending: () => this.publish() });
    for (const kind of ['session', 'task']) this.metrics.laneRestarts.inc({ kind }, 0);
    this.metrics.lanes.set({ kind: 'session' }, engine.plan.sessionLanes);
    this.metrics.lanes.set({ kind: 'task' }, engine.plan.taskLanes);
    engine.observe(this);
  }

  modelsChanged(): void {
    this.forgetGone();
  }

  inferEnded({ model, version, rows, outcome, timing }: InferenceEnd): void {
    const totals = this.of(model, version);
    if (outcome !== 'ok') {
      totals.failures[failureReasons[outcome]]++;
      return;
    }
    totals.requests++;
    totals.rows += rows;
    this.addTiming(totals, timing);
  }

  batchRan({ model, version, rows, inferenceUs, cut }: Parameters<NonNullable<EngineObserver['batchRan']>>[0]): void {
    const totals = this.of(model, version);
    totals.runs++;
    totals.busyUs += inferenceUs;
    totals.cuts[cut]++;
    totals.observe.batchRows.observe(rows);
  }

  queueChanged({ model, version, waiting }: Parameters<NonNullable<EngineObserver['queueChanged']>>[0]): void {
    this.of(model, version).waiting = waiting;
  }

  taskEnded(end: Parameters<NonNullable<EngineObserver['taskEnded']>>[0]): void {
    const { model, version, method, outcome, durationUs } = end;
    this.of(model, version).taskSeries.set(`${method} ${outcome}`, [method, outcome]);
    this.metrics.taskCalls.inc({ model, version, method, outcome });
    if (outcome === 'ok') this.metrics.taskDuration.labels(model, version, method).observe(durationUs / 1e6);
  }

  laneRestarted({ kind }: Parameters<NonNullable<EngineObserver['laneRestarted']>>[0]): void {
    this.metrics.laneRestarts.inc({ kind });
  }

  private addTiming(totals: Totals, timing: InferTiming): void {
    totals.queueUs += timing.queueUs;
    totals.prepareUs += timing.prepareUs;
    totals.inferenceUs += timing.inferenceUs;
    totals.finishUs += timing.finishUs;
    const { stage } = totals.observe;
    stage.queue.observe(timing.queueUs / 1e6);
    stage.prepare.observe(timing.prepareUs / 1e6);
    stage.inference.observe(timing.inferenceUs / 1e6);
    stage.finish.observe(timing.finishUs / 1e6);
  }

  private of(model: string, version: string): Totals {
    const key = `${model}/${version}`;
    let totals = this.totals.get(key);
    if (totals === undefined) {
      totals = this.start(model, version);
      this.totals.set(key, totals);
    }
    return totals;
  }

  private start(model: string, version: string): Totals {
    const stage = (name: string): HistogramSeries => this.metrics.stage.labels(model, version, name);
    return {
      model,
      version,
      requests: 0,
      rows: 0,
      runs: 0,
      busyUs: 0,
      cuts: { full: 0, cost: 0, deadline: 0, bucket: 0, idle_lane: 0, delay: 0 },
      failures: { REJECTED: 0, CANCELED: 0, BACKEND: 0 },
      queueUs: 0,
      prepareUs: 0,
      inferenceUs: 0,
      finishUs: 0,
      waiting: 0,
      taskSeries: new Map(),
      observe: {
        stage: {
          queue: stage('queue'),
          prepare: stage('prepare'),
          inference: stage('inference'),
          finish: stage('finish'),
        },
        batchRows: this.metrics.batchRows.labels(model, version),
      },
    };
  }

  /** Brings the registry up to date with the sums; every model of the repository is shown, also one that nobody has called. */
  private publish(): void {
    const { metrics } = this;
    // Events of a version that is gone may have come since.
    this.forgetGone();
    metrics.loadDuration.reset();
    metrics.modelReady.reset();
    metrics.queueLimit.reset();
    for (const { name, version, state, loadMs, maxQueueSize } of shownModels(this.engine)) {
      const labels = { model: name, version };
      metrics.modelReady.set(labels, state === 'READY' ? 1 : 0);
      if (state === 'READY') {
        metrics.loadDuration.set(labels, loadMs / 1000);
        metrics.queueLimit.set(labels, maxQueueSize);
        this.of(name, version);
      }
    }
    for (const totals of this.totals.values()) this.publishTotals(totals);
  }

  /** Takes every series of versions that the engine does not list any more out of the registry. */
  private forgetGone(): void {
    const listed = new Set(shownModels(this.engine).map(({ name, version }) => `${name}/${version}`));
    for (const [key, totals] of this.totals) {
      if (listed.has(key)) continue;
      this.totals.delete(key);
      this.removeSeries(totals);
    }
  }

  private removeSeries({ model, version, failures, cuts, taskSeries }: Totals): void {
    const { metrics } = this;
    const labels = { model, version };
    for (const metric of this.perVersion()) metric.remove(labels);
    for (const reason of Object.keys(failures)) metrics.requestFailure.remove({ ...labels, reason });
    for (const reason of Object.keys(cuts)) metrics.batches.remove({ ...labels, reason });
    for (const stage of stages) metrics.stage.remove(model, version, stage);
    metrics.batchRows.remove(model, version);
    for (const [method, outcome] of taskSeries.values()) {
      metrics.taskCalls.remove({ ...labels, method, outcome });
      metrics.taskDuration.remove(model, version, method);
    }
  }

  /** Metrics whose only labels are those of the version. */
  private perVersion(): readonly { remove(labels: { model: string; version: string }): void }[] {
    const { metrics } = this;
    return [
      metrics.pending,
      metrics.requestSuccess,
      metrics.count,
      metrics.execCount,
      metrics.laneBusy,
      metrics.queueDuration,
      metrics.computeInputDuration,
      metrics.computeInferDuration,
      metrics.computeOutputDuration,
      metrics.requestDuration,
    ];
  }

  private publishTotals(totals: Totals): void {
    const { metrics } = this;
    const labels = { model: totals.model, version: totals.version };
    const set = (counter: typeof metrics.count, value: number): void => {
      counter.remove(labels);
      counter.inc(labels, value);
    };
    set(metrics.requestSuccess, totals.requests);
    set(metrics.count, totals.rows);
    set(metrics.execCount, totals.runs);
    set(metrics.laneBusy, totals.busyUs / 1e6);
    set(metrics.queueDuration, totals.queueUs);
    set(metrics.computeInputDuration, totals.prepareUs);
    set(metrics.computeInferDuration, totals.inferenceUs);
    set(metrics.computeOutputDuration, totals.finishUs);
    set(metrics.requestDuration, totals.queueUs + totals.prepareUs + totals.inferenceUs + totals.finishUs);
    for (const [reason, count] of Object.entries(totals.failures)) {
      metrics.requestFailure.remove({ ...labels, reason });
      metrics.requestFailure.inc({ ...labels, reason }, count);
    }
    for (const [reason, count] of Object.entries(totals.cuts)) {
      metrics.batches.remove({ ...labels, reason });
      metrics.batches.inc({ ...labels, reason }, count);
    }
    metrics.pending.set(labels, totals.waiting);
  }
}
