/** What a run of `rows` rows of `length` took or would take, in microseconds. A model's plan.json carries a list of them. */
export interface RunCost {
  readonly rows: number;
  /** Elements of a row that the caller chooses the number of, e.g. tokens; 1 for a model of fixed shapes. */
  readonly length: number;
  readonly runUs: number;
}

/** Reads costs. */
export interface CostModel {
  /** Predicted time of a run in microseconds; 0 where nothing was ever measured. */
  predictUs(rows: number, length: number): number;
}

/** Runs of one bucket: powers of two of the rows and of the length. */
interface Cell {
  readonly rowsBucket: number;
  readonly lengthBucket: number;
  /** Means of what was measured here. */
  units: number;
  runUs: number;
  /** How much they are worth: runs, up to a bound. */
  weight: number;
}

/** A cell's mean is never made of more runs than about this many: what changed long ago is forgotten. */
const memoryRuns = 16;
/** A single run moves a mean as if it had been at most this many times shorter or longer: the rest is another thread's doing. */
const outlierFactor = 1.5;
/** The first runs of a session are slow: so many of a bucket may be followed by faster ones at once. */
const fewRuns = 3;
/** Where all runs were alike, this part of a run is taken for its fixed cost, so that batches are tried. */
const assumedFixedPart = 0.25;
/** Weight of that assumption, in runs. */
const assumptionWeight = 0.5;
/** Runs that a correction needs to count for half. */
const correctionRuns = 4;
/** Runs between two fits, once there were some. */
const fitEvery = 8;
const buckets = 32;

/**
 * Learns what a run of a model costs, by rows and length. Runs fall into buckets whose means are robust against outliers; a line,
 * fixed cost + cost of a unit (one row times one of length), is laid through all of them by least relative squares, so that few
 * runs tell much; and what batch sizes and lengths deviate from the line (caches, attention's square) is kept as a factor each.
 */
export class RunCosts implements CostModel {
  private readonly cells = new Map<number, Cell>();
  private fixedUs = 0;
  private unitUs = 0;
  private readonly rowsFactors = new Float64Array(buckets).fill(1);
  private readonly lengthFactors = new Float64Array(buckets).fill(1);
  private runsSinceFit = 0;

  constructor(seed: readonly RunCost[] = []) {
    this.seed(seed);
  }

  /** Takes over runs that were measured elsewhere. */
  seed(costs: readonly RunCost[]): void {
    for (const { rows, length, runUs } of costs) this.keep(rows, length, runUs);
    if (costs.length > 0) this.fit();
  }

  predictUs(rows: number, length: number): number {
    const factor = this.rowsFactors[bucketOf(rows)]! * this.lengthFactors[bucketOf(length)]!;
    return this.lineUs(unitsOf(rows, length)) * factor;
  }

  /** A run ended well. */
  learn(rows: number, length: number, runUs: number): void {
    const isNew = this.keep(rows, length, runUs);
    if (isNew || ++this.runsSinceFit >= fitEvery) this.fit();
  }

  /** @returns whether it was one of the first runs of its bucket */
  private keep(rows: number, length: number, runUs: number): boolean {
    const rowsBucket = bucketOf(rows);
    const lengthBucket = bucketOf(length);
    const key = lengthBucket * buckets + rowsBucket;
    const units = unitsOf(rows, length);
    const measuredUs = Math.max(1, runUs);
    const cell = this.cells.get(key);
    if (cell === undefined) {
      this.cells.set(key, { rowsBucket, lengthBucket, units, runUs: measuredUs, weight: 1 });
      return true;
    }
    cell.weight = Math.min(memoryRuns, cell.weight + 1);
    const step = 1 / cell.weight;
    const isFirst = cell.weight <= fewRuns;
    const ofLine = this.lineUs(units) / this.lineUs(cell.units);
    const expectedUs = cell.runUs * (Number.isFinite(ofLine) && ofLine > 0 ? ofLine : 1);
    const leastUs = isFirst ? 0 : expectedUs / outlierFactor;
    const boundedUs = Math.min(expectedUs * outlierFactor, Math.max(leastUs, measuredUs));
    cell.units += step * (units - cell.units);
    cell.runUs += step * (boundedUs - cell.runUs);
    return isFirst;
  }

  private lineUs(units: number): number {
    return this.fixedUs + this.unitUs * units;
  }

  private fit(): void {
    this.runsSinceFit = 0;
    this.fitLine();
    this.fitFactors();
  }

  /** Least squares of the relative error, neither part negative. */
  private fitLine(): void {
    let smallest: Cell | undefined;
    // Normal equations of (fixed + unit * units) / run = 1.
    let [ff, fu, uu, f1, u1] = [0, 0, 0, 0, 0];
    for (const cell of this.cells.values()) {
      const { units, runUs, weight } = cell;
      if (smallest === undefined || units < smallest.units) smallest = cell;
      const f = 1 / runUs;
      const u = units / runUs;
      ff += weight * f * f;
      fu += weight * f * u;
      uu += weight * u * u;
      f1 += weight * f;
      u1 += weight * u;
    }
    if (smallest === undefined) return;
    const f = 1 / smallest.runUs;
    ff += assumptionWeight * f * f;
    f1 += assumptionWeight * f * assumedFixedPart;
    const determinant = ff * uu - fu * fu;
    const fixedUs = (f1 * uu - u1 * fu) / determinant;
    const unitUs = (ff * u1 - fu * f1) / determinant;
    if (fixedUs >= 0 && unitUs >= 0) [this.fixedUs, this.unitUs] = [fixedUs, unitUs];
    else if (fixedUs < 0) [this.fixedUs, this.unitUs] = [0, u1 / uu];
    else [this.fixedUs, this.unitUs] = [f1 / ff, 0];
  }

  private fitFactors(): void {
    const logs = [...this.cells.values()].map((cell) => Math.log(cell.runUs / this.lineUs(cell.units)));
    this.fitFactor(this.rowsFactors, logs, ({ rowsBucket }) => rowsBucket);
    this.fitFactor(this.lengthFactors, logs, ({ lengthBucket }) => lengthBucket);
  }

  /** Mean deviation of each bucket, drawn to none where it saw few runs; takes it out of `logs`. */
  private fitFactor(factors: Float64Array, logs: number[], bucketOfCell: (cell: Cell) => number): void {
    const sums = new Float64Array(buckets);
    const weights = new Float64Array(buckets).fill(correctionRuns);
    let index = 0;
    for (const cell of this.cells.values()) {
      const bucket = bucketOfCell(cell);
      sums[bucket]! += cell.weight * logs[index++]!;
      weights[bucket]! += cell.weight;
    }
    for (let bucket = 0; bucket < buckets; bucket++) factors[bucket] = Math.exp(sums[bucket]! / weights[bucket]!);
    index = 0;
    for (const cell of this.cells.values()) logs[index++]! -= Math.log(factors[bucketOfCell(cell)]!);
  }
}

function unitsOf(rows: number, length: number): number {
  return Math.max(1, rows * length);
}

/** 0 for 1, 1 for 2, 2 for 3 and 4, 3 for 5 to 8 ... */
function bucketOf(count: number): number {
  return count <= 1 ? 0 : Math.min(buckets - 1, 32 - Math.clz32(Math.min(count, 2 ** 31) - 1));
}
