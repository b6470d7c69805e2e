import type { CostModel } from './run-costs';

/** What the decision needs to know of a waiting request. */
export interface WaitingRequest {
  readonly rows: number;
  /** Elements of one row that the caller chose the number of; see RunCost. */
  readonly length: number;
  /** Its rows may be padded to a greater length; requests of one kind may differ in length only where this is true. */
  readonly mayPad: boolean;
  /** Only requests with equal keys share a batch. */
  readonly groupKey: string;
  /** No other request has its key, now or later. */
  readonly isAlone: boolean;
  /** Monotonic clock, milliseconds. */
  readonly enqueuedAtMs: number;
  /** When its caller's time is over, by the same clock; Infinity: never. */
  readonly deadlineMs: number;
}

/**
 * Why a batch has the size it has: a run takes no more rows (`full`); by measured cost, more would not pay (`cost`), or would be too
 * late for somebody in it (`deadline`); what else waits is of another kind (`bucket`); a lane was idle and took what there was, or
 * its share of it (`idle_lane`); or the time to wait for company was over (`delay`).
 */
export type BatchCut = 'full' | 'cost' | 'deadline' | 'bucket' | 'idle_lane' | 'delay';

/** Departure from the rule, so that its figures stay true: take all that fits, or one request alone. */
export type Trial = 'none' | 'large' | 'alone';

export interface BatchSettings {
  /** Most rows in one run. */
  readonly maxBatchSize: number;
  /** How long the oldest request may wait for company while a lane is free; 0: not at all. */
  readonly maxQueueDelayMs: number;
  /** What runs cost, as far as known. */
  readonly costs: CostModel;
  /** How many times longer than its cost a run may take: what lanes share a core with, and how far runs vary. */
  readonly slowness: number;
  /** Longest predicted run of more than one request, in microseconds. */
  readonly maxRunUs: number;
  /** Lanes that have nothing to do and hold the model, the one that asks included. */
  readonly idleLanes: number;
  /** Begin with the request that came first, not with the one that stands first. */
  readonly oldestFirst: boolean;
  readonly trial: Trial;
}

/** Requests to run now, by ascending position in the queue; or how long to wait before asking again; or nothing to do. */
export type BatchDecision =
  | {
      readonly kind: 'run';
      readonly positions: readonly number[];
      readonly rows: number;
      /** Of every row, padding included. */
      readonly length: number;
      readonly cut: BatchCut;
    }
  | { readonly kind: 'wait'; readonly forMs: number }
  | { readonly kind: 'idle' };

type Batch = Extract<BatchDecision, { kind: 'run' }>;

/** What a run costs beside the run: two hops between threads, packing, cutting. */
const runOverheadUs = 60;
/** A batch must save at least this part of what its requests cost alone; less is noise, and waiting for one another is not free. */
const leastSaving = 0.02;
/** Work is only spread over idle lanes where that is this much sooner done, in microseconds. */
const leastSpreadGainUs = 1000;

/**
 * Decides what a free lane runs next. The first request always goes, or the oldest where that is asked for, so nobody starves
 * behind requests that combine better. Others of its kind join it as far as the run is predicted to cost less than they would
 * alone, and nobody's deadline would pass in it. Who cannot be answered in time is left to expire, unless nobody can. With a delay, an
 * unfilled batch waits until its first request has waited that long; a batch of another kind that is
 * already full does not wait with it.
 */
export function nextBatch(queue: readonly WaitingRequest[], nowMs: number, settings: BatchSettings): BatchDecision {
  if (queue.length === 0) return { kind: 'idle' };
  const from = firstOf(queue, nowMs, settings);
  const first = queue[from]!;
  const batch = gather(queue, from, nowMs, settings);
  if (settings.maxQueueDelayMs === 0 || isFilled(batch) || first.rows === 0 || first.isAlone) return batch;
  const waitedMs = nowMs - first.enqueuedAtMs;
  if (waitedMs >= settings.maxQueueDelayMs) return { ...batch, cut: 'delay' };
  return filledBatch(queue, nowMs, settings) ?? { kind: 'wait', forMs: settings.maxQueueDelayMs - waitedMs };
}

/** Company would not change it. */
function isFilled({ cut }: Batch): boolean {
  return cut === 'full' || cut === 'cost' || cut === 'deadline';
}

/** The request that stands first, or came first, of those that can be answered in time; the first or oldest where none can. */
function firstOf(queue: readonly WaitingRequest[], nowMs: number, settings: BatchSettings): number {
  let oldest = 0;
  let inTime: number | undefined;
  for (let position = 0; position < queue.length; position++) {
    const request = queue[position]!;
    if (request.enqueuedAtMs < queue[oldest]!.enqueuedAtMs) oldest = position;
    if (!isInTime(request, nowMs, settings)) continue;
    if (!settings.oldestFirst) return position;
    if (inTime === undefined || request.enqueuedAtMs < queue[inTime]!.enqueuedAtMs) inTime = position;
  }
  return inTime ?? (settings.oldestFirst ? oldest : 0);
}

function isInTime({ rows, length, deadlineMs }: WaitingRequest, nowMs: number, settings: BatchSettings): boolean {
  return (
    deadlineMs === Infinity || nowMs + (settings.costs.predictUs(rows, length) * settings.slowness) / 1000 <= deadlineMs
  );
}

function gather(queue: readonly WaitingRequest[], from: number, nowMs: number, settings: BatchSettings): Batch {
  const { rows, length, mayPad } = queue[from]!;
  const alone = { kind: 'run', positions: [from], rows, length } as const;
  // An empty request has no rows to tell its answer by: alone.
  if (rows === 0) return { ...alone, cut: 'bucket' };
  if (rows >= settings.maxBatchSize) return { ...alone, cut: 'full' };
  if (settings.trial === 'alone') return { ...alone, cut: 'cost' };
  const line = (mayPad ? nearestFirst : oldestNext)(queue, from, nowMs, settings);
  const { sizes, isLate } = measure(queue, line.positions, nowMs, settings);
  const paying = settings.trial === 'large' ? sizes[sizes.length - 1]! : mostPaying(sizes);
  const chosen = spread(queue, paying, sizes, settings);
  return {
    kind: 'run',
    positions: line.positions.slice(0, chosen.requests).sort((a, b) => a - b),
    rows: chosen.rows,
    length: chosen.length,
    cut: chosen !== paying ? 'idle_lane' : whyNoMore(queue, line, paying, isLate && paying === sizes[sizes.length - 1]),
  };
}

/** Requests of one kind that fit together, in the order in which they join. */
interface Line {
  readonly positions: readonly number[];
  /** No more rows fit. */
  readonly isFull: boolean;
}

function oldestNext(queue: readonly WaitingRequest[], from: number, nowMs: number, settings: BatchSettings): Line {
  const { maxBatchSize: maxRows } = settings;
  const { groupKey, rows: firstRows } = queue[from]!;
  const positions = [from];
  let rows = firstRows;
  let isFull = false;
  for (let position = 0; position < queue.length && rows < maxRows; position++) {
    const request = queue[position]!;
    if (request.groupKey !== groupKey || position === from || !isInTime(request, nowMs, settings)) continue;
    if (rows + request.rows > maxRows) {
      isFull = true;
      continue;
    }
    positions.push(position);
    rows += request.rows;
  }
  return { positions, isFull: isFull || rows === maxRows };
}

/** Those that need least padding first: by length, outwards from the first request. */
function nearestFirst(queue: readonly WaitingRequest[], from: number, nowMs: number, settings: BatchSettings): Line {
  const { maxBatchSize: maxRows } = settings;
  const { groupKey, rows: firstRows, length: firstLength } = queue[from]!;
  const kind: number[] = [];
  for (let position = 0; position < queue.length; position++) {
    const request = queue[position]!;
    if (request.groupKey === groupKey && (position === from || isInTime(request, nowMs, settings))) kind.push(position);
  }
  kind.sort((a, b) => queue[a]!.length - queue[b]!.length || a - b);
  const at = kind.indexOf(from);
  let [shorter, longer] = [at - 1, at + 1];
  let [rows, length] = [firstRows, firstLength];
  let isFull = false;
  const positions = [from];
  while (shorter >= 0 || longer < kind.length) {
    const short = queue[kind[shorter] ?? -1];
    const long = queue[kind[longer] ?? -1];
    const paddingBelow = short === undefined ? Infinity : (length - short.length) * short.rows;
    const paddingAbove = long === undefined ? Infinity : (long.length - length) * rows;
    const position = paddingBelow <= paddingAbove ? kind[shorter--]! : kind[longer++]!;
    const request = queue[position]!;
    if (rows + request.rows > maxRows) {
      isFull = true;
      continue;
    }
    positions.push(position);
    rows += request.rows;
    length = Math.max(length, request.length);
    if (rows === maxRows) break;
  }
  return { positions, isFull: isFull || rows === maxRows };
}

/** The first so many of a line as one batch. */
interface Size {
  readonly requests: number;
  readonly rows: number;
  readonly length: number;
  readonly runUs: number;
  /** What the batch saves of the time that its requests take alone. */
  readonly savedUs: number;
  readonly aloneUs: number;
}

/** Every size of batch from one request up, as long as the run is not predicted to take too long, or to be late for one in it. */
function measure(
  queue: readonly WaitingRequest[],
  line: readonly number[],
  nowMs: number,
  { costs, slowness, maxRunUs }: BatchSettings,
): { readonly sizes: readonly Size[]; readonly isLate: boolean } {
  const sizes: Size[] = [];
  let deadlineMs = Infinity;
  let [rows, length, units, aloneUs] = [0, 0, 0, 0];
  for (let index = 0; index < line.length; index++) {
    const request = queue[line[index]!]!;
    rows += request.rows;
    length = Math.max(length, request.length);
    units += request.rows * request.length;
    aloneUs += costs.predictUs(request.rows, request.length) + runOverheadUs;
    const runUs = index === 0 ? aloneUs : costs.predictUs(rows, length) + runOverheadUs;
    deadlineMs = Math.min(deadlineMs, request.deadlineMs);
    if (index > 0 && runUs > maxRunUs) break;
    if (index > 0 && nowMs + (runUs * slowness) / 1000 > deadlineMs) return { sizes, isLate: true };
    // Padding counts twice: a request that fits badly here fits better elsewhere.
    const padding = length === 0 ? 0 : 1 - units / (rows * length);
    sizes.push({ requests: index + 1, rows, length, runUs, savedUs: aloneUs - runUs * (1 + padding), aloneUs });
  }
  return { sizes, isLate: false };
}

function mostPaying(sizes: readonly Size[]): Size {
  let most = sizes[0]!;
  for (const size of sizes) if (isWorth(size) && size.savedUs > most.savedUs) most = size;
  return most;
}

function isWorth({ savedUs, aloneUs }: Size): boolean {
  return savedUs >= leastSaving * aloneUs;
}

/** With other lanes idle, an equal share of the work where that ends much sooner. */
function spread(
  queue: readonly WaitingRequest[],
  chosen: Size,
  sizes: readonly Size[],
  { idleLanes }: BatchSettings,
): Size {
  if (idleLanes <= 1 || chosen.requests === 1) return chosen;
  let rows = 0;
  for (const request of queue) rows += request.rows;
  const share = sizes.find((size) => size.rows >= rows / idleLanes);
  return share !== undefined && chosen.runUs - share.runUs >= leastSpreadGainUs ? share : chosen;
}

function whyNoMore(queue: readonly WaitingRequest[], line: Line, chosen: Size, isLate: boolean): BatchCut {
  if (chosen.requests < line.positions.length) return isLate ? 'deadline' : 'cost';
  if (line.isFull) return 'full';
  return chosen.requests < queue.length ? 'bucket' : 'idle_lane';
}

function filledBatch(queue: readonly WaitingRequest[], nowMs: number, settings: BatchSettings): Batch | undefined {
  const rowsOfKey = new Map<string, { first: number; rows: number }>();
  for (let position = 0; position < queue.length; position++) {
    const { groupKey, rows } = queue[position]!;
    const seen = rowsOfKey.get(groupKey) ?? { first: position, rows: 0 };
    seen.rows += rows;
    rowsOfKey.set(groupKey, seen);
  }
  for (const { first, rows } of rowsOfKey.values()) {
    if (rows < settings.maxBatchSize) continue;
    const batch = gather(queue, first, nowMs, settings);
    if (isFilled(batch)) return batch;
  }
  return undefined;
}
