import { refusal, TributaryError, type Tensors } from '@tributary/contract';
import { abortError } from './abort';
import type { EngineLog, InferRequest, InferResult, InferTiming } from './engine';
import type { LoadRefusal } from './lanes/messages';
import type { InferenceLane } from './lanes/inference-lane';
import { InlineLane, maxInlineMeanUs } from './lanes/inline-lane';
import { SessionLane, type RunEnd } from './lanes/session-lane';
import type { Observers } from './observers';
import { Arrivals } from './queue/arrivals';
import { cutBatch, packBatch, type Batch } from './queue/batch';
import { Entry, type EntryOwner } from './queue/entry';
import { leastServed, rejoin } from './queue/fair-share';
import { Ledger, type Outcome } from './queue/ledger';
import { ModelQueue } from './queue/model-queue';
import { toPriority, type Priority } from './queue/priority';
import type { ServedModel } from './served-model';
import { checkRequest, type CheckedRequest } from './tensors/check-request';
import { toError } from './to-error';
import { UncuttableError, type PackedTensor } from './tensors/pack-batch';

/** How long batches may run on the event loop one after another, in milliseconds, before it looks at its sockets again. */
const mostInlineMs = 5;

/** What the scheduler works with. */
export interface SchedulerOptions {
  readonly lanes: number;
  /** Script of a session lane's thread, beside lanes/lane.js. */
  readonly laneScript: string;
  readonly runTimeoutMs: number;
  readonly maxOutputBytes: number;
  /** A run of the model does not end. */
  readonly onStuck: (model: ServedModel, error: TributaryError) => void;
  /** No lane holds the model any more. */
  readonly onLost: (model: ServedModel, error: TributaryError) => void;
  /** Workers die of the model; it must rest. */
  readonly onCrashing: (model: ServedModel, restMs: number) => void;
  readonly observers: Observers;
  readonly log: EngineLog;
}

/**
 * Session lanes, and the queues of all models before them. In one file, so that every way in which a batch can end is seen side by
 * side.
 */
export class Scheduler {
  /** Threads; every model is on some of them. */
  readonly lanes: readonly SessionLane[];
  /** The event loop, for models whose plan says so. */
  readonly inlineLane: InlineLane;
  private readonly everyLane: readonly InferenceLane[];
  private readonly queues = new Map<number, ModelQueue>();
  private readonly owners = new Map<number, EntryOwner>();
  private readonly watchdog: NodeJS.Timeout;
  private isDispatchPlanned = false;
  private delayTimer: NodeJS.Timeout | undefined;
  /** When it fires. */
  private delayEndMs = Infinity;
  private readonly arrivals = new Arrivals();
  /** Until when the event loop runs batches one after another. */
  private inlineUntilMs = 0;
  private readonly ledger: Ledger;
  private readonly stuckLanes = new Set<InferenceLane>();

  constructor(private readonly options: SchedulerOptions) {
    this.ledger = new Ledger(options.observers);
    this.lanes = Array.from(
      { length: options.lanes },
      () =>
        new SessionLane(options.laneScript, options.maxOutputBytes, {
          onDeath: (_lane, reason, problem) => this.reportDeath(reason, problem),
          onSessionsChanged: () => this.planDispatch(),
          onReloadRefused: (_lane, session, refused) => this.reportReloadRefused(session, refused),
        }),
    );
    this.inlineLane = new InlineLane(options.maxOutputBytes, {
      onTooSlow: (session, meanUs) => this.leaveLoop(this.queues.get(session)!.model, meanUs),
    });
    this.everyLane = [this.inlineLane, ...this.lanes];
    this.watchdog = setInterval(() => this.watch(), Math.min(1000, Math.max(10, options.runTimeoutMs / 4)));
    this.watchdog.unref();
  }

  /** Makes room for a model's requests. */
  add(model: ServedModel): void {
    const queue = new ModelQueue(model);
    this.queues.set(model.session, queue);
    this.owners.set(model.session, {
      abandon: (entry) => {
        this.leave(queue, entry, abortError(entry.signal), 'cancelled');
      },
      expire: (entry) => {
        this.leave(queue, entry, refusal('QUEUE_TIMEOUT', {}), 'rejected');
      },
    });
  }

  /** Checks, queues, runs. The model must have sessions. Settles exactly once. */
  infer(model: ServedModel, request: InferRequest): Promise<InferResult> {
    const queue = this.queues.get(model.session)!;
    const priority = toPriority(request.priority);
    let checked: CheckedRequest;
    try {
      if (request.signal.aborted) throw abortError(request.signal);
      checked = checkRequest(model.rules, request.inputs, request.outputs, request.mayPad);
      this.admit(queue, request, priority);
    } catch (error) {
      this.ledger.refuse(model, request.signal.aborted ? 'cancelled' : 'rejected');
      return Promise.reject(toError(error));
    }
    const owner = this.owners.get(model.session)!;
    return new Promise((resolve, reject) => {
      this.enqueue(
        queue,
        new Entry(
          checked,
          owner,
          request.signal,
          priority,
          request.remainingMs,
          request.queueTimeoutUs,
          resolve,
          reject,
        ),
      );
    });
  }

  /** Resolves when nothing waits or runs. */
  drained(): Promise<void> {
    return this.ledger.drained();
  }

  /** Ends the lanes. Call it when drained. A stuck lane is left behind. */
  async close(): Promise<void> {
    clearInterval(this.watchdog);
    clearTimeout(this.delayTimer);
    await Promise.all(this.everyLane.filter((lane) => !this.stuckLanes.has(lane)).map((lane) => lane.close()));
  }

  private admit(queue: ModelQueue, { remainingMs }: InferRequest, priority: Priority): void {
    // With nothing ahead of it a request is tried: the mean may be of other times.
    if (!queue.isFull && (remainingMs === undefined || queue.waiting.length === 0)) return;
    const { model } = queue;
    const endMs = queue.predictedEndMs(performance.now(), priority, this.lanesOf(model), this.competitorsOf(queue));
    if (queue.isFull) throw refusal('QUEUE_FULL', {}, { retryDelayMs: Math.ceil(endMs) });
    if (remainingMs !== undefined && endMs > remainingMs) {
      throw refusal('WAIT_TOO_LONG', {}, { retryDelayMs: Math.ceil(endMs - remainingMs) });
    }
  }

  /** Models with waiting requests that share a lane with this one; itself included. */
  private competitorsOf(queue: ModelQueue): number {
    let count = 1;
    for (const other of this.queues.values()) {
      if (other === queue || other.waiting.length === 0) continue;
      if (this.everyLane.some((lane) => serves(lane, other.model) && serves(lane, queue.model))) count++;
    }
    return count;
  }

  private enqueue(queue: ModelQueue, entry: Entry): void {
    if (!queue.isActive) {
      rejoin(
        queue,
        [...this.queues.values()].filter((other) => other.isActive),
      );
    }
    this.ledger.accept();
    queue.push(entry);
    this.ledger.tellWaiting(queue);
    if (!queue.model.runsInline) this.planDispatch();
    // On the event loop a call that comes alone has nobody to wait for, and its run is over before a turn would be. A full batch waits
    // for nobody either, and a turn may bring many: one run a turn could not keep up with them.
    else if ((this.arrivals.areAlone() || queue.isBatchFull) && this.inlineLane.isFree)
      this.dispatchTo(this.inlineLane);
    else this.planDispatch();
  }

  /** The caller of a waiting or running entry is gone, or its time in the queue is over. */
  private leave(queue: ModelQueue, entry: Entry, error: TributaryError, outcome: Outcome): void {
    if (queue.remove(entry)) this.ledger.tellWaiting(queue);
    this.ledger.fail(queue.model, entry, error, outcome);
  }

  /**
   * After this turn of the event loop, so that what arrives together runs together: the first of a burst would else go alone.
   */
  private planDispatch(): void {
    if (this.isDispatchPlanned) return;
    this.isDispatchPlanned = true;
    setImmediate(() => {
      this.isDispatchPlanned = false;
      this.dispatch();
    });
  }

  /** Gives every free lane the next batch of the model that had least worker time. */
  private dispatch(): void {
    for (const lane of this.everyLane) {
      if (lane.isFree && !this.stuckLanes.has(lane)) this.dispatchTo(lane);
    }
  }

  private dispatchTo(lane: InferenceLane): void {
    const nowMs = performance.now();
    const candidates = new Set<ModelQueue>();
    for (const queue of this.queues.values()) {
      if (queue.waiting.length > 0 && serves(lane, queue.model)) candidates.add(queue);
    }
    for (let queue = leastServed(candidates); queue !== undefined; queue = leastServed(candidates)) {
      const decision = queue.decide(nowMs, this.idleLanesFor(queue, candidates.size));
      if (decision.kind === 'run') {
        this.start(lane, queue, queue.take(decision.positions), decision);
        return;
      }
      if (decision.kind === 'wait') this.dispatchIn(decision.forMs);
      candidates.delete(queue);
    }
  }

  /** Lanes over which a model's work may be spread now: those that are free and hold it, unless others wait for them too. */
  private idleLanesFor({ model }: ModelQueue, candidates: number): number {
    if (candidates > 1) return 1;
    let count = 0;
    for (const lane of this.everyLane) {
      if (lane.isFree && !this.stuckLanes.has(lane) && serves(lane, model)) count++;
    }
    return count;
  }

  /** At the latest: an earlier call stands. */
  private dispatchIn(ms: number): void {
    const endMs = performance.now() + ms;
    if (endMs >= this.delayEndMs) return;
    clearTimeout(this.delayTimer);
    this.delayEndMs = endMs;
    this.delayTimer = setTimeout(() => {
      this.delayEndMs = Infinity;
      this.dispatch();
    }, ms);
  }

  private start(
    lane: InferenceLane,
    queue: ModelQueue,
    entries: readonly Entry[],
    { rows, length, cut }: Pick<Batch, 'rows' | 'length' | 'cut'>,
  ): void {
    const startedAtMs = performance.now();
    for (const entry of entries) entry.leaveQueue();
    this.ledger.tellWaiting(queue);
    const predictedUs = queue.predictRunUs(rows, length);
    const packed = { entries, rows, length, cut, startedAtMs, prepareUs: 0, predictedUs };
    let inputs: PackedTensor[];
    try {
      inputs = packBatch(queue.model, entries, packed);
    } catch (error) {
      // No memory for all together, perhaps for each alone.
      this.finishFailed(queue, packed, runFailed(queue.model, String(error)));
      // The lane is still free, and others may wait for it.
      this.planDispatch();
      return;
    }
    queue.usedUs += predictedUs;
    const leaveLane = queue.startRun(startedAtMs, predictedUs);
    this.ledger.startBatch();
    const batch: Batch = { ...packed, prepareUs: (performance.now() - startedAtMs) * 1000 };
    const { outputs } = entries[0]!;
    const onEnd = (end: RunEnd): void => {
      leaveLane();
      this.endBatch(lane, queue, batch, end);
      this.ledger.endBatch();
    };
    lane.start({ session: queue.model.session, inputs, outputs, onEnd });
  }

  private endBatch(lane: InferenceLane, queue: ModelQueue, batch: Batch, end: RunEnd): void {
    if (end.kind === 'lost') {
      this.finishLost(queue, batch);
      return;
    }
    queue.usedUs += end.inferenceUs - batch.predictedUs;
    queue.breaker.reportSuccess();
    if (end.kind === 'ran') queue.learn(batch, end.inferenceUs, end.costUs);
    // The lane first: it works while the answers are cut. The event loop cannot.
    if (!lane.isInline && !this.stuckLanes.has(lane) && lane.isFree) this.dispatchTo(lane);
    if (end.kind === 'ran') this.finishRun(queue, batch, end.outputs, end.inferenceUs);
    else this.finishFailed(queue, batch, this.runError(queue.model, end));
    if (lane.isInline && queue.waiting.length > 0) this.dispatchInline();
  }

  /**
   * Goes on with what came in this turn of the event loop. Left for later turns it would pile up: each brings as many calls as its
   * sockets hold, and would run one batch of them. Only where runs have held the loop for long does it look at its sockets first.
   */
  private dispatchInline(): void {
    const nowMs = performance.now();
    if (!this.isDispatchPlanned) {
      // The first of its turn to come here: the turn ends with the planned dispatch.
      this.inlineUntilMs = nowMs + mostInlineMs;
      this.planDispatch();
    }
    if (nowMs < this.inlineUntilMs && this.inlineLane.isFree) this.dispatchTo(this.inlineLane);
  }

  private finishRun(queue: ModelQueue, batch: Batch, outputs: readonly PackedTensor[], inferenceUs: number): void {
    const { model } = queue;
    const { entries, rows, prepareUs, cut } = batch;
    const cutAtMs = performance.now();
    let answers: readonly Tensors[];
    try {
      answers = cutBatch(model, entries, outputs);
    } catch (error) {
      if (!(error instanceof UncuttableError)) throw error;
      this.finishFailed(queue, batch, runFailed(model, error.message));
      return;
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
  }

  /** A bad request fails alone: what ran in company is run again one by one, before all others. */
  private finishFailed(queue: ModelQueue, { entries }: Batch, error: TributaryError): void {
    const { model } = queue;
    const living = entries.filter((entry) => !entry.isAnswered);
    if (entries.length > 1) {
      for (const entry of living) entry.groupKey = `alone ${entry.enqueuedAtMs} ${entries.indexOf(entry)}`;
      queue.pushFront(living);
      this.ledger.tellWaiting(queue);
      this.planDispatch();
      return;
    }
    for (const entry of living) {
      const { cause: problem } = error;
      this.options.log.error({ model: model.name, version: model.version, problem }, 'a run failed');
      this.ledger.fail(model, entry, error);
    }
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

  private finishLost(queue: ModelQueue, { entries }: Batch): void {
    const { model } = queue;
    const restMs = queue.breaker.reportDeath();
    const error = restMs === 0 ? refusal('WORKER_LOST', {}) : refusal('WORKER_CRASHED', {});
    for (const entry of entries) this.ledger.fail(model, entry, error);
    if (restMs > 0) this.options.onCrashing(model, restMs);
    this.options.log.error({ model: model.name, version: model.version }, 'a worker died while it ran a model');
  }

  /** Fails all that waits for a model, which was taken out of service. */
  drop(model: ServedModel, error: TributaryError): void {
    const queue = this.queues.get(model.session)!;
    for (const entry of queue.takeAll()) this.ledger.fail(model, entry, error);
    this.ledger.tellWaiting(queue);
  }

  private watch(): void {
    const nowMs = performance.now();
    for (const lane of this.lanes) {
      const busy = lane.busy(nowMs);
      if (busy === undefined || busy.forMs <= this.options.runTimeoutMs || this.stuckLanes.has(lane)) continue;
      this.stuckLanes.add(lane);
      this.reportStuck(lane, this.queues.get(busy.session)!);
    }
  }

  private reportStuck(lane: InferenceLane, queue: ModelQueue): void {
    const { model } = queue;
    const error = refusal('MODEL_STUCK', { model: model.name });
    this.options.log.error(
      { model: model.name, version: model.version, runTimeoutMs: this.options.runTimeoutMs },
      'a run does not end',
    );
    this.options.onStuck(model, error);
    lane.giveUp();
  }

  private leaveLoop(model: ServedModel, meanUs: number): void {
    model.runsInline = false;
    this.options.log.warn(
      { model: model.name, version: model.version, meanUs: Math.round(meanUs), maxInlineMeanUs },
      'its runs hold the event loop for too long: the model runs on session lanes from now on; measure it again with tributary tune',
    );
    this.planDispatch();
  }

  private reportDeath(reason: string, problem: string): void {
    this.options.log.error({ reason, problem }, 'a session lane died; it is being replaced');
    this.options.observers.tell((o) => o.laneRestarted?.({ kind: 'session', reason }));
  }

  private reportReloadRefused(session: number, { reason, sentence, problem }: LoadRefusal): void {
    const { model } = this.queues.get(session)!;
    this.options.log.error(
      { model: model.name, version: model.version, problem },
      'a replaced lane could not load a model again',
    );
    if (!this.lanes.some((lane) => lane.expects(session)))
      this.options.onLost(model, new TributaryError(reason, sentence));
  }

  private lanesOf(model: ServedModel): number {
    let count = 0;
    for (const lane of this.everyLane) if (serves(lane, model)) count++;
    return count;
  }
}

/** The lane may be given the model's batches. */
function serves(lane: InferenceLane, { session, runsInline }: ServedModel): boolean {
  return lane.isInline === runsInline && lane.holds(session);
}

/** @param problem for the log */
function runFailed(model: ServedModel, problem: string): TributaryError {
  return refusal('RUN_FAILED', { model: model.name }, {}, { cause: problem });
}
