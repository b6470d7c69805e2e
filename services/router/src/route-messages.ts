import type { ServedModel, Upstream } from '@tributary/client';
import { tributary } from '@tributary/contract';
import { batchingOf, sortedVersions, type ModelRoute, type RoutingTable } from './routing-table';

const { Hop, UpstreamState } = tributary.router.v1;

/** What the router knows, as ListRoutes and WatchRoutes say it. `plainReason`: why calls to an address go plainly. */
export function routesMessage(
  table: RoutingTable,
  upstreams: readonly Upstream[],
  plainReason: (address: string) => string,
): tributary.router.v1.ListRoutesResponse.$Properties {
  return {
    routes: table.list().flatMap(routesOf),
    upstreams: upstreams.map((upstream) => wireUpstream(upstream, plainReason)).sort(byAddress),
  };
}

function routesOf(route: ModelRoute): tributary.router.v1.Route.$Properties[] {
  return sortedVersions(route).map(({ version: number, listedBy, ready }) => {
    const models = [...listedBy.values()];
    return {
      modelName: route.name,
      modelVersion: number,
      upstreams: ready.map(({ address }) => address).sort(),
      methods: rpcNames(models, ({ methods }) => methods),
      defaultOf: rpcNames(models, ({ defaultOf }) => defaultOf),
      refused: route.conflict ? 'CONFLICT' : '',
      batching: batchingOf(listedBy),
    };
  });
}

/** Without the leading slash of paths. */
function rpcNames(models: readonly ServedModel[], pathsOf: (model: ServedModel) => ReadonlySet<string>): string[] {
  return [...new Set(models.flatMap((model) => [...pathsOf(model)]))].map((path) => path.slice(1)).sort();
}

function wireUpstream(
  upstream: Upstream,
  plainReason: (address: string) => string,
): tributary.router.v1.Upstream.$Properties {
  const { address, service, state, outstanding, counts, relayed } = upstream;
  const hop = state === 'CONNECTING' ? undefined : upstream.hop;
  return {
    address,
    service,
    state: UpstreamState[`UPSTREAM_STATE_${state}`],
    outstanding,
    hop: hop === undefined ? Hop.HOP_UNSPECIFIED : hop === 'relay' ? Hop.HOP_RELAY : Hop.HOP_PLAIN,
    plainReason: hop === 'plain' ? plainReason(address) : '',
    calls: counts.calls,
    retries: counts.retries,
    relayedCalls: relayed?.calls ?? 0,
    relayMessages: relayed?.messagesSent ?? 0,
    sentBytes: counts.bytesSent,
    receivedBytes: counts.bytesReceived,
  };
}

function byAddress(a: { address?: string | null }, b: { address?: string | null }): number {
  return (a.address ?? '') < (b.address ?? '') ? -1 : 1;
}
