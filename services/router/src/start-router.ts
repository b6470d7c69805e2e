import {
  createBalancer,
  createChannelHop,
  createRelayHop,
  createRetryBudget,
  createUpstreams,
  type Upstream,
  type UpstreamState,
} from '@tributary/client';
import { rpcMethods, type tributary } from '@tributary/contract';
import { serve, type Method, type RunningServer, type ServeOptions } from '@tributary/serve';
import { InitialSync } from './initial-sync';
import { forward } from './forward';
import { forwardStream, passThrough } from './forward-stream';
import { RequestBuffers } from './request-buffers';
import { ownRpcs } from './own-rpcs';
import { ownAddressAmong } from './own-address';
import { plainReason } from './plain-reason';
import { routesMessage } from './route-messages';
import { RouterHealth } from './router-health';
import { createRouterMetrics } from './router-metrics';
import { RoutingTable } from './routing-table';
import { parsePassThrough, type RouterSettings } from './settings';
import { watchUpstreamSecurity } from './upstream-security';
import { watchRoutes } from './watch-routes';

export interface RouterOptions extends Pick<ServeOptions, 'log' | 'registry' | 'tracer'> {
  readonly settings: RouterSettings;
}

/**
 * Follows the upstreams and serves every RPC of protos/ that is about a model, and its own.
 * @throws StartError where a port cannot be had, Error where an upstream is not an address
 */
export async function startRouter({ settings, log, registry, tracer }: RouterOptions): Promise<RunningServer> {
  const security = watchUpstreamSecurity(settings, log);
  let exiting = false;
  const table = new RoutingTable(() => upstreams.resolved());
  const list = (): readonly Upstream[] => upstreams.list();
  const health = new RouterHealth(table, list, () => sight.isOver);
  const sight = new InitialSync(
    () => upstreams.resolved() && list().length > 0 && list().every(({ state }) => state !== 'CONNECTING'),
    () => health.changed(),
  );
  // The calls that one replica of three takes with it at full load.
  const budget = createRetryBudget(settings.maxCallsInFlight / 3);
  const metrics = createRouterMetrics(registry, list, (model) => table.model(model) !== undefined, budget);
  const states = new Map<Upstream, UpstreamState>();
  /** By address. */
  const plainReasons = new Map<string, string>();
  const routes = (): tributary.router.v1.ListRoutesResponse.$Properties =>
    routesMessage(table, list(), (address) => plainReasons.get(address) ?? 'set so by hop=plain');

  const upstreams = createUpstreams({
    targets: settings.upstreams,
    resolveIntervalMs: settings.resolveIntervalMs,
    ...(settings.subsetSize > 0 && {
      subset: {
        size: settings.subsetSize,
        routers: settings.routers,
        self: (routers) => ownAddressAmong(routers, settings.grpcPort),
      },
    }),
    createHop: (address, host) =>
      settings.hop === 'plain'
        ? createChannelHop(address, { ...settings, ...security.of(host) })
        : createRelayHop(address, {
            ...settings,
            ...security.of(host),
            onHop: (hop, reason) => {
              if (hop === 'relay') return;
              plainReasons.set(address, plainReason(reason));
              log.warn({ upstream: address, reason }, 'no relay here: calls go by the plain hop');
            },
          }),
    onChange: (upstream) => {
      const { address, service, state } = upstream;
      if (states.get(upstream) !== state) log.info({ upstream: address, service, state }, 'upstream changed');
      states.set(upstream, state);
      table.update(upstream);
      sight.changed();
      health.changed();
    },
    onRemoved: (upstream) => {
      log.info({ upstream: upstream.address }, 'upstream removed');
      states.delete(upstream);
      plainReasons.delete(upstream.address);
      table.remove(upstream);
      sight.changed();
      health.changed();
    },
    onResolveError: (host, error) => {
      log.warn({ host, err: error }, 'name of upstreams cannot be resolved; those found last stay');
    },
  });

  const balancer = createBalancer({ budget });
  const own = ownRpcs({ table, routes, ready: () => health.ready(), exiting: () => exiting });
  const routed = [...rpcMethods.values()].filter(
    ({ modelNameField, path }) => modelNameField !== undefined && !own.has(path),
  );
  const forwarding = {
    table,
    sight,
    balancer,
    buffers: new RequestBuffers(),
    settings,
    tracer,
    observe: metrics.callEnded,
  };
  const methods: Method[] = [
    ...[...own].map(([path, handler]) => ({ path, kind: 'unary' as const, role: 'observe' as const, handler })),
    {
      path: '/tributary.router.v1.RouterService/WatchRoutes',
      kind: 'serverStream',
      role: 'observe',
      openEnded: true,
      handler: watchRoutes(routes, (listener) => health.onChange(listener)),
    },
    ...routed.map((method): Method => {
      const { path, requestStream, responseStream } = method;
      const role = observing.has(path) ? 'observe' : 'infer';
      if (requestStream || responseStream) {
        return { path, kind: 'bidi', role, handler: forwardStream(method, forwarding) };
      }
      return { path, kind: 'unaryInPieces', role, handler: forward(method, forwarding) };
    }),
    ...settings.passThrough.map(parsePassThrough).map(({ service, kind }): Method => {
      const handler = passThrough(() => table.readyOfKind(kind), forwarding);
      return { path: `/${service}/*`, kind: 'bidi', role: 'infer', handler };
    }),
  ];
  const services = [...new Set([...own.keys(), ...routed.map(({ path }) => path)].map(serviceOf))];

  try {
    const server = await serve({
      ...{ name: 'router', settings, log, registry, tracer, methods, health, services },
      // Callers know more than one router, and send again what a lost one has not begun to answer.
      trailersAtOnce: true,
    });
    return {
      ...server,
      drain: async () => {
        exiting = true;
        const result = await server.drain();
        sight.close();
        upstreams.close();
        security.close();
        return result;
      },
    };
  } catch (error) {
    sight.close();
    upstreams.close();
    security.close();
    throw error;
  }
}

/** RPCs about a model that have nothing run. */
const observing: ReadonlySet<string> = new Set(['/inference.GRPCInferenceService/ModelMetadata']);

function serviceOf(path: string): string {
  return path.slice(1, path.lastIndexOf('/'));
}
