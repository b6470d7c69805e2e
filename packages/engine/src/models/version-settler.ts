import { describeError } from '../to-error';
import type { EngineLog, TensorSpec } from '../engine';
import { inlineMisfit, isHarmless, type InlineLane } from '../sessions/inline-lane';
import { probeRows } from '../sessions/probe-rows';
import { isPaddable } from '../tensors/check-request';
import type { PackedTensor } from '../tensors/pack-batch';
import type { LoadedVersion } from './model-loader';
import type { ModelVersion } from './model-version';
import { RowProofs } from './row-proofs';
import { TrialError } from './trial-runs';
import { measureCosts, tryEmpty, tryPadding } from './try-version';

/** What the settler works with. */
export interface VersionSettlerOptions {
  readonly inlineLane: InlineLane;
  /** Deaths of a run on tensors without elements are not the process's. */
  readonly isIsolated: boolean;
  /** Resolves when nothing waits or runs. */
  readonly whenIdle: () => Promise<void>;
  /** Takes over costs that were measured. */
  readonly onCosts: (version: ModelVersion, costs: LearntCosts) => void;
  /** A version is not as it was. */
  readonly onChanged: () => void;
  readonly log: EngineLog;
}

type LearntCosts = Awaited<ReturnType<typeof measureCosts>>['costs'];

/** Rows up to which a run may grow where more rows were seen to pay. */
const mostLearntRows = 64;
/** Time that a version's costs may take to measure. */
const costBudgetMs = 400;
/** Time for the second net behind the proof. */
const probeBudgetMs = 300;
/** Longest run that the event loop takes in its stride. */
const maxInlineRunUs = 250;
const inlineRounds = 15;

/** Operators whose kernels end their process for tensors without elements, as ONNX Runtime 1.30 has them. */
const fatalWhenEmpty: ReadonlySet<string> = new Set(['GRU', 'LSTM', 'RNN', 'TopK', 'Unique']);

interface Settling {
  readonly loaded: LoadedVersion;
  readonly signal: AbortSignal;
  work: Promise<void> | undefined;
}

/**
 * Finds out, after a version has begun to serve, what is not needed for its first answer: whether company changes an answer after all,
 * whether rows may be padded or missing, what runs cost, and where the version runs best. One version after another, on made-up inputs.
 */
export class VersionSettler {
  private readonly settling = new Map<ModelVersion, Settling>();
  private last: Promise<void> = Promise.resolve();

  constructor(private readonly options: VersionSettlerOptions) {}

  /** @param signal ends what is being tried */
  add(loaded: LoadedVersion, signal: AbortSignal): void {
    this.settling.set(loaded.version, { loaded, signal, work: undefined });
  }

  /** The version serves: what is left to find out is begun. */
  start(version: ModelVersion): void {
    const settling = this.settling.get(version);
    if (settling === undefined) return;
    settling.work = this.last.then(() => this.settle(settling));
    this.last = settling.work;
  }

  /** Resolves when nothing of the version is being tried; nothing will be again. */
  async ended(version: ModelVersion): Promise<void> {
    const settling = this.settling.get(version);
    this.settling.delete(version);
    await settling?.work;
  }

  /** Resolves when nothing is being tried. */
  async settled(): Promise<void> {
    for (let last; last !== this.last;) await (last = this.last);
  }

  private async settle({ loaded, signal }: Settling): Promise<void> {
    const { version } = loaded;
    const fields = { model: version.name, version: version.version };
    try {
      const steps = [
        () => this.probe(loaded),
        () => this.padding(loaded),
        () => this.costs(loaded),
        () => this.empties(loaded),
      ];
      for (const step of steps) {
        if (signal.aborted) return;
        await step();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof TrialError) this.options.log.warn(fields, `not tried further: ${error.message}`);
      else this.options.log.error({ ...fields, problem: describeError(error) }, 'a version could not be tried');
    } finally {
      this.options.onChanged();
    }
  }

  /**
   * The second net: an objection of the probe is a defect of the proof, or of a kernel that was seen to answer by company and is tried
   * before rows share a run.
   */
  private async probe({ version, runs, untried }: LoadedVersion): Promise<void> {
    const { inputs, outputs } = version.known;
    const { batching, proofs } = untried ?? version.known;
    if (batching.kind !== 'proved') return;
    const specs = inputs.filter(({ isOptional }) => isOptional !== true);
    const objection = await probeRows({
      ...{ inputs: specs, outputs, dimensions: runs.dimensions, budgetMs: probeBudgetMs },
      watchesNaN: untried !== undefined,
      allows: (signature) => proofs.ask(signature),
      run: async (tensors) => (await runs.run(tensors))?.outputs,
    });
    if (objection === undefined) {
      if (untried !== undefined) version.learn(untried);
      return;
    }
    const fields = { model: version.name, version: version.version };
    const what =
      untried === undefined
        ? 'not batched, although it was proved: a defect of the proof, please report it'
        : 'not batched: a kernel answers by company';
    this.options.log.error(fields, `${what}: ${objection}`);
    version.learn({ batching: { kind: 'refused', reason: objection }, proofs: RowProofs.always(false) });
  }

  private async padding({ version, runs }: LoadedVersion): Promise<void> {
    const { inputs, outputs } = version.known;
    if (!version.batched || !isPaddable(inputs, outputs)) return;
    const specs = inputs.filter(({ isOptional }) => isOptional !== true);
    const { mayPad, worst, tried } = await tryPadding(runs, specs, outputs);
    const figures = { model: version.name, version: version.version, worst, tried };
    if (mayPad) this.options.log.info(figures, 'rows may be padded: answers alone and padded are alike');
    else this.options.log.info(figures, 'rows are not padded: answers alone and padded differ');
    version.learn({ mayPad });
  }

  private async empties({ version, runs, graph }: LoadedVersion): Promise<void> {
    const { inputs } = version.known;
    if (!inputs.some(({ shape }) => shape.includes(-1))) return;
    const { operators } = graph.facts;
    // A kernel may end its process for an empty tensor: tried only where that is another process, and not known.
    if (!this.options.isIsolated && !isHarmless(operators)) return;
    if ([...operators].some((operator) => fatalWhenEmpty.has(operator))) return;
    version.learn({ takesEmpty: await tryEmpty(runs, version.batched) });
  }

  private async costs({ version, runs, placement, hosted, graph, path }: LoadedVersion): Promise<void> {
    if (placement !== undefined) {
      if (placement.inline) await this.moveInline(version, path, inlineMisfit(hosted, graph.facts.operators, version.batched));
      return;
    }
    await this.options.whenIdle();
    if (version.batched) {
      const most = version.settings.batching.maxBatchSize ?? mostLearntRows;
      const measured = await measureCosts(runs, most, costBudgetMs, (dimension) => lengthOf(version.known.inputs, dimension));
      this.options.onCosts(version, measured.costs);
      version.learn({ maxBatchSize: version.settings.batching.maxBatchSize ?? Math.max(8, measured.bestRows) });
    }
    await this.tryInline(version, { runs, hosted, graph, path });
  }

  /** A tiny model runs on the event loop where a call is answered sooner so. */
  private async tryInline(
    version: ModelVersion,
    { runs, hosted, graph, path }: Pick<LoadedVersion, 'runs' | 'hosted' | 'graph' | 'path'>,
  ): Promise<void> {
    if (inlineMisfit(hosted, graph.facts.operators, version.batched) !== undefined) return;
    const inputs = runs.inputs({ rows: version.batched ? 1 : undefined, dimension: 1 }, 0);
    const first = inputs === undefined ? undefined : await runs.run(inputs);
    if (inputs === undefined || first === undefined || first.inferenceUs > maxInlineRunUs * 4) return;
    const { inlineLane } = this.options;
    await inlineLane.adopt(version.id, path, hosted);
    const onLaneUs: number[] = [];
    const inlineUs: number[] = [];
    for (let round = 0; round < inlineRounds; round++) {
      onLaneUs.push(await timed(() => runs.run(inputs)));
      inlineUs.push(await timed(() => runInline(inlineLane, version.id, inputs)));
    }
    const isInline = middle(inlineUs) <= maxInlineRunUs && middle(inlineUs) < middle(onLaneUs);
    const figures = { onLaneUs: Math.round(middle(onLaneUs)), inlineUs: Math.round(middle(inlineUs)) };
    this.options.log.info(
      { model: version.name, version: version.version, ...figures },
      isInline ? 'runs on the event loop, which answers sooner' : 'runs on session lanes',
    );
    if (isInline) version.learn({ runsInline: true });
    else inlineLane.release(version.id);
  }

  private async moveInline(version: ModelVersion, path: string, misfit: string | undefined): Promise<void> {
    const fields = { model: version.name, version: version.version };
    if (misfit !== undefined) {
      this.options.log.warn(fields, `does not run on the event loop although plan.json says so: ${misfit}`);
      return;
    }
    try {
      await this.options.inlineLane.adopt(version.id, path, version.known);
      version.learn({ runsInline: true });
    } catch (problem) {
      this.options.log.warn({ ...fields, problem }, 'the event loop could not take the model; it runs on session lanes');
    }
  }
}

/** Elements of a row that the caller chooses the number of; see RunCost. */
function lengthOf(inputs: readonly TensorSpec[], dimension: number): number {
  const varying = inputs.filter(({ shape }) => shape.lastIndexOf(-1) > 0);
  const sizes = varying.map(({ shape }) =>
    shape.slice(1).reduce((product, size) => product * (size === -1 ? dimension : size), 1),
  );
  return Math.max(1, ...sizes);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAtMs = performance.now();
  await work();
  return (performance.now() - startedAtMs) * 1000;
}

function runInline(lane: InlineLane, session: number, inputs: readonly PackedTensor[]): Promise<void> {
  const copies = inputs.map(({ shape, bytes }) => ({ shape, bytes: bytes.slice() }));
  return new Promise((resolve) => lane.start({ session, inputs: copies, outputs: undefined, onEnd: () => resolve() }));
}

function middle(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
