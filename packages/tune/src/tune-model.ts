import { rename, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { dirname, join } from 'node:path';
import {
  defaultMaxBatchSize,
  defaultPrepackBudgetBytes,
  digestOf,
  disableOrtTelemetry,
  folderBytes,
  insideFolder,
  planCpus,
  planFile,
  renderModelPlan,
  scanRepository,
  type MeasuredCost,
  type ModelPlan,
  type RepositoryVersion,
} from '@tributary/engine/tuning';
import {
  choosePlacement,
  describe,
  median,
  type Choice,
  type MeasuredAlone,
  type MeasuredPlacement,
} from './choose-placement';
import { LaneGroup, type RunShape } from './placement-lanes';
import { shareWeights, type SharedWeights } from './share-weights';

/** What is tuned, and how thoroughly. */
export interface TuneOptions {
  readonly repository: string;
  readonly model: string;
  /** Cores to plan for; default: what the machine allows. */
  readonly cpuBudget?: number;
  /** Fewer and shorter rounds: enough for tiny models, and to try it out. */
  readonly quick?: boolean;
  /** True: weights stay where they are. Default: those of a model in a single file move to a file of their own (shareWeights). */
  readonly keepsFile?: boolean;
  readonly onProgress?: (done: number, total: number, note: string) => void;
  readonly signal?: AbortSignal;
}

/** A plan, and what it was made from. */
export interface TuneResult {
  readonly plan: ModelPlan;
  /** Where it was written. */
  readonly file: string;
  readonly reasons: readonly string[];
  /** Where the model was brought as a single file. */
  readonly weights?: SharedWeights;
  /** Every placement measured, the plain rule first. */
  readonly placements: readonly TunedPlacement[];
}

/** One line of the table. */
export interface TunedPlacement {
  readonly placement: string;
  readonly rowsPerSecond: number;
  readonly runUs: number;
  /** Median of rows a second over that of the plain rule. */
  readonly overPlain: number;
  readonly isChosen: boolean;
}

/** Thrown where a model cannot be tuned; the message is for people. */
export class TuneError extends Error {
  override readonly name = 'TuneError';
}

/** Sizes tried for dimensions that may vary: what a batch costs depends on them. */
const lengths: readonly number[] = [8, 16, 32, 64, 128];
/** The size that placements are compared with, where the model takes it. */
const usualLength = 32;
const mostRows = 64;
/** A run that takes longer is measured no further: larger ones are not wanted in a batch. */
const mostRunUs = 100_000;

/**
 * Measures lanes x threads x rows for the highest version of a model, and the event loop where the model may run on it; writes the
 * plan beside model.json. Meant for a machine that does nothing else: every figure is taken with all lanes busy.
 * @throws TuneError, TributaryError, RepositoryError saying why it cannot be
 */
export async function tuneModel(options: TuneOptions): Promise<TuneResult> {
  disableOrtTelemetry();
  const version = await findVersion(options);
  const weights = await takeWeightsOut(options, version);
  const file = await insideFolder(version.folder, version.graph);
  const { cpuBudget } = options;
  const cores = planCpus({ ...(cpuBudget !== undefined && { cpuBudget }), hasTasks: false }).sessionLanes;
  const prepacks = (await folderBytes(version.folder)) <= defaultPrepackBudgetBytes;
  const groups = new Groups(file, version, cores, prepacks);
  try {
    const result = await new Tuner(options, version, groups, cores).tune();
    return { ...result, ...(weights !== undefined && { weights }) };
  } finally {
    await groups.close();
  }
}

async function takeWeightsOut(
  { keepsFile, onProgress, signal }: TuneOptions,
  version: RepositoryVersion,
): Promise<SharedWeights | undefined> {
  if (keepsFile === true) return undefined;
  onProgress?.(0, 1, 'weights');
  return shareWeights(version, signal ?? new AbortController().signal);
}

async function findVersion({ repository, model }: TuneOptions): Promise<RepositoryVersion> {
  const { versions } = await scanRepository(repository);
  const version = versions.filter(({ name }) => name === model).at(-1);
  if (version === undefined) {
    const names = [...new Set(versions.map(({ name }) => name))];
    throw new TuneError(`there is no model ${model} in ${repository}; there are: ${names.join(', ') || 'none'}`);
  }
  const { fault } = version;
  if (fault === undefined) return version;
  throw new TuneError(`${model}: ${fault.message}`);
}

/** Lanes by arrangement, made when they are first needed. */
class Groups {
  private readonly made = new Map<string, Promise<LaneGroup>>();
  /** Most rows that are worth trying. */
  readonly rowsAllowed: number;

  constructor(
    readonly file: string,
    { settings }: RepositoryVersion,
    private readonly cores: number,
    /** As the engine will where no other model takes the memory first. */
    readonly prepacks: boolean,
  ) {
    this.rowsAllowed = settings.batching.maxBatchSize ?? mostRows;
  }

  /** Lanes x threads that use all cores: one thread each, two each, ... */
  get arrangements(): readonly { lanes: number; threads: number }[] {
    const found: { lanes: number; threads: number }[] = [];
    for (let threads = 1; threads <= this.cores; threads *= 2) {
      found.push({ lanes: Math.floor(this.cores / threads), threads });
    }
    return found;
  }

  get({ lanes, threads }: { lanes: number; threads: number }): Promise<LaneGroup> {
    const key = `${lanes}x${threads}`;
    const known = this.made.get(key);
    if (known !== undefined) return known;
    const group = LaneGroup.load(lanes, {
      path: this.file,
      intraOpThreads: threads,
      prepacks: this.prepacks,
      mayBatch: this.rowsAllowed > 1,
    });
    this.made.set(key, group);
    return group;
  }

  async close(): Promise<void> {
    for (const group of this.made.values())
      await group.then(
        (loaded) => loaded.close(),
        () => undefined,
      );
  }
}

class Tuner {
  private done = 0;
  private total = 1;

  constructor(
    private readonly options: TuneOptions,
    private readonly version: RepositoryVersion,
    private readonly groups: Groups,
    private readonly cores: number,
  ) {}

  async tune(): Promise<TuneResult> {
    this.tell('loading');
    const plain = await this.groups.get(this.groups.arrangements[0]!);
    const shapes = await this.scout(plain);
    const length = shapes.lengths.includes(usualLength) ? usualLength : (shapes.lengths.at(-1) ?? 0);
    const batches = shapes.rowsOf(length);
    const measured = await this.comparePlacements(batches, length);
    const mostPlainRows = this.version.settings.batching.maxBatchSize ?? defaultMaxBatchSize;
    const plainRows = Math.max(...batches.filter((rows) => rows <= mostPlainRows));
    const isPlain = ({ placement: { threads, rows } }: MeasuredPlacement): boolean =>
      threads === 1 && rows === plainRows;
    const plainRule = measured.find(isPlain)!;
    const others = measured.filter((one) => !isPlain(one));
    const choice = choosePlacement(plainRule, others, await this.measureAlone(plain));
    const costs = await this.measureCosts(choice, shapes, plain);
    const { lanes, threads, rows } = choice.placement;
    const plan: ModelPlan = {
      format: 1,
      version: this.version.version,
      digest: await digestOf(this.version.folder, this.version.graph),
      cores: this.cores,
      cpu: cpus()[0]?.model.trim() ?? '',
      onnxRuntime: onnxRuntimeVersion(),
      instances: lanes,
      intraOpThreads: threads,
      maxBatchSize: rows,
      inline: choice.inline,
      costs,
    };
    const file = join(dirname(this.version.folder), planFile);
    await writeFile(`${file}.new`, renderModelPlan(plan));
    await rename(`${file}.new`, file);
    const base = median(plainRule.rowsPerSecond);
    const placements = [plainRule, ...others].map((one) => ({
      placement: describe(one.placement),
      rowsPerSecond: median(one.rowsPerSecond),
      runUs: one.runUs,
      overPlain: median(one.rowsPerSecond) / base,
      isChosen: one.placement === choice.placement,
    }));
    return { plan, file, reasons: choice.reasons, placements };
  }

  /** Which lengths and rows the model takes, and up to where a run is short enough to be worth measuring. */
  private async scout(group: LaneGroup): Promise<Shapes> {
    const { isBatched } = group;
    const { inputs } = group.session;
    const fixedFrom = isBatched ? 1 : 0;
    const isVarying = inputs.some(({ shape }) => shape.lastIndexOf(-1) >= fixedFrom);
    const rowsByLength = new Map<number, readonly number[]>();
    for (const length of isVarying ? lengths : [0]) {
      const rowsTaken: number[] = [];
      for (const rows of isBatched ? batchesUpTo(this.groups.rowsAllowed) : [1]) {
        this.options.signal?.throwIfAborted();
        if (!(await group.takes({ rows, length }))) break;
        const { runUs } = await group.measure({ rows, length }, 0, 1);
        if (runUs > mostRunUs && rowsTaken.length > 0) break;
        rowsTaken.push(rows);
      }
      if (rowsTaken.length > 0) rowsByLength.set(length, rowsTaken);
    }
    if (rowsByLength.size === 0)
      throw new TuneError(`${this.version.name} takes none of the made-up inputs, so it cannot be measured`);
    return { lengths: [...rowsByLength.keys()], rowsOf: (length) => rowsByLength.get(length) ?? [] };
  }

  /** Every arrangement with every number of rows, in rounds that take turns. */
  private async comparePlacements(batches: readonly number[], length: number): Promise<MeasuredPlacement[]> {
    const cells = this.groups.arrangements.flatMap(({ lanes, threads }) =>
      batches.map((rows) => ({
        placement: { lanes, threads, rows },
        rowsPerSecond: [] as number[],
        runs: [] as number[],
      })),
    );
    this.total = this.rounds * cells.length + this.rounds;
    for (let round = 0; round < this.rounds; round++) {
      for (const cell of cells) {
        const group = await this.groups.get(cell.placement);
        const figures = await this.measure(group, { rows: cell.placement.rows, length });
        cell.rowsPerSecond.push(figures.rowsPerSecond);
        cell.runs.push(figures.runUs);
        this.tell(describe(cell.placement));
      }
    }
    return cells.map(({ placement, rowsPerSecond, runs }) => ({ placement, rowsPerSecond, runUs: median(runs) }));
  }

  /** One call after another on a lane and on the event loop; undefined where the loop must not run the model. */
  private async measureAlone(plain: LaneGroup): Promise<MeasuredAlone | undefined> {
    if (plain.inlineMisfit !== undefined) return undefined;
    const shape = { rows: 1, length: 0 };
    const source = { path: this.groups.file, intraOpThreads: 1, prepacks: this.groups.prepacks, mayBatch: true };
    const onLane = await LaneGroup.load(1, source);
    const inline = await onLane.inline();
    const alone = { onLaneUs: [] as number[], inlineUs: [] as number[] };
    try {
      for (let round = 0; round < this.rounds; round++) {
        alone.onLaneUs.push((await this.measure(onLane, shape)).callUs);
        alone.inlineUs.push((await this.measure(inline, shape)).callUs);
        this.tell('alone');
      }
      return alone;
    } finally {
      await onLane.close();
      await inline.close();
    }
  }

  /** Of every length and number of rows, where the model will run. */
  private async measureCosts({ placement, inline }: Choice, shapes: Shapes, plain: LaneGroup): Promise<MeasuredCost[]> {
    const group = await (inline ? plain.inline() : this.groups.get(placement));
    const cells = shapes.lengths.flatMap((length) =>
      shapes.rowsOf(length).map((rows) => ({ rows, length, runs: [] as number[] })),
    );
    this.done = 0;
    this.total = cells.length * this.costRounds;
    for (let round = 0; round < this.costRounds; round++) {
      for (const cell of cells) {
        cell.runs.push((await this.measure(group, cell)).runUs);
        this.tell('costs');
      }
    }
    if (inline) await group.close();
    return cells.map(({ rows, length, runs }) => ({ rows, length, runUs: Math.round(median(runs) * 10) / 10 }));
  }

  private measure(group: LaneGroup, { rows, length }: RunShape): ReturnType<LaneGroup['measure']> {
    this.options.signal?.throwIfAborted();
    const isQuick = this.options.quick === true;
    return group.measure({ rows, length }, isQuick ? 10 : 60, isQuick ? 2 : 3);
  }

  private get rounds(): number {
    return this.options.quick === true ? 5 : 9;
  }

  private get costRounds(): number {
    return this.options.quick === true ? 3 : 5;
  }

  private tell(note: string): void {
    this.options.onProgress?.(Math.min(this.done++, this.total), this.total, note);
  }
}

interface Shapes {
  readonly lengths: readonly number[];
  /** Ascending. */
  readonly rowsOf: (length: number) => readonly number[];
}

/** 1, 2, 4, ... and the largest itself. */
function batchesUpTo(most: number): number[] {
  const found: number[] = [];
  for (let rows = 1; rows < Math.min(most, mostRows); rows *= 2) found.push(rows);
  return [...found, Math.min(most, mostRows)];
}

function onnxRuntimeVersion(): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- a package.json cannot be imported from outside of the sources
  return (require('onnxruntime-node/package.json') as { version: string }).version;
}
