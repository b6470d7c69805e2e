/** A way to run a model on all the cores. */
export interface Placement {
  /** Session lanes that run side by side. */
  readonly lanes: number;
  /** Threads inside one run. */
  readonly threads: number;
  /** Rows of one run. */
  readonly rows: number;
}

/** What was measured of a placement, a figure a round; rounds of all placements took turns. */
export interface MeasuredPlacement {
  readonly placement: Placement;
  readonly rowsPerSecond: readonly number[];
  /** Median duration of a run. */
  readonly runUs: number;
}

/** What was measured one call at a time, microseconds a call, a figure a round. */
export interface MeasuredAlone {
  readonly onLaneUs: readonly number[];
  readonly inlineUs: readonly number[];
}

/** A placement, and why it and no other. */
export interface Choice {
  readonly placement: Placement;
  readonly inline: boolean;
  /** Sentences for the table's reader. */
  readonly reasons: readonly string[];
}

/** Longest run that more rows may lead to: who comes while it runs waits for it. */
export const maxBatchRunUs = 50_000;
/** Longest run that the event loop takes in its stride. */
export const maxInlineRunUs = 250;
/** Placements this close to the fastest are as fast: of those the one with the smallest batches is taken. */
const asFast = 0.95;

/**
 * Chooses where a model runs. The plain rule stands unless another placement is surely faster: the lower quartile of its rounds
 * must beat the plain rule's median. The event loop is chosen by the same rule, of calls that come alone.
 * @param plain the placement of models without a plan
 * @param others whatever else was measured
 * @param alone undefined: the event loop must not run the model
 */
export function choosePlacement(
  plain: MeasuredPlacement,
  others: readonly MeasuredPlacement[],
  alone: MeasuredAlone | undefined,
): Choice {
  const eligible = others.filter(({ placement, runUs }) => placement.rows === 1 || runUs <= maxBatchRunUs);
  const most = Math.max(...eligible.map(({ rowsPerSecond }) => median(rowsPerSecond)), 0);
  const [candidate] = eligible
    .filter(({ rowsPerSecond }) => median(rowsPerSecond) >= asFast * most)
    .sort((a, b) => a.placement.rows - b.placement.rows || b.placement.lanes - a.placement.lanes);
  const plainMedian = median(plain.rowsPerSecond);
  const reasons: string[] = [];
  let chosen = plain;
  if (candidate !== undefined && lowerQuartile(candidate.rowsPerSecond) > plainMedian) {
    chosen = candidate;
    const gain = median(candidate.rowsPerSecond) / plainMedian;
    reasons.push(`${describe(candidate.placement)} does ${gain.toFixed(2)} times the rows of the plain rule`);
  } else {
    reasons.push('no other placement is surely faster than the plain rule');
  }
  return { placement: chosen.placement, ...chooseInline(chosen, alone, reasons) };
}

function chooseInline(
  { runUs }: MeasuredPlacement,
  alone: MeasuredAlone | undefined,
  reasons: readonly string[],
): Pick<Choice, 'inline' | 'reasons'> {
  if (alone === undefined) return { inline: false, reasons };
  if (runUs > maxInlineRunUs) {
    const sentence = `a run of ${Math.round(runUs)} us is too long for the event loop (${maxInlineRunUs} us)`;
    return { inline: false, reasons: [...reasons, sentence] };
  }
  const onLane = median(alone.onLaneUs);
  const inline = upperQuartile(alone.inlineUs) < onLane;
  const figures = `${Math.round(median(alone.inlineUs))} us on the event loop, ${Math.round(onLane)} us on a lane`;
  return { inline, reasons: [...reasons, `alone: ${figures}`] };
}

/** `2 lanes x 1 thread, 8 rows` */
export function describe({ lanes, threads, rows }: Placement): string {
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${count(lanes, 'lane')} x ${count(threads, 'thread')}, ${count(rows, 'row')}`;
}

/** Middle value; the mean of the middle two where their number is even. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function lowerQuartile(values: readonly number[]): number {
  return quantile(values, 0.25);
}

export function upperQuartile(values: readonly number[]): number {
  return quantile(values, 0.75);
}

/** By linear interpolation between the neighbours. */
function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = share * (sorted.length - 1);
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
