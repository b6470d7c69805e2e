import { KeptBuffers, refusal, TributaryError } from '@tributary/contract';
import { abortError } from '../abort';
import type { InferHead, InferRequest, InferResult } from '../engine';
import type { LoadRefusal } from '../sessions/messages';
import type { InferenceLane } from '../sessions/inference-lane';
import { InlineLane, maxInlineMeanUs } from '../sessions/inline-lane';
import { InlineTurns } from './inline-turns';
import { SessionLane, type RunEnd } from '../sessions/session-lane';
import { refusalAtDoor, type LaneShare } from './admission';
import { packBatch, type Batch } from './batch';
import { BatchEnd, type BatchEndOptions } from './batch-end';
import { Entry, type EntryOwner } from './entry';
import { leastServed, rejoin } from './fair-share';
import { Ledger, type Outcome } from './ledger';
import { ModelQueue } from './model-queue';
import { toPriority } from './priority';
import type { ServedModel } from '../models/served-model';
import { checkRequest, type CheckedRequest } from '../tensors/check-request';
import { toError } from '../to-error';
import type { PackedTensor } from '../tensors/pack-batch';
import { Watchdog } from '../threads/watchdog';

/** Memory of batches that is kept. Two lanes with a batch of eight pictures of 602 KB each use 10 MB. */
const maxKeptBytes = 16 * 2 ** 20;

/** What the scheduler works with. */
export interface SchedulerOptions extends BatchEndOptions {
  readonly lanes: number;
  /** Program of a session lane's thread. */
  readonly laneScript: string;
  readonly runTimeoutMs: number;
  /** A run of the model does not end. */
  readonly onStuck: (model: ServedModel, error: TributaryError) => void;
  /** No lane holds the model any more. */
  readonly onLost: (model: ServedModel, error: TributaryError) => void;
}

/** Session lanes, and the queues of all models before them: who runs what, and when. */
export class Scheduler {
  /** Threads; every model is on some of them. */
  readonly lanes: readonly SessionLane[];
  /** The event loop, for models whose plan says so. */
  readonly inlineLane: InlineLane;
  private readonly everyLane: readonly InferenceLane[];
  private readonly queues = new Map<number, ModelQueue>();
  private readonly owners = new Map<number, EntryOwner>();
  private readonly watchdog: Watchdog;
  private isDispatchPlanned = false;
  private delayTimer: NodeJS.Timeout | undefined;
  /** When it fires. */
  private delayEndMs = Infinity;
  private readonly inlineTurns: InlineTurns;
  private readonly ledger: Ledger;
  private readonly batchEnd: BatchEnd;
  private readonly buffers = new KeptBuffers(maxKeptBytes);
  private readonly stuckLanes = new Set<InferenceLane>();

  constructor(private readonly options: SchedulerOptions) {
    this.ledger = new Ledger(options.observers);
    this.batchEnd = new BatchEnd(this.ledger, options);
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
    this.inlineTurns = new InlineTurns(this.inlineLane);
    this.everyLane = [this.inlineLane, ...this.lanes];
    const intervalMs = Math.min(1000, Math.max(10, options.runTimeoutMs / 4));
    this.watchdog = new Watchdog(intervalMs, (nowMs, stoodStillMs) => this.watch(nowMs, stoodStillMs));
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

  /** Throws what `infer` would refuse a call with however few rows it has, and counts it as refused. */
  assertRoom(model: ServedModel, { priority, remainingMs }: InferHead): void {
    const queue = this.queues.get(model.session)!;
    const refused = refusalAtDoor(queue, { priority: toPriority(priority), remainingMs }, this.laneShareOf);
    if (refused === undefined) return;
    this.ledger.refuse(model, 'rejected');
    throw refused;
  }

  /** Checks, queues, runs. The model must have sessions. Settles exactly once. */
  infer(model: ServedModel, request: InferRequest): Promise<InferResult> {
    const queue = this.queues.get(model.session)!;
    const priority = toPriority(request.priority);
    let checked: CheckedRequest;
    try {
      if (request.signal.aborted) throw abortError(request.signal);
      checked = checkRequest(model.rules, request.inputs, request.outputs, request.mayPad);
      const refused = refusalAtDoor(queue, { priority, remainingMs: request.remainingMs }, this.laneShareOf);
      if (refused !== undefined) throw refused;
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
    this.watchdog.stop();
    clearTimeout(this.delayTimer);
    await Promise.all(this.everyLane.filter((lane) => !this.stuckLanes.has(lane)).map((lane) => lane.close()));
  }

  private readonly laneShareOf = (queue: ModelQueue): LaneShare => ({
    lanes: this.lanesOf(queue.model),
    competitors: this.competitorsOf(queue),
  });

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
    if (queue.model.runsInline && this.inlineTurns.startsWith(queue)) this.dispatchTo(this.inlineLane);
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
      inputs = packBatch(queue.model, entries, packed, this.buffers);
    } catch (error) {
      this.batchEnd.endUnpacked(queue, packed, String(error));
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
    if (end.kind !== 'lost') {
      queue.usedUs += end.inferenceUs - batch.predictedUs;
      queue.breaker.reportSuccess();
      if (end.kind === 'ran') {
        queue.learn(batch, end.inferenceUs, end.costUs);
        for (const buffer of end.returned) this.buffers.give(buffer);
      }
      // The lane first: it works while the answers are cut. The event loop cannot.
      if (!lane.isInline && !this.stuckLanes.has(lane) && lane.isFree) this.dispatchTo(lane);
    }
    const waitsAgain = this.batchEnd.end(queue, batch, end);
    if (lane.isInline && queue.waiting.length > 0) this.dispatchInline();
    else if (waitsAgain) this.planDispatch();
  }

  /** Goes on with what came in this turn of the event loop. The first batch of a turn plans its end. */
  private dispatchInline(): void {
    const isFirst = !this.isDispatchPlanned;
    if (isFirst) this.planDispatch();
    if (this.inlineTurns.goesOn(isFirst)) this.dispatchTo(this.inlineLane);
  }

  /** Fails all that waits for a model, which was taken out of service. */
  drop(model: ServedModel, error: TributaryError): void {
    const queue = this.queues.get(model.session)!;
    for (const entry of queue.takeAll()) this.ledger.fail(model, entry, error);
    this.ledger.tellWaiting(queue);
  }

  private watch(nowMs: number, stoodStillMs: number): void {
    for (const lane of this.lanes) {
      lane.forgive(stoodStillMs);
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
