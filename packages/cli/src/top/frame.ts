import { Metrics, quantileBetween } from './metrics-text';

/** What a process said, and when. */
export interface Reading {
  /** host:port of its metrics. */
  readonly address: string;
  readonly atMs: number;
  /** Undefined: it gave no answer. */
  readonly metrics: Metrics | undefined;
  /** Why it gave none. */
  readonly problem?: string;
}

/** What `tributary top` shows: the shape of `--json`. Rates are a second's; times are seconds, null where nothing was observed. */
export interface Frame {
  readonly processes: readonly {
    readonly name: string;
    readonly address: string;
    readonly up: boolean;
    readonly callsPerSecond: number;
    readonly p50Seconds: number | null;
    readonly p99Seconds: number | null;
    readonly inFlight: number;
    readonly failedPerSecond: number;
    readonly cores: number;
    readonly memoryBytes: number;
  }[];
  readonly models: readonly {
    readonly model: string;
    readonly version: string;
    readonly process: string;
    readonly ready: boolean;
    readonly perSecond: number;
    readonly queueP99Seconds: number | null;
    readonly runP99Seconds: number | null;
    readonly waiting: number;
    readonly rowsPerRun: number | null;
    readonly busyLanes: number;
    readonly lanes: number;
  }[];
  readonly upstreams: readonly {
    readonly address: string;
    readonly service: string;
    readonly state: string;
    readonly hop: string;
    readonly outstanding: number;
    readonly callsPerSecond: number;
    readonly retriesPerSecond: number;
  }[];
}

type Process = Frame['processes'][number];
type Labels = Readonly<Record<string, string>>;

/** Two readings of one process. */
class Change {
  readonly metrics: Metrics;
  private readonly before: Metrics;
  private readonly seconds: number;

  constructor(before: Reading | undefined, after: Reading) {
    this.metrics = after.metrics ?? new Metrics('');
    // A process that has just come has no past; one that began anew counts from 0.
    this.before = before?.metrics ?? this.metrics;
    this.seconds = before === undefined ? 1 : (after.atMs - before.atMs) / 1000;
  }

  grown(name: string, labels: Labels = {}): number {
    return Math.max(0, this.metrics.sum(name, labels) - this.before.sum(name, labels));
  }

  rate(name: string, labels: Labels = {}): number {
    return this.grown(name, labels) / this.seconds;
  }

  quantile(
    share: number,
    histogram: string,
    labels: Labels,
    but: (labels: Labels) => boolean = () => true,
  ): number | null {
    const samples = (metrics: Metrics) =>
      metrics.of(`${histogram}_bucket`, labels).filter((sample) => but(sample.labels));
    return quantileBetween(share, samples(this.before), samples(this.metrics)) ?? null;
  }
}

/** Puts two rounds of readings together. */
export function toFrame(before: readonly Reading[], after: readonly Reading[]): Frame {
  const changes = after.map((reading) => {
    const change = new Change(
      before.find(({ address }) => address === reading.address),
      reading,
    );
    return { reading, change, process: toProcess(reading, change) };
  });
  return {
    processes: changes.map(({ process }) => process),
    models: changes.flatMap(({ process, change }) => toModels(process, change)),
    upstreams: changes.flatMap(({ change }) => toUpstreams(change)),
  };
}

function toProcess({ address, metrics }: Reading, change: Change): Process {
  const good = change.rate('tributary_grpc_requests_total', { code: 'OK' });
  const all = change.rate('tributary_grpc_requests_total');
  const durations = 'tributary_grpc_request_duration_seconds';
  // Streams that stay open say nothing of answers.
  const isAnswer = ({ method = '' }: Labels): boolean => !/\/Watch|^tributary\.relay/.test(method);
  return {
    name: change.metrics.values('tributary_build_info', 'service')[0] ?? '?',
    address,
    up: metrics !== undefined,
    callsPerSecond: all,
    p50Seconds: change.quantile(0.5, durations, {}, isAnswer),
    p99Seconds: change.quantile(0.99, durations, {}, isAnswer),
    inFlight: change.metrics.sum('tributary_grpc_calls_in_flight'),
    failedPerSecond: all - good,
    cores: change.rate('process_cpu_seconds_total'),
    memoryBytes: change.metrics.sum('process_resident_memory_bytes'),
  };
}

function toModels({ name }: Process, change: Change): Frame['models'] {
  return change.metrics.of('tributary_model_ready').map(({ labels, value }) => {
    const { model = '', version = '' } = labels;
    const key = { model, version };
    const runs = change.grown('nv_inference_exec_count', key);
    const stage = (which: string) =>
      change.quantile(0.99, 'tributary_inference_stage_seconds', { ...key, stage: which });
    return {
      ...key,
      process: name,
      ready: value === 1,
      perSecond: change.rate('nv_inference_request_success', key),
      queueP99Seconds: stage('queue'),
      runP99Seconds: stage('inference'),
      waiting: change.metrics.sum('nv_inference_pending_request_count', key),
      rowsPerRun: runs > 0 ? change.grown('nv_inference_count', key) / runs : null,
      busyLanes: change.rate('tributary_lane_busy_seconds_total', key),
      lanes: change.metrics.sum('tributary_lanes', { kind: 'session' }),
    };
  });
}

function toUpstreams(change: Change): Frame['upstreams'] {
  return change.metrics.of('tributary_router_upstream_state').flatMap(({ labels, value }) => {
    const { upstream = '', service = '', state = '' } = labels;
    if (value !== 1) return [];
    const hops = change.metrics.of('tributary_router_upstream_hop', { upstream });
    return {
      address: upstream,
      service,
      state,
      hop: hops.find((hop) => hop.value === 1)?.labels.hop ?? 'none',
      outstanding: change.metrics.sum('tributary_router_upstream_outstanding_calls', { upstream }),
      callsPerSecond: change.rate('tributary_router_upstream_calls_total', { upstream }),
      retriesPerSecond: change.rate('tributary_router_retries_total', { upstream }),
    };
  });
}
