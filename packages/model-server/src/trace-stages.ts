import type { TaskInference } from '@tributary/engine';
import type { Span } from '@tributary/serve';

/** Names the model that a span is about. */
export function nameModel(span: Span, model: string, version: string | undefined): void {
  span.attributes['tributary.model.name'] = model;
  if (version !== undefined) span.attributes['tributary.model.version'] = version;
}

/**
 * The spans of an inference that has just been answered: one for all of it, and below it queue, prepare (into the batch), inference and
 * finish (out of the batch). Their lengths are the engine's; that the lane of the model began with the inference as soon as it had the
 * batch is taken for granted, so that the way there and back lies between inference and finish.
 */
export function traceInference(parent: Span, { model, version, startedAtMs, timing }: TaskInference): void {
  const endedAtMs = performance.now();
  const span = parent.child(`infer ${model}`, 'internal', startedAtMs);
  nameModel(span, model, version);
  span.attributes['tributary.batch.rows'] = timing.batchSize;
  const queuedUntilMs = startedAtMs + timing.queueUs / 1000;
  const preparedUntilMs = queuedUntilMs + timing.prepareUs / 1000;
  span.stage('queue', startedAtMs, queuedUntilMs);
  span.stage('prepare', queuedUntilMs, preparedUntilMs);
  span.stage('inference', preparedUntilMs, preparedUntilMs + timing.inferenceUs / 1000);
  span.stage('finish', endedAtMs - timing.finishUs / 1000, endedAtMs);
  span.end(endedAtMs);
}

/** The spans of a task call: prepare, the wait for a lane included, its inferences, finish. */
export class TaskTrace {
  private readonly startedAtMs = performance.now();
  private askedAtMs: number | undefined;
  private inferredAtMs = 0;

  constructor(
    private readonly span: Span,
    model: string,
  ) {
    nameModel(span, model, undefined);
  }

  readonly onInference = (inference: TaskInference): void => {
    this.askedAtMs ??= inference.startedAtMs;
    traceInference(this.span, inference);
    this.inferredAtMs = performance.now();
  };

  /** The task has answered. A task that asked no model has no stages. */
  end(): void {
    if (this.askedAtMs === undefined) return;
    this.span.stage('prepare', this.startedAtMs, this.askedAtMs);
    this.span.stage('finish', this.inferredAtMs, performance.now());
  }
}
