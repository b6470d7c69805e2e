import { statusName } from '@tributary/contract';
import type { HopAnswer, Upstream, UpstreamState } from '@tributary/client';
import { createMetrics, defineMetrics, type ServeOptions } from '@tributary/serve';

/** Metrics of the router, beside those of every process. */
export const routerMetricDefinitions = defineMetrics({
  upstreamCalls: {
    type: 'counter',
    name: 'tributary_router_upstream_calls_total',
    help: 'Attempts that have ended, by upstream and gRPC status; a call that was tried twice counts at both.',
    labels: ['upstream', 'code'],
  },
  retries: {
    type: 'counter',
    name: 'tributary_router_retries_total',
    help: 'Calls that were tried a second time, by the upstream of the first attempt.',
    labels: ['upstream'],
  },
  modelCalls: {
    type: 'counter',
    name: 'tributary_router_model_calls_total',
    help: 'Calls that were passed on, by model and gRPC status. Names that no upstream lists are not counted here.',
    labels: ['model', 'code'],
  },
  outstanding: {
    type: 'gauge',
    name: 'tributary_router_upstream_outstanding_calls',
    help: 'Calls sent to an upstream and not answered yet.',
    labels: ['upstream'],
  },
  state: {
    type: 'gauge',
    name: 'tributary_router_upstream_state',
    help: 'State of an upstream: 1 for the one it is in, 0 for the others. Only READY upstreams get calls.',
    labels: ['upstream', 'service', 'state'],
  },
});

const states: readonly UpstreamState[] = ['CONNECTING', 'READY', 'NOT_SERVING'];

/** Counts what the router does. */
export interface RouterMetrics {
  readonly attemptEnded: (upstream: Upstream, answer: HopAnswer, retried: boolean) => void;
  /** `model` is a name of the routing table. */
  readonly callEnded: (model: string | undefined, code: number) => void;
  /** Forgets what is known of an upstream that is gone for good. */
  readonly removed: (upstream: Upstream) => void;
}

/** Makes the metrics in a registry; the gauges ask `upstreams` when they are read. */
export function createRouterMetrics(
  registry: ServeOptions['registry'],
  upstreams: () => readonly Upstream[],
): RouterMetrics {
  const metrics = createMetrics(registry, routerMetricDefinitions, {
    outstanding: (gauge) => {
      gauge.reset();
      for (const { address, outstanding } of upstreams()) gauge.set({ upstream: address }, outstanding);
    },
    state: (gauge) => {
      gauge.reset();
      for (const { address, service, state } of upstreams()) {
        for (const each of states) gauge.set({ upstream: address, service, state: each }, each === state ? 1 : 0);
      }
    },
  });
  return {
    attemptEnded: ({ address }, { code }, retried) => {
      metrics.upstreamCalls.inc({ upstream: address, code: statusName(code) });
      if (retried) metrics.retries.inc({ upstream: address });
    },
    callEnded: (model, code) => {
      if (model !== undefined) metrics.modelCalls.inc({ model, code: statusName(code) });
    },
    removed: ({ address }) => {
      metrics.retries.remove({ upstream: address });
      for (let code = 0; code <= 16; code++) {
        metrics.upstreamCalls.remove({ upstream: address, code: statusName(code) });
      }
    },
  };
}
