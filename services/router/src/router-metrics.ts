import { Status, statusName } from '@tributary/contract';
import type { HopKind, RetryBudget, Upstream, UpstreamState } from '@tributary/client';
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
  retryBudget: {
    type: 'gauge',
    name: 'tributary_router_retry_budget',
    help: 'Retries that may be made now. Each takes one; ten calls that were answered well give one back. Below 1 calls that fail are not tried again.',
  },
  sentBytes: {
    type: 'counter',
    name: 'tributary_router_upstream_sent_bytes_total',
    help: 'Bytes of requests that went to an upstream, each message of a stream included, without metadata and framing.',
    labels: ['upstream'],
  },
  receivedBytes: {
    type: 'counter',
    name: 'tributary_router_upstream_received_bytes_total',
    help: 'Bytes of answers that came from an upstream, counted alike.',
    labels: ['upstream'],
  },
  relayedCalls: {
    type: 'counter',
    name: 'tributary_router_upstream_relayed_calls_total',
    help: 'Attempts that went over the relay; the others had a stream of their own. See docs/relay.md.',
    labels: ['upstream'],
  },
  relayMessages: {
    type: 'counter',
    name: 'tributary_router_upstream_relay_messages_sent_total',
    help: 'Messages in which they went. Relayed calls over messages: how many calls share one.',
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
  hop: {
    type: 'gauge',
    name: 'tributary_router_upstream_hop',
    help: 'How calls get to an upstream: 1 for the hop in use, 0 for the other, and for both while there is no connection.',
    labels: ['upstream', 'hop'],
  },
});

const states: readonly UpstreamState[] = ['CONNECTING', 'READY', 'NOT_SERVING'];
const hops: readonly HopKind[] = ['relay', 'plain'];

/** Counts what upstreams do not count themselves. */
export interface RouterMetrics {
  /** `model` is a name of the routing table. */
  readonly callEnded: (model: string | undefined, code: number) => void;
}

/**
 * Makes the metrics in a registry. What a call changes are plain numbers, which become samples when somebody reads them. An upstream
 * that is gone is not there to be read, and its series are gone with it; so are those of a model that no upstream lists any more.
 */
export function createRouterMetrics(
  registry: ServeOptions['registry'],
  upstreams: () => readonly Upstream[],
  isListed: (model: string) => boolean,
  budget: RetryBudget,
): RouterMetrics {
  const models = new Map<string, number[]>();

  /** Fills a metric anew from each upstream; `samples` adds those of one. */
  const ofEach =
    <M extends { reset(): void }>(samples: (metric: M, upstream: Upstream) => void) =>
    (metric: M): void => {
      metric.reset();
      for (const upstream of upstreams()) samples(metric, upstream);
    };

  createMetrics(registry, routerMetricDefinitions, {
    upstreamCalls: ofEach((counter, { address, counts }) => {
      counts.ended.forEach((count, code) => {
        if (count > 0) counter.inc({ upstream: address, code: statusName(code) }, count);
      });
    }),
    retries: ofEach((counter, { address, counts }) => counter.inc({ upstream: address }, counts.retries)),
    retryBudget: (gauge) => gauge.set(budget.left),
    sentBytes: ofEach((counter, { address, counts }) => counter.inc({ upstream: address }, counts.bytesSent)),
    receivedBytes: ofEach((counter, { address, counts }) => counter.inc({ upstream: address }, counts.bytesReceived)),
    relayedCalls: ofEach((counter, { address, relayed }) => counter.inc({ upstream: address }, relayed?.calls ?? 0)),
    relayMessages: ofEach((counter, { address, relayed }) => {
      counter.inc({ upstream: address }, relayed?.messagesSent ?? 0);
    }),
    modelCalls: (counter) => {
      counter.reset();
      for (const [model, ended] of models) {
        if (!isListed(model)) {
          models.delete(model);
          continue;
        }
        ended.forEach((count, code) => {
          if (count > 0) counter.inc({ model, code: statusName(code) }, count);
        });
      }
    },
    outstanding: ofEach((gauge, { address, outstanding }) => gauge.set({ upstream: address }, outstanding)),
    state: ofEach((gauge, { address, service, state }) => {
      for (const each of states) gauge.set({ upstream: address, service, state: each }, each === state ? 1 : 0);
    }),
    hop: ofEach((gauge, { address, hop, state }) => {
      for (const each of hops)
        gauge.set({ upstream: address, hop: each }, state !== 'CONNECTING' && each === hop ? 1 : 0);
    }),
  });

  return {
    callEnded: (model, code) => {
      if (model === undefined) return;
      let ended = models.get(model);
      if (ended === undefined) models.set(model, (ended = Array.from({ length: Status.UNAUTHENTICATED + 1 }, () => 0)));
      ended[code in ended ? code : Status.UNKNOWN]! += 1;
    },
  };
}
