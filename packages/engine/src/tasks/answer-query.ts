import { refusal, Status, statusOf, TributaryError } from '@tributary/contract';
import type { EngineLog, InferRequest, InferResult } from '../engine';
import { carryError } from './carried-error';
import type { FromTaskLane } from './messages';
import { buffersOf, toTransferableTensors } from '../threads/transferable';
import type { TaskLane } from './task-lane';
import type { TaskEntry } from './task-entry';
import type { ModelVersion } from '../models/model-version';

/** What answers the inferences that task code asks for. */
export interface QueryContext {
  /** Asks a model on behalf of a task. `model` '' is the one that was called. */
  readonly infer: (from: ModelVersion, request: InferRequest) => Promise<InferResult>;
  readonly log: EngineLog;
}

/** Runs an inference that task code asked for, and sends the answer or the refusal back to its lane. */
export async function answerQuery(
  call: TaskEntry,
  { query, model, inputs, outputs, mayPad }: Extract<FromTaskLane, { kind: 'infer' }>,
  lane: TaskLane,
  { infer, log }: QueryContext,
): Promise<void> {
  if (++call.openQueries === 1) lane.setAsking(call.id, true);
  const { onInference } = call;
  const startedAtMs = onInference === undefined ? 0 : performance.now();
  try {
    const result = await infer(call.model, {
      model,
      inputs: new Map(inputs),
      outputs,
      mayPad,
      signal: call.inferences.signal,
      ...(call.deadlineMs !== undefined && { remainingMs: call.deadlineMs - performance.now() }),
    });
    const { version, timing } = result;
    onInference?.({ model: model === '' ? call.model.name : model, version, startedAtMs, timing });
    const moved = toTransferableTensors(result.outputs);
    const answer = { version, outputs: moved, timing };
    lane.post({ kind: 'inferred', call: call.id, query, answer }, buffersOf(moved));
  } catch (error) {
    lane.post({ kind: 'inferFailed', call: call.id, query, error: carryError(toTaskError(call, error, log)) });
  } finally {
    if (--call.openQueries === 0) lane.setAsking(call.id, false);
  }
}

/** The caller has nothing to do with the tensors that task code made: a refusal of those is a defect of ours. */
function toTaskError({ model, method }: TaskEntry, error: unknown, log: EngineLog): unknown {
  if (error instanceof TributaryError && statusOf(error) !== Status.INVALID_ARGUMENT) return error;
  const problem = error instanceof Error ? error.message : String(error);
  log.error({ model: model.name, version: model.version, method, problem }, 'a task asked a model wrongly');
  return refusal('INTERNAL', {});
}
