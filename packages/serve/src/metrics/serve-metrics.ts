import { statusName } from '@tributary/contract';
import type { Registry } from 'prom-client';
import type { Admission } from '../call/admission';
import { version } from '../version';
import { ConnectionCounts, dropReasons } from './connection-counts';
import { createMetrics, defineMetrics, type Metrics } from './define-metrics';
import { RelayCounts } from './relay-counts';
import type { HistogramSeries } from './histogram';

/** Upper bounds of call durations in seconds: from an answer out of memory to the longest deadline by default. */
export const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
] as const;

/** Metrics of every process, beside those of Node itself. */
export const serveMetricDefinitions = defineMetrics({
  requests: {
    type: 'counter',
    name: 'tributary_grpc_requests_total',
    help: 'Calls that have ended, by method and gRPC status. Calls of methods that do not exist have method "unknown".',
    labels: ['method', 'code'],
  },
  duration: {
    type: 'histogram',
    name: 'tributary_grpc_request_duration_seconds',
    help: 'Time from the request metadata to the decision on the status.',
    labels: ['method'],
    buckets: durationBuckets,
  },
  refusals: {
    type: 'counter',
    name: 'tributary_grpc_refusals_total',
    help: 'Calls that ended with an error of the catalogue (docs/errors.md), by reason.',
    labels: ['reason'],
  },
  callsInFlight: {
    type: 'gauge',
    name: 'tributary_grpc_calls_in_flight',
    help: 'Calls being worked on; at maxCallsInFlight more are refused.',
  },
  bytesInFlight: {
    type: 'gauge',
    name: 'tributary_grpc_request_bytes_in_flight',
    help: 'Bytes of requests that are arriving or being worked on; at maxBytesInFlight more are refused.',
  },
  connections: {
    type: 'gauge',
    name: 'tributary_grpc_connections',
    help: 'Connections that are open, of the gRPC port and the probe port; at maxConnections more are refused.',
  },
  connectionsDropped: {
    type: 'counter',
    name: 'tributary_grpc_connections_dropped_total',
    help: 'Connections that were refused or cut, by reason: "limit" (maxConnections), "peer_limit" (maxConnectionsPerPeer), "silent" (no HTTP/2 within 10 s), "flood" (more than 10,000 PINGs and SETTINGS a second), "protocol" (floods of other frames, endless headers, streams over the limit), "unread" (it had been closed and read nothing of what was still on its way to it). Those closed for their age or because they were idle are not among them.',
    labels: ['reason'],
  },
  relays: {
    type: 'gauge',
    name: 'tributary_relay_streams',
    help: 'Relays that are open: streams over which a router sends many calls.',
  },
  relayMessages: {
    type: 'counter',
    name: 'tributary_relay_messages_total',
    help: 'Messages of relays, by direction ("received" or "sent"). Each holds the calls or answers of one turn of the event loop.',
    labels: ['direction'],
  },
  relayCalls: {
    type: 'counter',
    name: 'tributary_relay_calls_total',
    help: 'Calls that came over relays; they are among tributary_grpc_requests_total too, by method.',
  },
  buildInfo: {
    type: 'gauge',
    name: 'tributary_build_info',
    help: 'Always 1; the labels say what runs.',
    labels: ['service', 'version', 'node'],
  },
});

/** Counts the calls of one method, in plain numbers: `publish` adds them to the registry. */
export class MethodMetrics {
  private readonly unpublished = new Map<number, number>();
  private readonly duration: HistogramSeries;

  constructor(
    private readonly metrics: Metrics<typeof serveMetricDefinitions>,
    private readonly label: string,
  ) {
    this.duration = metrics.duration.labels(label);
  }

  ended(code: number, seconds: number, reason: string | undefined): void {
    this.unpublished.set(code, (this.unpublished.get(code) ?? 0) + 1);
    this.duration.observe(seconds);
    if (reason !== undefined) this.metrics.refusals.inc({ reason });
  }

  publish(): void {
    for (const [code, count] of this.unpublished)
      this.metrics.requests.inc({ method: this.label, code: statusName(code) }, count);
    this.unpublished.clear();
  }
}

/** Makes the metrics of the door in a registry. */
export function createServeMetrics(
  registry: Registry,
  service: string,
  admission: Admission,
): {
  readonly metricsOf: (label: string) => MethodMetrics;
  readonly relayCounts: RelayCounts;
  readonly connectionCounts: ConnectionCounts;
} {
  const methods: MethodMetrics[] = [];
  const relayCounts = new RelayCounts();
  const connectionCounts = new ConnectionCounts();
  const metrics = createMetrics(registry, serveMetricDefinitions, {
    requests: () => {
      for (const method of methods) method.publish();
    },
    callsInFlight: (gauge) => gauge.set(admission.calls),
    bytesInFlight: (gauge) => gauge.set(admission.bytes),
    connections: (gauge) => gauge.set(connectionCounts.open),
    connectionsDropped: (counter) => {
      counter.reset();
      for (const reason of dropReasons) counter.inc({ reason }, connectionCounts.dropped[reason]);
    },
    relays: (gauge) => gauge.set(relayCounts.open),
    relayMessages: (counter) => {
      counter.reset();
      counter.inc({ direction: 'received' }, relayCounts.received);
      counter.inc({ direction: 'sent' }, relayCounts.sent);
    },
    relayCalls: (counter) => {
      counter.reset();
      counter.inc(relayCounts.calls);
    },
  });
  metrics.buildInfo.set({ service, version, node: process.versions.node }, 1);
  const metricsOf = (label: string): MethodMetrics => {
    const method = new MethodMetrics(metrics, label);
    methods.push(method);
    return method;
  };
  return { metricsOf, relayCounts, connectionCounts };
}
