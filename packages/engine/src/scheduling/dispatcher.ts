import type { ModelVersion } from '../models/model-version';
import type { InlineLane } from '../sessions/inline-lane';
import type { InferenceLane, Run, RunEnd, SessionHost, TensorMemory } from '../sessions/session-host';
import type { PackedTensor } from '../tensors/pack-batch';
import { packBatch, type Batch, type Running, type Trial } from './batch';
import type { Entry } from './entry';
import { leastServed } from './fair-share';
import { InlineTurns } from './inline-turns';
import type { ModelQueue } from './model-queue';

/** What the dispatcher works with. */
export interface DispatcherOptions {
  readonly host: SessionHost;
  readonly inlineLane: InlineLane;
  /** Memory for inputs of runs on the event loop. */
  readonly inlineMemory: TensorMemory;
  /** Every queue; looked through at each decision. */
  readonly queues: Iterable<ModelQueue>;
  readonly onStart: (running: Running) => void;
  /** A batch is about to start. */
  readonly onBatchStart: (batch: Batch) => void;
  /** A batch left its lane. @returns entries that must run again with nothing beside */
  readonly onBatchEnd: (batch: Batch, end: RunEnd, wasSuspect: boolean) => readonly Entry[];
  /** A batch could not be laid down, although nothing else takes memory. */
  readonly onNoRoom: (batch: Batch, problem: string) => void;
  /** A run left its lane, whatever it was. */
  readonly onRunEnd: (running: Running) => void;
}

/** Something that may be what the lanes died of: it runs with nothing beside. */
type Suspect = { /** Time that it had run when they died. */ readonly ranMs: number } & (
  | { readonly kind: 'entry'; readonly queue: ModelQueue; readonly entry: Entry }
  | { readonly kind: 'trial'; readonly trial: Trial }
);

/** Others wait for a suspect twice as long as it had run before, within these bounds. */
const leastAloneMs = 1000;
const mostAloneMs = 5000;

/** A trial that runs for so long may not end: the next one may have a lane for calls. */
const longTrialMs = 3000;

/** Lanes, and what runs there: who comes next, and when. */
export class Dispatcher {
  /** What runs on the lanes of the host now. */
  readonly running = new Set<Running>();
  private readonly everyLane: readonly InferenceLane[];
  private readonly inlineTurns: InlineTurns;
  private readonly trials: Trial[] = [];
  private readonly suspects: Suspect[] = [];
  /** Since the last verdict a run was found that the lanes died of. */
  private isGuiltyFound = false;
  /** Lanes whose run will never end. */
  private readonly stuckLanes = new Set<InferenceLane>();
  private readonly aloneTimers = new Set<NodeJS.Timeout>();
  private isDispatchPlanned = false;
  private delayTimer: NodeJS.Timeout | undefined;
  /** When it fires. */
  private delayEndMs = Infinity;

  constructor(private readonly options: DispatcherOptions) {
    this.inlineTurns = new InlineTurns(options.inlineLane);
    this.everyLane = [options.inlineLane, ...options.host.lanes];
  }

  close(): void {
    for (const timer of this.aloneTimers) clearTimeout(timer);
    clearTimeout(this.delayTimer);
  }

  /** A request joined the queue. */
  arrived(queue: ModelQueue): void {
    const { inlineLane } = this.options;
    if (queue.version.runsInline && this.inlineTurns.startsWith(queue)) this.dispatchTo(inlineLane);
    else this.plan();
  }

  /** Runs a trial as soon as the trial lane is free. */
  try(trial: Trial): void {
    this.trials.push(trial);
    this.plan();
  }

  /** Takes a trial back that has not begun, or asks it to stop. */
  stopTrial(trial: Trial): void {
    const waiting = this.trials.indexOf(trial);
    const suspect = this.suspects.findIndex((one) => one.kind === 'trial' && one.trial === trial);
    if (waiting !== -1) this.trials.splice(waiting, 1);
    if (suspect !== -1) this.suspects.splice(suspect, 1);
    if (waiting !== -1 || suspect !== -1) trial.onEnd({ kind: 'stopped' });
    if (suspect !== -1) this.plan();
    for (const running of this.running) if (running.trial === trial) this.stop(running);
  }

  /** Asks a run to end at its next node. */
  stop(running: Running): void {
    if (running.stopAskedAtMs !== undefined) return;
    running.stopAskedAtMs = performance.now();
    running.lane.stop(running.run);
  }

  /** Takes an entry out of those that must run with nothing beside. @returns whether it was there */
  removeSuspect(entry: Entry): boolean {
    const position = this.suspects.findIndex((one) => one.kind === 'entry' && one.entry === entry);
    if (position === -1) return false;
    this.suspects.splice(position, 1);
    // Others may go on.
    this.plan();
    return true;
  }

  /** Takes all entries of a queue out of those that must run with nothing beside. */
  takeSuspects(queue: ModelQueue): Entry[] {
    const taken = this.suspects.flatMap((one) => (one.kind === 'entry' && one.queue === queue ? [one.entry] : []));
    for (const entry of taken) this.removeSuspect(entry);
    return taken;
  }

  /** The lane is lost: what runs there does not end and cannot be ended. */
  giveUp(running: Running): void {
    this.stuckLanes.add(running.lane);
    running.run.onEnd({ kind: 'stopped' });
  }

  lanesOf(version: ModelVersion): number {
    let count = 0;
    for (const lane of this.everyLane) if (serves(lane, version)) count++;
    return Math.min(count, version.maxRuns);
  }

  /** Models with waiting requests that share a lane with this one; itself included. */
  competitorsOf(queue: ModelQueue): number {
    let count = 1;
    for (const other of this.options.queues) {
      if (other === queue || other.waiting.length === 0) continue;
      if (this.everyLane.some((lane) => serves(lane, other.version) && serves(lane, queue.version))) count++;
    }
    return count;
  }

  /**
   * Looks at the lanes after this turn of the event loop, so that what arrives together runs together: the first of a burst would else
   * go alone.
   */
  plan(): void {
    if (this.isDispatchPlanned) return;
    this.isDispatchPlanned = true;
    setImmediate(() => {
      this.isDispatchPlanned = false;
      this.dispatch();
    });
  }

  /** Gives every free lane the next batch of the model that had least worker time. */
  private dispatch(): void {
    const { inlineLane, host } = this.options;
    if (inlineLane.isFree) this.dispatchTo(inlineLane);
    if (this.holdsForSuspects()) return;
    this.startTrial();
    for (const lane of host.lanes) if (this.isUsable(lane)) this.dispatchTo(lane);
  }

  private isUsable(lane: InferenceLane): boolean {
    return lane.isFree && !this.stuckLanes.has(lane);
  }

  /**
   * Starts the next suspect once nothing else runs.
   * @returns whether the lanes are kept for suspects. They are not while none of them has its session back: others go on meanwhile.
   */
  private holdsForSuspects(): boolean {
    for (const { isSuspect } of this.running) if (isSuspect) return true;
    const { host } = this.options;
    if (this.suspects.length === 0) {
      host.judgeDeath(this.isGuiltyFound);
      this.isGuiltyFound = false;
      return false;
    }
    // A load beside it could be what the lanes die of; others go on meanwhile.
    if (host.isLoading) return false;
    const lanes = [...host.lanes, host.trialLane];
    const position = this.suspects.findIndex((suspect) => lanes.some((lane) => lane.holds(versionOf(suspect).id)));
    if (position === -1) return false;
    if (this.running.size > 0) {
      // What runs long already may run for ever.
      const latestStartMs = performance.now() - leastAloneMs;
      if ([...this.running].some(({ startedAtMs }) => startedAtMs < latestStartMs)) return false;
      this.dispatchIn(leastAloneMs);
      return true;
    }
    const suspect = this.suspects[position]!;
    const lane = lanes.find((one) => this.isUsable(one) && one.holds(versionOf(suspect).id));
    if (lane === undefined) return true;
    this.suspects.splice(position, 1);
    if (suspect.kind === 'trial') this.startTrialOn(lane, suspect.trial, true);
    else {
      const { rows, length } = suspect.entry;
      this.startBatch(lane, suspect.queue, [suspect.entry], { rows, length, cut: 'bucket' });
    }
    this.boundAlone(suspect.ranMs);
    return true;
  }

  /** Ends the wait of others for a suspect that has long outlived the time after which the lanes died. */
  private boundAlone(ranMs: number): void {
    const running = [...this.running].find(({ isSuspect }) => isSuspect);
    if (running === undefined) return;
    const timer = setTimeout(
      () => {
        this.aloneTimers.delete(timer);
        running.isSuspect = false;
        this.plan();
      },
      Math.min(mostAloneMs, Math.max(leastAloneMs, 2 * ranMs)),
    );
    this.aloneTimers.add(timer);
  }

  /** The youngest run first: what kills does so soon. */
  private accuse(suspect: Suspect): void {
    const position = this.suspects.findIndex(({ ranMs }) => ranMs > suspect.ranMs);
    this.suspects.splice(position === -1 ? this.suspects.length : position, 0, suspect);
  }

  private startTrial(): void {
    if (this.trials.length === 0) return;
    const lane = this.laneForTrial();
    if (lane === undefined) return;
    const position = this.trials.findIndex(({ version }) => lane.holds(version.id));
    const [trial] = position === -1 ? [] : this.trials.splice(position, 1);
    if (trial !== undefined) this.startTrialOn(lane, trial, false);
  }

  /** The lane for trials; one for calls where trials do not end, as long as another is left for calls. */
  private laneForTrial(): InferenceLane | undefined {
    const { trialLane, lanes } = this.options.host;
    if (this.isUsable(trialLane)) return trialLane;
    const trials = [...this.running].filter(({ trial }) => trial !== undefined);
    if (trials.length === 0 || trials.length >= lanes.length) return undefined;
    const leftMs = Math.max(...trials.map(({ startedAtMs }) => startedAtMs)) + longTrialMs - performance.now();
    if (leftMs <= 0) return lanes.find((lane) => this.isUsable(lane));
    this.dispatchIn(leftMs);
    return undefined;
  }

  private startTrialOn(lane: InferenceLane, trial: Trial, isSuspect: boolean): void {
    const inputs: (PackedTensor | undefined)[] = [];
    for (const input of trial.inputs) {
      const bytes = input === undefined ? undefined : this.options.host.memory.take(input.bytes.length);
      if (input !== undefined && bytes === undefined) {
        for (const taken of inputs) if (taken !== undefined) this.options.host.memory.give(taken.bytes);
        trial.onEnd({ kind: 'outOfMemory', problem: 'no room for made-up inputs', inferenceUs: 0 });
        return;
      }
      bytes?.set(input!.bytes);
      inputs.push(bytes && { shape: input!.shape, bytes });
    }
    const { version } = trial;
    const options = { inputs, outputs: undefined, isSuspect, trial, batch: undefined };
    const running = this.start(lane, version, options, (end) => {
      if (end.kind === 'lost' && running.stopAskedAtMs !== undefined) trial.onEnd({ kind: 'stopped' });
      else if (end.kind === 'lost' && !(running.isSuspect || end.wasAlone)) {
        if (end.hasStarted) this.accuse({ kind: 'trial', trial, ranMs: performance.now() - running.startedAtMs });
        else this.trials.unshift(trial);
      } else trial.onEnd(end);
    });
  }

  private dispatchTo(lane: InferenceLane): void {
    const nowMs = performance.now();
    const candidates = new Set<ModelQueue>();
    for (const queue of this.options.queues) {
      if (queue.waiting.length > 0 && !queue.isSaturated && serves(lane, queue.version)) candidates.add(queue);
    }
    for (let queue = leastServed(candidates); queue !== undefined; queue = leastServed(candidates)) {
      const decision = queue.decide(nowMs, this.idleLanesFor(queue, candidates.size));
      if (decision.kind === 'run') {
        this.startBatch(lane, queue, queue.take(decision.positions), decision);
        return;
      }
      if (decision.kind === 'wait') this.dispatchIn(decision.forMs);
      candidates.delete(queue);
    }
  }

  /** Lanes over which a model's work may be spread now: those that are free and hold it, unless others wait for them too. */
  private idleLanesFor({ version }: ModelQueue, candidates: number): number {
    if (candidates > 1) return 1;
    let count = 0;
    for (const lane of this.everyLane) if (this.isUsable(lane) && serves(lane, version)) count++;
    return Math.min(count, version.maxRuns);
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

  private startBatch(
    lane: InferenceLane,
    queue: ModelQueue,
    entries: readonly Entry[],
    { rows, length, cut }: Pick<Batch, 'rows' | 'length' | 'cut'>,
  ): void {
    const startedAtMs = performance.now();
    const { version } = queue;
    const predictedUs = queue.predictRunUs(rows, length);
    const packed = { queue, entries, rows, length, cut, startedAtMs, prepareUs: 0, predictedUs };
    const memory = lane.isInline ? this.options.inlineMemory : this.options.host.memory;
    let inputs: (PackedTensor | undefined)[] | undefined;
    try {
      inputs = packBatch(version, entries, packed, memory);
    } catch (error) {
      this.options.onNoRoom(packed, String(error));
      this.plan();
      return;
    }
    if (inputs === undefined) {
      // Room comes when a run ends, which looks at the queues again.
      if (this.running.size > 0) queue.pushFront(entries);
      else this.options.onNoRoom(packed, 'the inputs do not fit into the memory for runs');
      return;
    }
    for (const entry of entries) entry.leaveQueue();
    const isSuspect = entries[0]!.isSuspect;
    queue.usedUs += predictedUs;
    const leaveLane = queue.startRun(startedAtMs, predictedUs);
    const batch: Batch = { ...packed, prepareUs: (performance.now() - startedAtMs) * 1000 };
    this.options.onBatchStart(batch);
    const options = { inputs, outputs: entries[0]!.outputs, isSuspect, trial: undefined, batch };
    const running = this.start(lane, version, options, (end) => {
      leaveLane();
      this.endBatch(running, batch, end);
    });
    for (const entry of entries) entry.running = running;
  }

  private start(
    lane: InferenceLane,
    version: ModelVersion,
    { inputs, outputs, isSuspect, trial, batch }: StartOptions,
    onEnd: (end: RunEnd) => void,
  ): Running {
    let hasEnded = false;
    const run = {
      session: version.id,
      inputs,
      outputs,
      onEnd: (end: RunEnd): void => {
        // A lane that was given up may come back after all: nobody is told.
        if (hasEnded) return;
        hasEnded = true;
        if (end.kind === 'lost' && end.hasStarted && (running.isSuspect || end.wasAlone)) this.isGuiltyFound = true;
        this.running.delete(running);
        onEnd(end);
        this.options.onRunEnd(running);
        // For what waits for the lane, for room, or for nothing to run beside it.
        if (!lane.isInline) this.plan();
      },
    };
    const startedAtMs = performance.now();
    const running: Running = { lane, run, version, trial, batch, startedAtMs, stopAskedAtMs: undefined, isSuspect };
    if (!lane.isInline) this.running.add(running);
    this.options.onStart(running);
    lane.start(run);
    return running;
  }

  private endBatch({ lane, isSuspect, startedAtMs }: Running, batch: Batch, end: RunEnd): void {
    const { queue } = batch;
    const ranMs = performance.now() - startedAtMs;
    for (const entry of batch.entries) entry.running = undefined;
    if ('inferenceUs' in end) {
      queue.usedUs += end.inferenceUs - batch.predictedUs;
      queue.breaker.reportSuccess();
      if (end.kind === 'ran') queue.learn(batch, end.inferenceUs, end.costUs);
      // The lane first: it works while the answers are cut. The event loop cannot.
      if (!lane.isInline && this.suspects.length === 0 && this.isUsable(lane)) this.dispatchTo(lane);
    }
    for (const entry of this.options.onBatchEnd(batch, end, isSuspect))
      this.accuse({ kind: 'entry', queue, entry, ranMs });
    if (!lane.isInline) return;
    if (queue.waiting.length > 0) this.dispatchInline();
    // What waits for company in other queues has to be looked at again: this run took the turn that was planned for it.
    else if ([...this.options.queues].some(({ waiting }) => waiting.length > 0)) this.plan();
  }

  /** Goes on with what came in this turn of the event loop. The first batch of a turn plans its end. */
  private dispatchInline(): void {
    const isFirst = !this.isDispatchPlanned;
    if (isFirst) this.plan();
    if (this.inlineTurns.goesOn(isFirst)) this.dispatchTo(this.options.inlineLane);
  }
}

type StartOptions = Pick<Run, 'inputs' | 'outputs'> & Pick<Running, 'isSuspect' | 'trial' | 'batch'>;

function versionOf(suspect: Suspect): ModelVersion {
  return suspect.kind === 'trial' ? suspect.trial.version : suspect.queue.version;
}

/** The lane may be given the version's batches. */
function serves(lane: InferenceLane, { id, runsInline }: ModelVersion): boolean {
  return lane.isInline === runsInline && lane.holds(id);
}
