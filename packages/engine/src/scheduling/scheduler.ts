import { BufferPool, refusal, type TributaryError } from '@tributary/contract';
import { abortError } from '../abort';
import type { InferHead, InferRequest, InferResult } from '../engine';
import type { ModelVersion } from '../models/model-version';
import { InlineLane, maxInlineMeanUs } from '../sessions/inline-lane';
import type { RunEnd, SessionHost, TensorMemory } from '../sessions/session-host';
import { checkRequest, type CheckedRequest } from '../tensors/check-request';
import type { PackedTensor } from '../tensors/pack-batch';
import { toError } from '../to-error';
import { refusalAtDoor, type LaneShare } from './admission';
import type { Running, Trial } from './batch';
import { BatchEnd, type BatchEndOptions } from './batch-end';
import { Dispatcher } from './dispatcher';
import { Entry, type EntryOwner } from './entry';
import { rejoin } from './fair-share';
import { InFlightTracker, type Outcome } from './in-flight-tracker';
import { ModelQueue } from './model-queue';
import { toPriority } from './priority';
import type { RunCost } from './run-costs';
import { RunWatch } from './run-watch';

/** Memory of batches on the event loop that is kept. */
const maxKeptBytes = 4 * 2 ** 20;

/** What the scheduler works with. */
export interface SchedulerOptions extends BatchEndOptions {
  readonly host: SessionHost;
  readonly runTimeoutMs: number;
  /** A run does not end and cannot be ended: the process must be. Told after the version's calls were failed. */
  readonly onStuck: (version: ModelVersion, error: TributaryError) => void;
}

/** The queues of all versions, and what happens to a request from the door to its answer. */
export class Scheduler {
  /** The event loop, for versions that were placed there. */
  readonly inlineLane: InlineLane;
  private readonly queues = new Map<ModelVersion, ModelQueue>();
  private readonly owners = new Map<ModelVersion, EntryOwner>();
  private readonly inFlight: InFlightTracker;
  private readonly batchEnd: BatchEnd;
  private readonly dispatcher: Dispatcher;
  private readonly watch: RunWatch;

  constructor(private readonly options: SchedulerOptions) {
    const { host, observers, maxOutputBytes, runTimeoutMs } = options;
    this.inFlight = new InFlightTracker(observers);
    this.batchEnd = new BatchEnd(this.inFlight, options);
    this.inlineLane = new InlineLane(maxOutputBytes, {
      onTooSlow: (id, meanUs) => this.leaveLoop(id, meanUs),
    });
    this.dispatcher = new Dispatcher({
      ...{ host, inlineLane: this.inlineLane, inlineMemory: heapMemory() },
      queues: { [Symbol.iterator]: () => this.queues.values() },
      onStart: ({ version }) => this.inFlight.startRun(version),
      onBatchStart: ({ queue }) => this.inFlight.tellWaiting(queue),
      onBatchEnd: (batch, end, wasSuspect) => this.batchEnd.end(batch, end, wasSuspect),
      onNoRoom: (batch, problem) => this.batchEnd.endUnpacked(batch, problem),
      onRunEnd: ({ version }) => this.inFlight.endRun(version),
    });
    this.watch = new RunWatch({
      ...{ runTimeoutMs, running: this.dispatcher.running },
      onOverdue: (running) => this.stopOverdue(running),
      onStuck: (running) => this.endStuck(running),
    });
  }

  /** Makes room for the requests of a version. */
  add(version: ModelVersion): void {
    const queue = new ModelQueue(version);
    this.queues.set(version, queue);
    this.owners.set(version, {
      abandon: (entry) => {
        this.leave(queue, entry, abortError(entry.signal), 'cancelled');
      },
      expire: (entry) => {
        this.leave(queue, entry, refusal('QUEUE_TIMEOUT', {}), 'rejected');
      },
    });
  }

  /** Forgets a version of which nothing waits or runs. */
  remove(version: ModelVersion): void {
    this.queues.delete(version);
    this.owners.delete(version);
    this.inlineLane.release(version.id);
  }

  /** Throws what `infer` would refuse a call with however few rows it has, and counts it as refused. */
  assertRoom(version: ModelVersion, { priority, remainingMs }: InferHead): void {
    const queue = this.queues.get(version)!;
    const refused = refusalAtDoor(queue, { priority: toPriority(priority), remainingMs }, this.laneShareOf);
    if (refused === undefined) return;
    this.inFlight.refuse(version, 'rejected');
    throw refused;
  }

  /** Checks, queues, runs. The version must have a session. Settles exactly once. */
  infer(version: ModelVersion, request: InferRequest): Promise<InferResult> {
    const queue = this.queues.get(version)!;
    const priority = toPriority(request.priority);
    let checked: CheckedRequest;
    try {
      if (request.signal.aborted) throw abortError(request.signal);
      checked = checkRequest(version.rules, request.inputs, request.outputs, request.mayPad);
      const refused = refusalAtDoor(queue, { priority, remainingMs: request.remainingMs }, this.laneShareOf);
      if (refused !== undefined) throw refused;
    } catch (error) {
      this.inFlight.refuse(version, request.signal.aborted ? 'cancelled' : 'rejected');
      return Promise.reject(toError(error));
    }
    const owner = this.owners.get(version)!;
    return new Promise((resolve, reject) => {
      const { signal, remainingMs, queueTimeoutUs } = request;
      const entry = new Entry(checked, owner, signal, priority, remainingMs, queueTimeoutUs, resolve, reject);
      if (version.batched) this.group(version, entry, checked);
      this.enqueue(queue, entry);
    });
  }

  /**
   * Runs a version that is being loaded, beside the calls of others.
   * @param signal asks the run to stop
   */
  runTrial(version: ModelVersion, inputs: readonly (PackedTensor | undefined)[], signal: AbortSignal): Promise<RunEnd> {
    if (signal.aborted) return Promise.resolve({ kind: 'stopped' });
    return new Promise((resolve) => {
      const stop = (): void => this.dispatcher.stopTrial(trial);
      const onEnd = (end: RunEnd): void => {
        signal.removeEventListener('abort', stop);
        resolve(end);
      };
      const trial: Trial = { version, inputs, onEnd };
      signal.addEventListener('abort', stop, { once: true });
      this.dispatcher.try(trial);
    });
  }

  /** Takes over costs that were measured on made-up inputs. */
  seedCosts(version: ModelVersion, costs: readonly RunCost[]): void {
    this.queues.get(version)?.seed(costs);
  }

  /** Resolves when nothing of the version, or nothing at all, waits or runs. */
  drained(version?: ModelVersion): Promise<void> {
    return this.inFlight.drained(version);
  }

  /** Resolves when every request has its answer; runs that nobody waits for may go on. */
  answered(): Promise<void> {
    return this.inFlight.answered();
  }

  /** A lane of the host may be free, or hold another session, that was not so before. */
  lanesChanged(): void {
    this.dispatcher.plan();
  }

  /** Fails all that waits for a version, which was taken out of service. */
  drop(version: ModelVersion, error: TributaryError): void {
    const queue = this.queues.get(version);
    if (queue === undefined) return;
    const entries = [...queue.takeAll(), ...this.dispatcher.takeSuspects(queue)];
    for (const entry of entries) this.inFlight.fail(version, entry, error);
    this.inFlight.tellWaiting(queue);
  }

  /** Stops looking after runs. Call it when drained. */
  async close(): Promise<void> {
    this.watch.stop();
    this.dispatcher.close();
    await this.inlineLane.close();
  }

  private readonly laneShareOf = (queue: ModelQueue): LaneShare => ({
    lanes: this.dispatcher.lanesOf(queue.version),
    competitors: this.dispatcher.competitorsOf(queue),
  });

  private enqueue(queue: ModelQueue, entry: Entry): void {
    if (!queue.isActive) {
      rejoin(
        queue,
        [...this.queues.values()].filter((other) => other.isActive),
      );
    }
    this.inFlight.accept(queue.version);
    queue.push(entry);
    this.inFlight.tellWaiting(queue);
    this.dispatcher.arrived(queue);
  }

  /** Lets a request share runs where that was proved for its signature. Where the proof is still to be made, it does not wait for it. */
  private group({ proofs }: ModelVersion, entry: Entry, { givesOptional, signature }: CheckedRequest): void {
    const verdict = givesOptional ? false : proofs?.look(signature);
    if (verdict === true) return;
    if (verdict === false || proofs === undefined) {
      entry.runsAlone();
      return;
    }
    entry.waitsForProof();
    void proofs.ask(signature).then((isProved) => {
      if (isProved) entry.mayShare();
    });
  }

  /** The caller of a waiting or running entry is gone, or its time in the queue is over. A run that is left by all of its callers ends. */
  private leave(queue: ModelQueue, entry: Entry, error: TributaryError, outcome: Outcome): void {
    if (queue.remove(entry) || this.dispatcher.removeSuspect(entry)) this.inFlight.tellWaiting(queue);
    this.inFlight.fail(queue.version, entry, error, outcome);
    const { running } = entry;
    if (running?.batch?.entries.every(({ isAnswered }) => isAnswered) === true) this.dispatcher.stop(running);
  }

  private stopOverdue(running: Running): void {
    const { version, batch } = running;
    const fields = { model: version.name, version: version.version, runTimeoutMs: this.options.runTimeoutMs };
    this.options.log.error(fields, 'a run took longer than a run may take; it is stopped');
    if (batch !== undefined) this.batchEnd.endOverdue(batch, refusal('RUN_TIMEOUT', { model: version.name }));
    this.dispatcher.stop(running);
  }

  private endStuck(running: Running): void {
    const { version } = running;
    if (this.options.host.kill('a run does not give way')) return;
    const error = refusal('MODEL_STUCK', { model: version.name });
    this.options.log.error({ model: version.name, version: version.version }, 'a run does not end');
    this.options.onStuck(version, error);
    this.dispatcher.giveUp(running);
  }

  private leaveLoop(id: number, meanUs: number): void {
    const version = [...this.queues.keys()].find((one) => one.id === id);
    if (version === undefined) return;
    version.runsInline = false;
    this.options.log.warn(
      { model: version.name, version: version.version, meanUs: Math.round(meanUs), maxInlineMeanUs },
      'its runs hold the event loop for too long: the model runs on session lanes from now on',
    );
    this.dispatcher.plan();
  }
}

function heapMemory(): TensorMemory {
  const buffers = new BufferPool(maxKeptBytes);
  return {
    mostBytes: Infinity,
    take: (byteLength) => buffers.take(byteLength),
    give: (bytes) => buffers.give(bytes.buffer),
  };
}
