import { assertModelName, decodeMessage, inference, parseModelVersion, refusal, tributary } from '@tributary/contract';
import { version, type UnaryHandler } from '@tributary/serve';
import { findModel, isAnswered, whyNobody } from './resolve-call';
import { batchingOf, sortedVersions, type ModelRoute, type RoutingTable } from './routing-table';

/** Extensions of Open Inference that work through the router, under the names that clients look for. */
const extensions = ['binary_tensor_data', 'classification', 'parameters', 'schedule_policy'];

export interface OwnRpcsOptions {
  readonly table: RoutingTable;
  /** What ListRoutes answers. */
  readonly routes: () => tributary.router.v1.ListRoutesResponse.$Properties;
  readonly ready: () => boolean;
  /** True once the process drains. */
  readonly exiting: () => boolean;
}

/** RPCs that the router answers itself, by path. */
export function ownRpcs(options: OwnRpcsOptions): ReadonlyMap<string, UnaryHandler> {
  const { table } = options;
  return new Map<string, UnaryHandler>([
    [
      '/inference.GRPCInferenceService/ServerLive',
      answering((request) => {
        decodeMessage(inference.ServerLiveRequest, request);
        refuseExiting(options);
        return inference.ServerLiveResponse.encode({ live: true });
      }),
    ],
    [
      '/inference.GRPCInferenceService/ServerReady',
      answering((request) => {
        decodeMessage(inference.ServerReadyRequest, request);
        refuseExiting(options);
        return inference.ServerReadyResponse.encode({ ready: options.ready() });
      }),
    ],
    [
      '/inference.GRPCInferenceService/ServerMetadata',
      answering((request) => {
        decodeMessage(inference.ServerMetadataRequest, request);
        return inference.ServerMetadataResponse.encode({ name: 'tributary-router', version, extensions });
      }),
    ],
    [
      '/inference.GRPCInferenceService/ModelReady',
      answering((request) => {
        const { name, version: asked } = decodeMessage(inference.ModelReadyRequest, request);
        assertModelName(name, 'name');
        const number = parseModelVersion(asked, 'version');
        const route = findModel(table, name, 'name');
        const ready = isAnswered(route, number);
        const why = ready ? undefined : whyNobody(route, number, 'version');
        if (why?.reason === 'MODEL_VERSION_NOT_FOUND') throw why;
        return inference.ModelReadyResponse.encode({ ready });
      }),
    ],
    [
      '/inference.GRPCInferenceService/RepositoryIndex',
      answering((request) => {
        const { ready } = decodeMessage(inference.RepositoryIndexRequest, request);
        const models = table.list().flatMap(indexOf);
        return inference.RepositoryIndexResponse.encode({
          models: ready ? models.filter(({ state }) => state === 'READY') : models,
        });
      }),
    ],
    [
      '/tributary.router.v1.RouterService/ListRoutes',
      answering((request) => {
        decodeMessage(tributary.router.v1.ListRoutesRequest, request);
        return tributary.router.v1.ListRoutesResponse.encode(options.routes());
      }),
    ],
  ]);
}

function answering(handler: (request: Uint8Array) => { finish(): Uint8Array }): UnaryHandler {
  // Async, so that what the handler throws becomes a rejection.
  // eslint-disable-next-line @typescript-eslint/require-await
  return async (request) => handler(request).finish();
}

function refuseExiting({ exiting }: OwnRpcsOptions): void {
  if (exiting()) throw refusal('SERVER_EXITING', {});
}

/** A version is READY where anybody answers for it; else it is what the upstreams last said of it. */
function indexOf(route: ModelRoute): inference.RepositoryIndexResponse.ModelIndex.$Properties[] {
  return sortedVersions(route).map(({ version: number, listedBy, ready }) => {
    const row = { name: route.name, version: number };
    if (route.conflict) {
      return { ...row, state: 'UNAVAILABLE', reason: reasonText(refusal('MODEL_CONFLICT', { model: route.name })) };
    }
    if (ready.length > 0) return { ...row, state: 'READY', reason: batchingOf(listedBy) };
    const reachable = [...listedBy].filter(([upstream]) => upstream.state !== 'CONNECTING').map(([, model]) => model);
    const told = reachable.find(({ state }) => state === 'LOADING') ?? reachable.find(({ state }) => state !== 'READY');
    if (told !== undefined) return { ...row, state: told.state, reason: told.reason };
    return { ...row, state: 'UNAVAILABLE', reason: reasonText(refusal('NO_UPSTREAM', { model: route.name })) };
  });
}

function reasonText({ reason, message }: { readonly reason: string; readonly message: string }): string {
  return `${reason}: ${message}`;
}
