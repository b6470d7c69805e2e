import { setTimeout as pause } from 'node:timers/promises';
import { batchingNote, chooseVersion, Status, grpc, inference, tributary } from '@tributary/contract';
import type { Hop, HopAnswer, HopCall } from './hop';
import type { ServedModel } from './served-model';

/** Where what an upstream says of itself arrives. */
export interface UpstreamReports {
  serving(value: boolean): void;
  models(service: string, models: readonly ServedModel[]): void;
}

export interface FollowContext {
  readonly hop: Hop;
  /** Aborting it ends what follows the upstream. */
  readonly session: AbortController;
  readonly reports: UpstreamReports;
  readonly pollIntervalMs: number;
}

const inferenceService = '/inference.GRPCInferenceService';
/** For questions asked again and again. */
const pollTimeoutMs = 5_000;

/** Reports whether the upstream is serving until its connection or stream ends. Never rejects. */
export async function followHealth(context: FollowContext): Promise<void> {
  const answer = await watch(context, '/grpc.health.v1.Health/Watch', (bytes) => {
    const { SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
    context.reports.serving(grpc.health.v1.HealthCheckResponse.decode(bytes).status === SERVING);
  });
  if (isUnimplemented(answer)) {
    await poll(context, async () => {
      const ready = await ask(context, `${inferenceService}/ServerReady`);
      if (ready?.message === undefined) return false;
      context.reports.serving(inference.ServerReadyResponse.decode(ready.message).ready);
      return true;
    });
  }
}

/** Reports the models of the upstream until its connection or stream ends. Never rejects. */
export async function followModels(context: FollowContext): Promise<void> {
  const answer = await watch(context, '/tributary.model.v1.ModelService/WatchModels', (bytes) => {
    const { service, models } = tributary.model.v1.WatchModelsResponse.decode(bytes);
    context.reports.models(service, models.map(toServedModel));
  });
  if (isUnimplemented(answer)) await followForeignModels(context);
}

/** Servers of other makers have no stream of models; Open Inference has an index that can be asked for again and again. */
async function followForeignModels(context: FollowContext): Promise<void> {
  const metadata = await ask(context, `${inferenceService}/ServerMetadata`);
  if (metadata?.message === undefined) return;
  const service = read(() => inference.ServerMetadataResponse.decode(metadata.message ?? new Uint8Array()).name);
  if (service === undefined) return;
  let last: Buffer | undefined;
  await poll(context, async () => {
    const index = await ask(context, `${inferenceService}/RepositoryIndex`);
    if (index?.message === undefined) return false;
    const bytes = Buffer.from(index.message);
    if (last === undefined || !bytes.equals(last)) {
      context.reports.models(service, fromIndex(inference.RepositoryIndexResponse.decode(bytes).models));
      last = bytes;
    }
    return true;
  });
}

function toServedModel(model: tributary.model.v1.Model.$Properties): ServedModel {
  const { MODEL_STATE_READY, MODEL_STATE_LOADING } = tributary.model.v1.ModelState;
  return {
    name: model.name ?? '',
    version: model.version ?? '',
    task: model.task ?? '',
    state:
      model.state === MODEL_STATE_READY ? 'READY' : model.state === MODEL_STATE_LOADING ? 'LOADING' : 'UNAVAILABLE',
    reason: model.reason ?? '',
    batching: batchingNote(model.batching ?? {}),
    methods: new Set(model.methods?.map((method) => `/${method}`)),
    defaultOf: new Set(model.defaultOf?.map((method) => `/${method}`)),
    servedByDefault: model.servedByDefault ?? false,
  };
}

/** The index does not say which version a call without a version gets. Models without version count as 1. */
function fromIndex(index: readonly inference.RepositoryIndexResponse.ModelIndex.$Properties[]): readonly ServedModel[] {
  const versionsOf = new Map<string, ServedModel[]>();
  for (const { name, version, state, reason } of index) {
    const model: ServedModel = {
      name: name ?? '',
      version: version === undefined || version === null || version === '' ? '1' : version,
      task: '',
      state: stateInIndex(state ?? ''),
      reason: reason ?? '',
      batching: '',
      methods: new Set(),
      defaultOf: new Set(),
      servedByDefault: false,
    };
    const versions = versionsOf.get(model.name);
    if (versions === undefined) versionsOf.set(model.name, [model]);
    else versions.push(model);
  }
  return [...versionsOf.values()].flatMap((versions) => {
    const chosen = chooseVersion(versions, undefined, ({ state }) => state === 'READY');
    return versions.map((model) => ({ ...model, servedByDefault: model === chosen }));
  });
}

/** MLServer writes the name of its type before the state: `State.READY`. */
function stateInIndex(text: string): ServedModel['state'] {
  const state = text.replace(/^State\./, '');
  return state === 'READY' || state === 'LOADING' ? state : 'UNAVAILABLE';
}

function isUnimplemented(answer: HopAnswer): boolean {
  return answer.answered && answer.code === Status.UNIMPLEMENTED;
}

/** One stream for as long as it lasts; ends it where a message cannot be read. */
async function watch(context: FollowContext, path: string, take: (bytes: Uint8Array) => void): Promise<HopAnswer> {
  const { signal } = context.session;
  return context.hop.stream({ ...emptyCall(path, signal), timeoutMs: Infinity, waitForReady: true }, (bytes) => {
    if (signal.aborted) return;
    if (read(() => (take(bytes), true)) === undefined) context.session.abort();
  });
}

/** One question; undefined where it was not answered well. */
async function ask(context: FollowContext, path: string): Promise<HopAnswer | undefined> {
  const answer = await context.hop.call({ ...emptyCall(path, context.session.signal), timeoutMs: pollTimeoutMs });
  return answer.code === Status.OK && !context.session.signal.aborted ? answer : undefined;
}

/** Asks at once and then at every interval, until a question is not answered well. */
async function poll(context: FollowContext, question: () => Promise<boolean>): Promise<void> {
  while (await question().catch(() => false)) {
    await pause(context.pollIntervalMs, undefined, { signal: context.session.signal }).catch(() => undefined);
  }
}

/** What an upstream sends need not be what the protos say: a message that cannot be read is no fault of this process. */
function read<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

function emptyCall(path: string, signal: AbortSignal): HopCall {
  return { path, request: [], metadata: new Map(), timeoutMs: 0, signal };
}
