import { refusal, TributaryError } from '@tributary/contract';
import { abortError } from '../abort';
import { answerQuery, type QueryContext } from './answer-query';
import type { ModelInfo, TaskCall } from '../engine';
import { carryError, receiveError } from './carried-error';
import type { FromTaskLane } from './messages';
import { TaskLane, type TaskCallMessage } from './task-lane';
import type { Observers } from '../observers';
import { CircuitBreaker } from '../scheduling/circuit-breaker';
import { TaskEntry, type OnAnswer } from './task-entry';
import { TaskQueue } from './task-queue';
import type { ModelVersion } from '../models/model-version';
import type { TaskDefinition, TaskTable } from './task';
import { TaskLoader } from './task-loader';
import { taskOutcome } from './task-outcome';
import { toError } from '../to-error';
import { Watchdog } from '../threads/watchdog';

/** Calls on one lane, counting those that wait for a model: what they hold in memory is bounded by it. */
const maxOpenCallsPerLane = 64;

/** What the task runtime works with. */
export interface TaskRuntimeOptions extends QueryContext {
  readonly definitions: TaskTable;
  /** Where they come from, for the lanes. */
  readonly tasksModule: string;
  readonly lanes: number;
  readonly laneScript: string;
  /** Calls that work on one lane at the same time, not counting those that wait for a model. */
  readonly maxCallsPerLane: number;
  readonly laneHeapMb: number | undefined;
  /** Longest time that task code may hold its thread without a pause, or go on after its caller has gone. */
  readonly hangTimeoutMs: number;
  readonly models: () => readonly ModelInfo[];
  readonly onLost: (model: ModelVersion, error: TributaryError) => void;
  readonly onCrashing: (model: ModelVersion, restMs: number) => void;
  readonly observers: Observers;
}

/** Task lanes and the calls for them. In one file, so that every way in which a call can end is seen side by side. */
export class TaskRuntime {
  private readonly definitions: ReadonlyMap<string, TaskDefinition>;
  private readonly lanes: readonly TaskLane[];
  private readonly loader: TaskLoader;
  private readonly breakers = new Map<ModelVersion, CircuitBreaker>();
  private readonly calls = new Map<number, TaskEntry>();
  private readonly waiting = new TaskQueue();
  private readonly idleWaiters: (() => void)[] = [];
  private readonly watchdog: Watchdog;
  private nextCall = 0;

  constructor(private readonly options: TaskRuntimeOptions) {
    this.definitions = new Map(options.definitions.map((definition) => [definition.name, definition]));
    this.lanes = Array.from(
      { length: options.lanes },
      () =>
        new TaskLane(options.laneScript, { tasksModule: options.tasksModule }, options.laneHeapMb, {
          onCallMessage: (lane, message) => this.receive(lane, message),
          onDeath: (_lane, calls, reason, problem) => this.reportDeath(calls, reason, problem),
          onRestart: (lane) => {
            lane.post({ kind: 'models', models: this.options.models() });
            this.loader.restore(lane);
          },
        }),
    );
    const { hangTimeoutMs } = options;
    this.loader = new TaskLoader(this.lanes, {
      warmUp: (model, lane, signal) => this.warmUp(model, lane, signal),
      warmUpTimeoutMs: hangTimeoutMs,
      onRestored: (lane) => this.serveLane(lane),
      onLost: options.onLost,
      log: options.log,
    });
    this.watchdog = new Watchdog(Math.min(1000, hangTimeoutMs / 4), (nowMs, stoodStillMs) =>
      this.watch(nowMs, stoodStillMs, hangTimeoutMs),
    );
  }

  /** Starts the lanes' threads, where that has not been done. */
  wake(): void {
    for (const lane of this.lanes) lane.wake();
  }

  /** Names of the tasks that answer a method. */
  tasksOf(method: string): string[] {
    return [...this.definitions.values()].filter(({ methods }) => methods.includes(method)).map(({ name }) => name);
  }

  /** Makes the model's task on every lane and runs its warm-up there. @throws TributaryError */
  async load(model: ModelVersion, signal: AbortSignal): Promise<void> {
    const { task } = model.settings;
    if (!this.definitions.has(task)) {
      const known = [...this.definitions.keys()].join(', ');
      throw refusal('MODEL_CONFIG_INVALID', { problem: `task: expected one of ${known}, got ${task}` });
    }
    this.breakers.set(model, new CircuitBreaker());
    await this.loader.load(model, signal);
  }

  /** A model that rested is served again: lanes that were replaced meanwhile get its task back. */
  resume(): void {
    for (const lane of this.lanes) this.loader.restore(lane);
  }

  /** Tells the lanes of the models as they are now. */
  announceModels(): void {
    const models = this.options.models();
    for (const lane of this.lanes) lane.post({ kind: 'models', models });
  }

  /** Runs a task method of a model that is ready. Settles exactly once. */
  perform(model: ModelVersion, task: TaskCall, onAnswer: OnAnswer): Promise<void> {
    try {
      this.admit(model, task);
    } catch (error) {
      this.tellEnd(model, task.method, performance.now(), error as TributaryError);
      return Promise.reject(toError(error));
    }
    // The one copy of the request: its bytes are a view of what came from the socket.
    const request = new Uint8Array(task.request);
    return new Promise((resolve, reject) => {
      const call = this.makeCall(model, task.method, request, task, onAnswer, (error) => {
        if (error === undefined) resolve();
        else reject(error);
      });
      this.waiting.push(call);
      this.serveWaiting();
    });
  }

  /** Fails all that waits for a model, which was taken out of service. */
  drop(model: ModelVersion, error: TributaryError): void {
    for (const call of this.waiting.of(model)) call.settle(error);
  }

  /** Resolves when no call of the version, or none at all, waits, is worked on or is being answered. */
  async drained(model?: ModelVersion): Promise<void> {
    const isBusy = (): boolean =>
      model === undefined ? this.calls.size > 0 : [...this.calls.values()].some((call) => call.model === model);
    while (isBusy()) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Lets go of a version of which no call is left. */
  unload(model: ModelVersion): void {
    this.loader.unload(model);
    this.breakers.delete(model);
  }

  async close(): Promise<void> {
    this.watchdog.stop();
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }

  private admit(model: ModelVersion, { method, signal }: TaskCall): void {
    if (signal.aborted) throw abortError(signal);
    if (this.definitions.get(model.settings.task)?.methods.includes(method) !== true) {
      throw refusal('TASK_UNSUPPORTED', { model: model.name, method });
    }
    if (this.waiting.countOf(model) >= model.settings.maxQueueSize) throw refusal('QUEUE_FULL', {});
  }

  private makeCall(
    model: ModelVersion,
    method: string,
    request: Uint8Array<ArrayBuffer>,
    caller: Pick<TaskCall, 'signal' | 'remainingMs' | 'onInference'>,
    onAnswer: OnAnswer,
    onEnd: (error: TributaryError | undefined) => void,
  ): TaskEntry {
    const call = new TaskEntry(this.nextCall++, model, method, request, caller, onAnswer, onEnd, {
      onAbandoned: (entry) => this.abandon(entry, abortError(entry.signal)),
      onSettled: (entry, error) => {
        if (entry.lane === undefined) this.waiting.remove(entry);
        if (entry.lane === undefined || entry.hasEnded) this.forget(entry);
        this.tellEnd(model, method, entry.startedAtMs, error);
      },
    });
    this.calls.set(call.id, call);
    return call;
  }

  /** The caller is gone, or cannot take the answer. */
  private abandon(call: TaskEntry, error: TributaryError): void {
    call.inferences.abort(error);
    call.lane?.post({ kind: 'abort', call: call.id, error: carryError(error) });
    call.settle(error);
  }

  /** The lane with the fewest calls first. */
  private serveWaiting(): void {
    for (const lane of [...this.lanes].sort((a, b) => a.callCount - b.callCount)) this.serveLane(lane);
  }

  /** Gives a lane the oldest calls that it can answer, as many as fit. */
  private serveLane(lane: TaskLane): void {
    while (lane.workingCount < this.options.maxCallsPerLane && lane.callCount < maxOpenCallsPerLane) {
      const next = this.waiting.take((model) => lane.holds(model.id));
      if (next === undefined) return;
      next.lane = lane;
      const { id, model, method, request, acceptedAtMs } = next;
      lane.start({ kind: 'call', call: id, session: model.id, method, request, acceptedAtMs }, [request.buffer]);
    }
  }

  /** Resolves with what went wrong, if anything did. */
  private warmUp(model: ModelVersion, lane: TaskLane, signal: AbortSignal): Promise<TributaryError | undefined> {
    return new Promise((resolve) => {
      const call = this.makeCall(model, '', new Uint8Array(), { signal }, () => undefined, resolve);
      call.lane = lane;
      lane.start({ kind: 'warmUp', call: call.id, session: model.id }, []);
    });
  }

  private watch(nowMs: number, stoodStillMs: number, limitMs: number): void {
    for (const lane of this.lanes) lane.watch(nowMs, stoodStillMs, limitMs);
    for (const call of this.calls.values()) {
      const { lane } = call;
      call.answeredAtMs += stoodStillMs;
      if (lane !== undefined && !call.hasEnded && nowMs - call.answeredAtMs > limitMs) this.giveUp(call, lane);
    }
  }

  /** The caller is long gone, and the handler was told: its place goes to others. */
  private giveUp(call: TaskEntry, lane: TaskLane): void {
    const { name, version } = call.model;
    this.options.log.error(
      { model: name, version, method: call.method },
      'a task did not end after its caller had gone',
    );
    lane.release(call.id);
    this.end(call);
    this.serveLane(lane);
  }

  private receive(lane: TaskLane, message: TaskCallMessage): void {
    const call = this.calls.get(message.call);
    // What a handler left behind may still ask.
    if (call === undefined || call.hasEnded) return;
    switch (message.kind) {
      case 'infer':
        void answerQuery(call, message, lane, this.options);
        // While this call waits for the model, another can be prepared: batches are filled this way.
        this.serveLane(lane);
        return;
      case 'answer':
        return void this.hand(call, message.answer, () => lane.post({ kind: 'taken', call: call.id }));
      case 'answered':
        this.endOnLane(lane, call);
        return void this.hand(call, message.answer, () => call.settle(undefined));
      case 'ended':
        this.endOnLane(lane, call);
        call.settle(undefined);
        return;
      case 'failed':
        this.endOnLane(lane, call);
        call.settle(this.toError(call, message));
        return;
    }
  }

  private toError(call: TaskEntry, { error, problem }: Extract<FromTaskLane, { kind: 'failed' }>): TributaryError {
    if (problem === '') return receiveError(error);
    const { name, version } = call.model;
    // A refusal with a cause (a damaged picture, a message that cannot be decoded) is the caller's fault, not the task's.
    if (!call.isAnswered && error.reason === 'INTERNAL') {
      this.options.log.error({ model: name, version, method: call.method, problem }, 'a task failed');
    }
    return receiveError(error, problem);
  }

  /** The lane is done with the call; the next may come. */
  private endOnLane(lane: TaskLane, call: TaskEntry): void {
    // A warm-up that ends well tells nothing of calls.
    if (call.method !== '') {
      this.breakers.get(call.model)?.reportSuccess();
      lane.reportSuccess();
    }
    // Inferences that the task did not wait for.
    if (call.openQueries > 0) call.inferences.abort(refusal('CANCELLED', {}));
    this.end(call);
    this.serveLane(lane);
  }

  /** No lane works on the call any more. */
  private end(call: TaskEntry): void {
    call.hasEnded = true;
    if (call.isAnswered) this.forget(call);
  }

  private forget(call: TaskEntry): void {
    this.calls.delete(call.id);
    for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private async hand(call: TaskEntry, answer: Uint8Array, then: () => void): Promise<void> {
    if (call.isAnswered) return;
    try {
      await call.onAnswer(answer);
    } catch (error) {
      this.abandon(call, error instanceof TributaryError ? error : refusal('INTERNAL', {}, {}, { cause: error }));
      return;
    }
    then();
  }

  private reportDeath(ids: readonly number[], reason: string, problem: string): void {
    this.options.log.error({ reason, problem }, 'a task lane died; it is being replaced');
    this.options.observers.tell((o) => o.laneRestarted?.({ kind: 'task', reason }));
    const calls = ids.flatMap((id) => this.calls.get(id) ?? []);
    const restMsOf = new Map(
      [...new Set(calls.map((call) => call.model))].map((model) => [
        model,
        this.breakers.get(model)?.reportDeath() ?? 0,
      ]),
    );
    for (const call of calls) {
      const error = restMsOf.get(call.model) === 0 ? refusal('WORKER_LOST', {}) : refusal('WORKER_CRASHED', {});
      call.inferences.abort(error);
      this.end(call);
      call.settle(error);
    }
    for (const [model, restMs] of restMsOf) if (restMs > 0) this.options.onCrashing(model, restMs);
  }

  private tellEnd(
    { name, version }: ModelVersion,
    method: string,
    startedAtMs: number,
    error: TributaryError | undefined,
  ): void {
    if (method === '') return;
    const durationUs = (performance.now() - startedAtMs) * 1000;
    this.options.observers.tell((o) =>
      o.taskEnded?.({ model: name, version, method, outcome: taskOutcome(error), durationUs }),
    );
  }
}
