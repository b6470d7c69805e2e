import { datatypeInfo, refusal } from '@tributary/contract';
import { abortError } from '../abort';
import type { CpuPlan } from '../cpu/cpu-plan';
import type { BatchingVerdict, EngineLog, TensorSpec } from '../engine';
import { checkExternalData } from '../onnx/check-external-data';
import type { GraphThread, InspectedGraph } from '../onnx/graph-thread';
import { describeVerdict, type RowVerdict } from '../onnx/row-proof';
import { ProtoError } from '../onnx/proto-scanner';
import type { HostedSession, SessionHost } from '../sessions/session-host';
import type { PrepackBudget } from '../sessions/prepack-budget';
import { assertServable, unservable, withKnownRank } from './check-graph';
import { planFile, type ModelPlan } from './model-plan';
import { defaultMaxBatchSize, type ModelVersion, type VersionFacts } from './model-version';
import { readModelPlan } from './read-model-plan';
import { checkLabels, readLabels } from './repository/labels';
import { graphFile } from './repository/scan-repository';
import { digestOf, folderBytes, insideFolder, verifyDigests } from './repository/version-files';
import { RowProofs } from './row-proofs';
import { signatureOf } from './signature';
import { TrialError, TrialRuns, type RunTrial } from './trial-runs';

/** What loading works with. */
export interface ModelLoaderOptions {
  readonly host: SessionHost;
  readonly graphs: GraphThread;
  readonly plan: CpuPlan;
  readonly log: EngineLog;
  readonly prepacks: PrepackBudget;
  readonly maxOutputBytes: number;
}

/** A version whose session answers, and what is needed to try it further. */
export interface LoadedVersion {
  readonly version: ModelVersion;
  readonly path: string;
  readonly hosted: HostedSession;
  readonly graph: InspectedGraph;
  readonly runs: TrialRuns;
  readonly placement: ModelPlan | undefined;
  /** What rows may do once kernels that were seen to answer by company have been tried; undefined: there are none. */
  readonly untried: Pick<VersionFacts, 'batching' | 'proofs'> | undefined;
}

/**
 * Operators on 8-bit or narrower weights. Their kernels are made for weights that were laid out anew: without that they run up to
 * seven times as long, and MatMulNBits does another arithmetic.
 */
const packedOperator = /^(MatMulNBits|Q.*|.*Integer(ToFloat)?|Dynamic.*|DequantizeLinear)$/;

/** Brings versions from their files to a session that answers. */
export class ModelLoader {
  /** Under which the thread that reads graphs knows them. */
  private readonly handles = new Map<ModelVersion, number>();

  constructor(private readonly options: ModelLoaderOptions) {}

  /**
   * Loads a version: checks its files, reads its graph and proves what can be proved, makes its session, runs it once. From then on it
   * answers; `describe` was called.
   * @param runTrial of this version
   * @throws TributaryError saying why it cannot be served
   */
  async load(version: ModelVersion, runTrial: RunTrial, signal: AbortSignal): Promise<LoadedVersion> {
    const { source, settings } = version;
    if (source.fault !== undefined) throw source.fault;
    const verified = await verifyDigests(source, signal);
    const placement = await this.readPlan(version, verified.get(source.graph)?.digest, signal);
    version.fileBytes = await folderBytes(source.folder);
    const path = await insideFolder(source.folder, source.graph);
    const graph = await this.inspect(version, path, signal);
    this.handles.set(version, graph.handle);
    assertServable(graph.facts);
    const listed = await readLabels(source);
    const labels = listed.length > 0 ? listed : graph.facts.mapClasses;
    const verifiedPaths = [...verified.values()].map((file) => file.path);
    await checkExternalData(path, graph.facts.externalData, verifiedPaths);
    const needsPacking = [...graph.facts.operators].some((operator) => packedOperator.test(operator));
    const hosted = await this.options.host.load(
      {
        session: version.id,
        path,
        intraOpThreads:
          settings.instances.intraOpThreads ?? placement?.intraOpThreads ?? this.options.plan.intraOpThreads,
        prepacks: this.options.prepacks.take(version.id, version.fileBytes) || needsPacking,
        optionalInputs: graph.facts.optionalInputs,
      },
      signal,
    );
    try {
      assertBoundedOutputs(hosted.outputs, this.options.maxOutputBytes);
      version.memoryBytes = Math.max(version.fileBytes, hosted.memoryBytes);
      const runs = new TrialRuns(hosted, runTrial);
      const outputs = await this.warmUp(version, hosted, graph, runs, signal);
      const batching = this.batchingOf(version, hosted, outputs, graph);
      const proofs = this.proofsOf(version, hosted, graph, batching);
      const kernels = graph.verdict.kind === 'proved' && batching.kind === 'proved' ? graph.verdict.triedKernels : [];
      const untried = kernels.length === 0 ? undefined : { batching, proofs };
      version.describe({
        ...{ inputs: hosted.inputs, outputs, labels, metadata: hosted.metadata, batching, proofs },
        ...(untried !== undefined && {
          batching: { kind: 'refused', reason: `${kernels.join(', ')} is tried first` },
          proofs: RowProofs.always(false),
        }),
        maxBatchSize: settings.batching.maxBatchSize ?? placement?.maxBatchSize ?? defaultMaxBatchSize,
        mayPad: false,
        takesEmpty: false,
        takesAnyBytes: this.options.host.takesAnyBytes,
        costs: placement?.costs ?? [],
        runsInline: false,
        maxRuns: settings.instances.count ?? placement?.instances,
      });
      checkLabels(labels, outputs, version.batched);
      // The signature of a model that varies in nothing but rows, so that its first requests share runs.
      if (!runs.hasVaryingRest) await proofs.ask('');
      this.reportBatching(version, batching);
      return { version, path, hosted, graph, runs, placement, untried };
    } catch (error) {
      await this.release(version);
      throw error;
    }
  }

  /** Lets go of what a version holds; its runs have ended. */
  async release(version: ModelVersion): Promise<void> {
    this.options.prepacks.giveBack(version.id);
    await this.options.host.unload(version.id);
    const handle = this.handles.get(version);
    if (handle !== undefined) this.options.graphs.forget(handle);
    this.handles.delete(version);
  }

  private async inspect(version: ModelVersion, path: string, signal: AbortSignal): Promise<InspectedGraph> {
    try {
      return await this.options.graphs.inspect(path, signal);
    } catch (error) {
      if (!(error instanceof ProtoError)) throw error;
      throw refusal('MODEL_LOAD_FAILED', { problem: `${graphFile} is not a valid ONNX file: ${error.message}` });
    }
  }

  /** @returns the outputs, with the rank that the run gave where the file tells none */
  private async warmUp(
    version: ModelVersion,
    hosted: HostedSession,
    { facts }: InspectedGraph,
    runs: TrialRuns,
    signal: AbortSignal,
  ): Promise<readonly TensorSpec[]> {
    const fields = { model: version.name, version: version.version };
    let seen: readonly (readonly number[])[] | undefined;
    try {
      const answer = await runs.warmUp();
      seen = answer?.outputs.map(({ shape }) => shape);
      if (seen === undefined) this.options.log.warn(fields, 'not warmed up: no made-up input was accepted');
    } catch (error) {
      if (!(error instanceof TrialError)) throw error;
      if (signal.aborted) throw abortError(signal);
      this.options.log.warn(fields, `not warmed up: ${error.message}`);
    }
    return hosted.outputs.map((spec, index) => withKnownRank(spec, facts.outputs, seen?.[index]));
  }

  private batchingOf(
    { settings }: ModelVersion,
    { inputs }: HostedSession,
    outputs: readonly TensorSpec[],
    { verdict }: InspectedGraph,
  ): BatchingVerdict {
    if (settings.batching.maxBatchSize === 1) return { kind: 'off', reason: 'model.json sets maxBatchSize 1' };
    const required = inputs.filter(({ isOptional }) => isOptional !== true);
    if (required.length === 0) return { kind: 'refused', reason: 'it has no input' };
    const fixed = [...required, ...outputs].find(({ shape }) => shape[0] !== -1);
    if (fixed !== undefined) return { kind: 'refused', reason: `the first dimension of '${fixed.name}' is fixed` };
    const reason = sentenceOf(verdict);
    if (verdict.kind === 'proved') return { kind: 'proved', reason };
    if (settings.batching.rowsIndependent)
      return { kind: 'ownersWord', reason: `by its owner's word; not proved: ${reason}` };
    return { kind: 'refused', reason };
  }

  private proofsOf(
    version: ModelVersion,
    { inputs }: HostedSession,
    { verdict, handle }: InspectedGraph,
    batching: BatchingVerdict,
  ): RowProofs {
    if (batching.kind !== 'proved') return RowProofs.always(batching.kind === 'ownersWord');
    if (verdict.kind !== 'proved') return RowProofs.always(false);
    return RowProofs.by(async (signature) => {
      const proof = await this.options.graphs.prove(handle, signatureOf(inputs, signature));
      if (proof.kind === 'refused')
        this.options.log.info(
          { model: version.name, version: version.version, signature },
          `rows of this shape share no run: ${sentenceOf(proof)}`,
        );
      return proof.kind === 'proved';
    });
  }

  private reportBatching(version: ModelVersion, { kind, reason }: BatchingVerdict): void {
    const fields = { model: version.name, version: version.version };
    const { maxBatchSize } = version.settings.batching;
    if (kind === 'proved' || kind === 'ownersWord') this.options.log.info(fields, `batched: ${reason}`);
    else if (kind === 'refused' && maxBatchSize !== undefined)
      this.options.log.warn({ ...fields, maxBatchSize }, `not batched although model.json asks for it: ${reason}`);
    else if (kind === 'refused') this.options.log.info(fields, `not batched: ${reason}`);
  }

  /** What plan.json says counts where it was measured with this file and this number of cores. */
  private async readPlan(
    version: ModelVersion,
    digest: string | undefined,
    signal: AbortSignal,
  ): Promise<ModelPlan | undefined> {
    const { plan, log } = this.options;
    const { folder, graph } = version.source;
    const read = await readModelPlan(version.source, {
      cores: Math.max(1, Math.floor(plan.cpuBudget)),
      digest: async () => digest ?? (await digestOf(folder, graph, signal)),
    });
    if (read === undefined) return undefined;
    const fields = { model: version.name, version: version.version };
    if ('problem' in read) {
      log.warn(fields, `${planFile} is passed over: ${read.problem}; tributary tune ${version.name} measures again`);
      return undefined;
    }
    const { instances, intraOpThreads, maxBatchSize, inline } = read;
    log.info({ ...fields, instances, intraOpThreads, maxBatchSize, inline }, `placed by ${planFile}`);
    return read;
  }
}

/** Why rows may share a run, or may not. */
function sentenceOf(verdict: RowVerdict): string {
  return describeVerdict(verdict).replace(/^(not )?batched: /, '');
}

/** Dimensions that may vary count as one: what they become is only known after a run. */
function assertBoundedOutputs(outputs: readonly TensorSpec[], maxBytes: number): void {
  let bytes = 0;
  for (const { datatype, shape } of outputs) {
    bytes += shape.reduce((product, size) => product * (size === -1 ? 1 : size), datatypeInfo(datatype).byteSize ?? 0);
  }
  if (bytes > maxBytes)
    throw unservable(`its outputs take ${bytes} bytes or more, and at most ${maxBytes} are allowed`);
}
