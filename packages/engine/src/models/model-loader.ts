import { abortError } from '../abort';
import type { CpuPlan } from '../cpu/cpu-plan';
import type { EngineLog } from '../engine';
import type { LoadedSession, LoadRefusal } from '../sessions/messages';
import { loadError, type SessionLane, type SessionSource } from '../sessions/session-lane';
import { inlineMisfit, type InlineLane } from '../sessions/inline-lane';
import type { PrepackBudget } from '../sessions/prepack-budget';
import { planFile } from './model-plan';
import { readModelPlan } from './read-model-plan';
import { checkLabels, readLabels } from './repository/labels';
import { digestOf, folderBytes, insideFolder, verifyDigests } from './repository/version-files';
import type { ServedModel } from './served-model';

/** What loading works with. */
export interface LoadContext {
  readonly lanes: readonly SessionLane[];
  readonly inlineLane: InlineLane;
  readonly plan: CpuPlan;
  readonly log: EngineLog;
  readonly signal: AbortSignal;
  readonly prepacks: PrepackBudget;
  /** The model has been handed to a thread. */
  readonly onLoading: () => void;
}

/**
 * Brings a model version onto its first session lane, which reads and tries the graph; from then on it answers.
 * @param position of the model among those being loaded; spreads the first loads over the lanes
 * @returns brings it onto its other lanes; does not throw
 * @throws TributaryError saying why it cannot be served
 */
export async function loadSessions(
  model: ServedModel,
  position: number,
  context: LoadContext,
): Promise<() => Promise<void>> {
  const { lanes, plan, signal } = context;
  const { source, settings } = model;
  if (source.fault !== undefined) throw source.fault;
  const verified = await verifyDigests(source, signal);
  await takePlan(model, verified.get(source.graph)?.digest, context);
  model.labels = await readLabels(source);
  model.fileBytes = await folderBytes(source.folder);
  const count = Math.min(settings.instances.count ?? model.plan?.instances ?? lanes.length, lanes.length);
  const chosen = Array.from({ length: count }, (_, index) => lanes[(position + index) % lanes.length]!);
  const sessionSource: SessionSource = {
    session: model.session,
    path: await insideFolder(source.folder, source.graph),
    verifiedFiles: [...verified.values()].map(({ path }) => path),
    intraOpThreads: settings.instances.intraOpThreads ?? model.plan?.intraOpThreads ?? plan.intraOpThreads,
    prepacks: context.prepacks.take(model.fileBytes * count),
    probeRows: model.wantedBatchSize,
  };
  const [first, ...others] = chosen;
  const memoryBefore = process.memoryUsage.rss();
  const loading = load(first!, sessionSource, signal);
  context.onLoading();
  const loaded = await loading;
  model.describe(loaded);
  checkLabels(model.labels, model.outputs, model.batched);
  reportBatching(model, loaded, context.log);
  if (model.plan?.inline === true) moveInline(model, loaded, sessionSource.path, context);
  model.hasSessions = true;
  // A heap that is collected meanwhile can give back more than a small model takes.
  const grown = process.memoryUsage.rss() - memoryBefore;
  model.memoryBytes = Math.max(model.fileBytes, grown);
  return () => loadOthers(model, others, { ...sessionSource, probeRows: 1 }, context);
}

/** One that fails leaves the model to the lanes that have it. */
async function loadOthers(
  model: ServedModel,
  lanes: readonly SessionLane[],
  source: SessionSource,
  { signal, log }: LoadContext,
): Promise<void> {
  const memoryBefore = process.memoryUsage.rss();
  await Promise.all(
    lanes.map((lane) =>
      load(lane, source, signal).catch((problem: unknown) => {
        if (signal.aborted) return;
        log.error({ model: model.name, version: model.version, problem }, 'a further lane could not load the model');
      }),
    ),
  );
  model.memoryBytes += Math.max(0, process.memoryUsage.rss() - memoryBefore);
}

/** What plan.json says counts where it was measured with this file and this number of cores. */
async function takePlan(
  model: ServedModel,
  digest: string | undefined,
  { plan, log, signal }: LoadContext,
): Promise<void> {
  const { folder, graph } = model.source;
  const read = await readModelPlan(model.source, {
    cores: Math.max(1, Math.floor(plan.cpuBudget)),
    digest: async () => digest ?? (await digestOf(folder, graph, signal)),
  });
  if (read === undefined) return;
  const fields = { model: model.name, version: model.version };
  if ('problem' in read) {
    log.warn(fields, `${planFile} is passed over: ${read.problem}; tributary tune ${model.name} measures again`);
    return;
  }
  model.plan = read;
  const { instances, intraOpThreads, maxBatchSize, inline } = read;
  log.info({ ...fields, instances, intraOpThreads, maxBatchSize, inline }, `placed by ${planFile}`);
}

/** Its sessions on session lanes stay: they take over should its runs turn out to be long. */
function moveInline(model: ServedModel, loaded: LoadedSession, path: string, context: LoadContext): void {
  const fields = { model: model.name, version: model.version };
  const misfit = inlineMisfit(loaded);
  if (misfit !== undefined) {
    context.log.warn(fields, `does not run on the event loop although ${planFile} says so: ${misfit}`);
    return;
  }
  try {
    context.inlineLane.adopt(model.session, path, loaded);
    model.runsInline = true;
  } catch (problem) {
    context.log.warn({ ...fields, problem }, 'the event loop could not take the model; it runs on session lanes');
  }
}

async function load(lane: SessionLane, source: SessionSource, signal: AbortSignal): Promise<LoadedSession> {
  if (signal.aborted) throw abortError(signal);
  try {
    return await lane.load(source);
  } catch (refused) {
    throw loadError(refused as LoadRefusal);
  }
}

function reportBatching(model: ServedModel, { batching, isWarm }: LoadedSession, log: EngineLog): void {
  const fields = { model: model.name, version: model.version };
  if (batching.kind === 'unsafe') {
    const { maxBatchSize } = model.settings.batching;
    if (maxBatchSize === undefined) log.info(fields, `not batched: ${batching.sentence}`);
    else log.warn({ ...fields, maxBatchSize }, `not batched although model.json asks for it: ${batching.sentence}`);
  }
  if (!isWarm) log.warn(fields, 'not warmed up: no made-up input was accepted');
}
