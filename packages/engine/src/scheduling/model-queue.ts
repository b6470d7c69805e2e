import type { ModelVersion } from '../models/model-version';
import type { LaneShare } from './admission';
import type { Batch } from './batch';
import { CircuitBreaker } from './circuit-breaker';
import type { Entry } from './entry';
import { nextBatch, type BatchDecision, type Trial } from './next-batch';
import { priorityCount, type Priority } from './priority';
import { RunCosts, type RunCost } from './run-costs';

/** Weight of the newest run in the averages. */
const newestWeight = 0.1;

/** How many mean deviations from the prediction are expected to be enough for nearly all runs. */
const deviationMargin = 2.5;
/** The least margin: ways to the queue and back vary too. */
const leastMargin = 0.1;

/** A single run that was held up longer is no measure of what is usual. */
const mostSlowness = 4;

/** A run holds its lane until it ends: company is not worth more than this, microseconds. */
const maxRunUs = 200_000;

/** One batch in so many begins with the oldest request, whatever its priority: nobody waits for ever. */
const oldestFirstEvery = 8;

/** One batch in so many is as large as it can be, and one in so many a request alone, though costs say otherwise. */
const largeTrialEvery = 64;
const aloneTrialEvery = 256;

/** A batch on a lane, as far as its queue is concerned. */
interface RunningBatch {
  readonly endsAtMs: number;
}

/** What waits for one model version, and how its runs went. */
export class ModelQueue {
  /** By priority, then by arrival. */
  readonly waiting: Entry[] = [];
  private readonly waitingRows = new Array<number>(priorityCount).fill(0);
  /** By their predicted ends. */
  private readonly running: RunningBatch[] = [];
  /** See fair-share. */
  usedUs = 0;
  readonly breaker = new CircuitBreaker();
  private learntCosts: RunCosts | undefined;
  private batchCount = 0;
  /** Mean length of rows in runs; 0 before the first. */
  private meanLength = 0;
  /** Mean of duration by cost: above 1 where other threads want the core too. */
  private slowness = 1;
  /** Mean distance of duration from prediction, as a part of the prediction. */
  private deviation = 0;
  /** Mean rows of batches that were as large as they could be, or as pays; 0 before the first. */
  private meanCutRows = 0;

  constructor(readonly version: ModelVersion) {}

  /** Made when first needed: measured costs are known when the version is loaded. */
  private get costs(): RunCosts {
    return (this.learntCosts ??= new RunCosts(this.version.costs));
  }

  /** Takes over costs that were measured on made-up inputs. */
  seed(costs: readonly RunCost[]): void {
    this.costs.seed(costs);
  }

  /** As many of its runs are under way as may be. */
  get isSaturated(): boolean {
    return this.running.length >= this.version.maxRuns;
  }

  get isActive(): boolean {
    return this.waiting.length > 0 || this.running.length > 0;
  }

  get isFull(): boolean {
    return this.waiting.length >= this.version.settings.maxQueueSize;
  }

  /** Enough waits for the largest run. */
  get isBatchFull(): boolean {
    return this.waiting.length >= this.version.maxBatchSize;
  }

  push(entry: Entry): void {
    let position = this.waiting.length;
    while (position > 0 && this.waiting[position - 1]!.priority > entry.priority) position--;
    if (position === this.waiting.length) this.waiting.push(entry);
    else this.waiting.splice(position, 0, entry);
    this.waitingRows[entry.priority]! += entry.rows;
  }

  /** Puts entries before all others, whatever the bound: they were accepted already. */
  pushFront(entries: readonly Entry[]): void {
    this.waiting.unshift(...entries);
    for (const { priority, rows } of entries) this.waitingRows[priority]! += rows;
  }

  /** @returns false where the entry does not wait here (any more) */
  remove(entry: Entry): boolean {
    const position = this.waiting.indexOf(entry);
    if (position === -1) return false;
    this.waiting.splice(position, 1);
    this.waitingRows[entry.priority]! -= entry.rows;
    return true;
  }

  /** @param idleLanes see BatchSettings */
  decide(nowMs: number, idleLanes: number): BatchDecision {
    const { maxBatchSize, batched, settings } = this.version;
    return nextBatch(this.waiting, nowMs, {
      maxBatchSize,
      maxQueueDelayMs: batched ? settings.batching.maxQueueDelayMs : 0,
      costs: this.costs,
      slowness: this.slowness * (1 + this.deviation),
      maxRunUs,
      idleLanes,
      oldestFirst: this.batchCount % oldestFirstEvery === oldestFirstEvery - 1,
      trial: trialOf(this.batchCount),
    });
  }

  /** Takes the entries of a decision out of the queue, in their order. */
  take(positions: readonly number[]): Entry[] {
    this.batchCount++;
    const entries = positions.map((position) => this.waiting[position]!);
    const count = positions.length;
    if (positions[count - 1] === count - 1) this.waiting.splice(0, count);
    else {
      let [next, kept] = [0, positions[0]!];
      for (let position = kept; position < this.waiting.length; position++) {
        if (position === positions[next]) next++;
        else this.waiting[kept++] = this.waiting[position]!;
      }
      this.waiting.length = kept;
    }
    for (const { priority, rows } of entries) this.waitingRows[priority]! -= rows;
    return entries;
  }

  takeAll(): Entry[] {
    this.waitingRows.fill(0);
    return this.waiting.splice(0);
  }

  /** Predicted duration of a run, microseconds. */
  predictRunUs(rows: number, length: number): number {
    return this.costs.predictUs(rows, length) * this.slowness;
  }

  private get margin(): number {
    return 1 + Math.max(leastMargin, deviationMargin * this.deviation);
  }

  /** A batch went to a lane. @returns what to call when it has left the lane */
  startRun(nowMs: number, predictedUs: number): () => void {
    const run = { endsAtMs: nowMs + predictedUs / 1000 };
    let position = this.running.length;
    while (position > 0 && this.running[position - 1]!.endsAtMs > run.endsAtMs) position--;
    this.running.splice(position, 0, run);
    return () => void this.running.splice(this.running.indexOf(run), 1);
  }

  /** A run answered: its cost is learnt, and how far the prediction was off. */
  learn(
    { rows, length, cut, predictedUs }: Pick<Batch, 'rows' | 'length' | 'cut' | 'predictedUs'>,
    durationUs: number,
    costUs: number,
  ): void {
    this.costs.learn(rows, length, costUs);
    this.meanLength = moved(this.meanLength, length);
    if (cut === 'full' || cut === 'cost') this.meanCutRows = moved(this.meanCutRows, rows);
    if (costUs > 0) this.slowness = Math.max(1, moved(this.slowness, Math.min(mostSlowness, durationUs / costUs)));
    if (predictedUs === 0) return;
    const off = Math.min(1, Math.abs(durationUs / predictedUs - 1));
    this.deviation += newestWeight * (off - this.deviation);
  }

  /**
   * Time until a request that came now would be answered: batches of the usual size are made of what goes before it, lanes take
   * them in turn as they become free, and its own is one of them. What runs usually deviate is added, because an answer that comes
   * just after the deadline costs as much as one in time and is worth nothing.
   * Lanes are shared: each of the models that want them gets its part.
   */
  predictedEndMs(nowMs: number, priority: Priority, { lanes, competitors }: LaneShare): number {
    let rowsAhead = 0;
    for (let level = 0; level <= priority; level++) rowsAhead += this.waitingRows[level]!;
    const rowsOfBatch = Math.max(1, this.meanCutRows || this.version.maxBatchSize);
    const batchesAhead = Math.floor(rowsAhead / rowsOfBatch);
    const laneCount = Math.max(1, lanes);
    // Of the lane that becomes free when it is this batch's turn.
    let leftMs = 0;
    if (this.running.length >= laneCount)
      leftMs = Math.max(0, this.running[batchesAhead % this.running.length]!.endsAtMs - nowMs);
    const aheadUs =
      Math.floor(batchesAhead / laneCount) * competitors * this.predictRunUs(rowsOfBatch, this.meanLength);
    const ownUs = this.predictRunUs(Math.min(rowsOfBatch, rowsAhead + 1), this.meanLength);
    return this.margin * (leftMs + (aheadUs + ownUs) / 1000);
  }
}

function trialOf(batchCount: number): Trial {
  if (batchCount % aloneTrialEvery === aloneTrialEvery / 2) return 'alone';
  return batchCount % largeTrialEvery === largeTrialEvery - 1 ? 'large' : 'none';
}

function moved(mean: number, value: number): number {
  return mean === 0 ? value : mean + newestWeight * (value - mean);
}
