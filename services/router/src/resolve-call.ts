import type { Upstream } from '@tributary/client';
import {
  assertModelName,
  chooseVersion,
  parseModelVersion,
  refusal,
  whyNoVersion,
  type ModelReference,
  type RpcMethod,
  type TributaryError,
} from '@tributary/contract';
import type { ModelRoute, RoutingTable } from './routing-table';

/** Where a call goes. */
export interface Destination {
  /** A name of the routing table, so that it may stand in labels; undefined: replicas differ on the default model. */
  readonly model: string | undefined;
  /** Who can answer now; asked again before a second attempt. */
  candidates(): readonly Upstream[];
}

/** Service of the Open Inference Protocol; its RPCs have no default model and fit every model. */
export const openInference = 'inference.GRPCInferenceService';

/**
 * Finds who can answer a call for a model. The rules:
 * - a name that services of different kinds claim is refused;
 * - a call that names a version goes only to replicas that have that version ready;
 * - a call without a version goes to any ready replica, each answering with its own default: the highest version it has ready.
 *   While a rollout is under way, replicas differ, and the answer says which version made it;
 * - a call without a name (task RPCs only) goes to any replica that has a default model for that RPC.
 * @throws TributaryError MODEL_NAME_*, MODEL_VERSION_*, MODEL_NOT_FOUND, MODEL_NO_VERSION, MODEL_NO_DEFAULT, MODEL_NOT_READY,
 *   MODEL_CONFLICT, TASK_UNSUPPORTED, NO_UPSTREAM
 */
export function resolveCall(table: RoutingTable, method: RpcMethod, reference: ModelReference): Destination {
  const [nameField, versionField] = fieldNames(method);
  const isTask = method.service !== openInference;
  if (reference.model !== '' || !isTask) assertModelName(reference.model, nameField);
  const version = parseModelVersion(reference.version, versionField);
  if (reference.model === '') return resolveDefault(table, method, version);

  const route = findModel(table, reference.model, nameField);
  if (isTask && !route.methods.has(method.path)) {
    throw refusal('TASK_UNSUPPORTED', { model: route.name, method: method.path.slice(1) }, { field: nameField });
  }
  if (!isAnswered(route, version)) throw whyNobody(route, version, versionField);
  return { model: route.name, candidates: () => readyFor(table, route.name, version) };
}

/**
 * The route of a name.
 * @throws TributaryError MODEL_NOT_FOUND, MODEL_CONFLICT, NO_UPSTREAM (nothing is known yet)
 */
export function findModel(table: RoutingTable, model: string, field: string): ModelRoute {
  const route = table.model(model);
  if (route === undefined) {
    throw table.learned ? refusal('MODEL_NOT_FOUND', { model }, { field }) : refusal('NO_UPSTREAM', { model });
  }
  if (route.conflict) throw refusal('MODEL_CONFLICT', { model }, { field });
  return route;
}

/** Whether anybody answers calls for a model in the version asked for; undefined: in any. */
export function isAnswered(route: ModelRoute, asked: string | undefined): boolean {
  return chooseVersion(route.versions.values(), asked, ({ ready }) => ready.length > 0) !== undefined;
}

/**
 * The refusal of a call for a model that is known and that nobody answers: MODEL_VERSION_NOT_FOUND, MODEL_NO_VERSION, MODEL_NOT_READY,
 * NO_UPSTREAM (whoever has it is away). `field` is the path of the version.
 */
export function whyNobody(route: ModelRoute, asked: string | undefined, field: string): TributaryError {
  const listed = [...route.versions.values()].filter(({ version }) => asked === undefined || version === asked);
  const reachable = listed.filter(({ listedBy }) => [...listedBy.keys()].some(({ state }) => state === 'READY'));
  if (listed.length > 0 && reachable.length === 0) return refusal('NO_UPSTREAM', { model: route.name });
  return whyNoVersion(route.name, reachable, asked, field);
}

/** Paths of name and version in the request of a method. */
export function fieldNames(method: RpcMethod): readonly [name: string, version: string] {
  const isPlain =
    method.requestType.endsWith('.ModelReadyRequest') || method.requestType.endsWith('.ModelMetadataRequest');
  return isPlain ? ['name', 'version'] : ['model_name', 'model_version'];
}

function resolveDefault(table: RoutingTable, method: RpcMethod, version: string | undefined): Destination {
  const { path } = method;
  const candidates = (): readonly Upstream[] => {
    const entry = table.defaultOf(path);
    if (entry === undefined || version === undefined) return entry?.ready ?? [];
    const withVersion = new Set([...entry.models].flatMap((model) => readyFor(table, model, version)));
    return entry.ready.filter((upstream) => withVersion.has(upstream));
  };
  const models = [...(table.defaultOf(path)?.models ?? [])];
  const model = models.length === 1 ? models[0] : undefined;
  if (models.length === 0 && table.learned) throw refusal('MODEL_NO_DEFAULT', { method: path.slice(1) });
  if (candidates().length > 0) return { model, candidates };
  if (model === undefined) throw refusal('NO_UPSTREAM', { model: models.join(', ') });
  throw whyNobody(findModel(table, model, 'model_name'), version, 'model_version');
}

function readyFor(table: RoutingTable, model: string, version: string | undefined): readonly Upstream[] {
  const route = table.model(model);
  if (route === undefined || route.conflict) return [];
  return (version === undefined ? route.ready : route.versions.get(version)?.ready) ?? [];
}
