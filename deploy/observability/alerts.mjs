// What Prometheus watches. `generate.mjs` makes rules/tributary.yaml and the tables of docs/observability.md of it.

/** Calls that a person would call failed: the fault is the system's. */
const failed = 'code=~"UNKNOWN|INTERNAL|UNAVAILABLE|DATA_LOSS|DEADLINE_EXCEEDED"';
/** Streams that stay open, and probes, say nothing about how long an answer takes. */
const work = 'method!~"grpc\\\\..*|unknown|.*/Watch.*|tributary.relay.*"';
const overload = 'reason=~"QUEUE_FULL|WAIT_TOO_LONG|CALLS_IN_FLIGHT|BYTES_IN_FLIGHT"';

/** Share of calls that may take longer than `slowAfterSeconds`: the objective is 99 % within it, over 30 days. */
const slowBudget = 0.01;
const slowAfterSeconds = 0.5;

const slowRatio = (window) =>
  `1 - (sum by (job) (rate(tributary_grpc_request_duration_seconds_bucket{${work}, le="${slowAfterSeconds}"}[${window}]))` +
  ` / sum by (job) (rate(tributary_grpc_request_duration_seconds_count{${work}}[${window}])))`;
const burns = (long, short, factor) =>
  `tributary:calls:slow_ratio${long} > ${factor} * ${slowBudget} and tributary:calls:slow_ratio${short} > ${factor} * ${slowBudget}`;

/** Series that alerts and the dashboard share. */
export const records = [
  {
    record: 'tributary:calls:error_ratio5m',
    expr: `sum by (job) (rate(tributary_grpc_requests_total{${failed}}[5m])) / sum by (job) (rate(tributary_grpc_requests_total[5m]))`,
  },
  ...['5m', '30m', '1h', '6h'].map((window) => ({
    record: `tributary:calls:slow_ratio${window}`,
    expr: slowRatio(window),
  })),
];

export const alerts = [
  {
    alert: 'TributaryCallsFail',
    expr: 'tributary:calls:error_ratio5m > 0.01',
    for: '5m',
    severity: 'page',
    summary: 'More than 1 % of the calls to {{ $labels.job }} fail by its own fault.',
    remedy:
      "The log of the process has a line for each, by reason; the router's upstream calls by code tell which replica.",
  },
  {
    alert: 'TributaryLatencyBudgetBurnsFast',
    expr: burns('1h', '5m', 14.4),
    for: '2m',
    severity: 'page',
    summary: `Of the calls to {{ $labels.job }} so many take longer than ${slowAfterSeconds * 1000} ms that a month's budget is gone in two days.`,
    remedy:
      'Look at queue time by model and at busy lanes: add replicas or cores, or find the model whose runs got longer.',
  },
  {
    alert: 'TributaryLatencyBudgetBurns',
    expr: burns('6h', '30m', 6),
    for: '15m',
    severity: 'ticket',
    summary: `Of the calls to {{ $labels.job }} so many take longer than ${slowAfterSeconds * 1000} ms that a month's budget is gone in five days.`,
    remedy: 'As above, with less haste.',
  },
  {
    alert: 'TributaryQueueNearBound',
    expr: 'nv_inference_pending_request_count / on (job, instance, model, version) (tributary_queue_limit > 0) > 0.8',
    for: '2m',
    severity: 'ticket',
    summary: 'The queue of {{ $labels.model }} in {{ $labels.instance }} is more than 80 % full.',
    remedy: 'Calls are about to be refused: add replicas, or cores.',
  },
  {
    alert: 'TributaryRefusesForOverload',
    expr: `sum by (job, reason) (rate(tributary_grpc_refusals_total{${overload}}[5m])) / on (job) group_left () sum by (job) (rate(tributary_grpc_requests_total[5m])) > 0.01`,
    for: '5m',
    severity: 'ticket',
    summary: '{{ $labels.job }} refuses more than 1 % of its calls with {{ $labels.reason }}.',
    remedy: 'It has more work than it can do in time: add replicas, or cores; or callers send more than was agreed.',
  },
  {
    alert: 'TributaryModelNotReady',
    expr: 'tributary_model_ready == 0',
    for: '5m',
    severity: 'ticket',
    summary: 'Version {{ $labels.version }} of {{ $labels.model }} does not answer in {{ $labels.instance }}.',
    remedy: 'RepositoryIndex and the log give the reason.',
  },
  {
    alert: 'TributaryWorkersDie',
    expr: 'increase(tributary_lane_restarts_total[15m]) > 2',
    for: '0m',
    severity: 'ticket',
    summary: 'The runner or worker threads ({{ $labels.kind }}) of {{ $labels.instance }} die again and again.',
    remedy: 'The log names the model that each of them worked for, and how it died.',
  },
  {
    alert: 'TributaryRunsCrash',
    expr: 'sum by (job, instance) (increase(tributary_grpc_refusals_total{reason=~"RUN_CRASHED|WORKER_CRASHED"}[5m])) > 0',
    for: '0m',
    severity: 'page',
    summary:
      'Requests in {{ $labels.instance }} crash the runner or a worker; a model that crashes again and again rests.',
    remedy:
      'The log has the model and the requests that did it. A resting model is tried again by itself, after 10 s at first and 5 min at last.',
  },
  {
    alert: 'TributaryUpstreamDown',
    expr: 'tributary_router_upstream_state{state="READY"} == 0',
    for: '2m',
    severity: 'ticket',
    summary: 'The router {{ $labels.instance }} sends nothing to {{ $labels.upstream }}: it is not ready.',
    remedy:
      '`npm run routes` shows its state: CONNECTING (gone, or not reachable) or NOT_SERVING (it loads or drains).',
  },
  {
    alert: 'TributaryRetriesSpent',
    expr: 'tributary_router_retry_budget < 1',
    for: '1m',
    severity: 'page',
    summary: 'The router {{ $labels.instance }} has no retries left: calls that a replica loses fail.',
    remedy: 'More is lost than single deaths explain: look at upstream calls by code.',
  },
  {
    alert: 'TributaryTracesLost',
    expr: 'sum by (job, instance) (rate(tributary_trace_spans_total{outcome=~"dropped|failed"}[10m])) > 0',
    for: '10m',
    severity: 'ticket',
    summary: 'Spans of {{ $labels.instance }} do not reach the collector.',
    remedy: 'failed: the collector is away or refuses them, the log says how. dropped: lower tracesSampling.',
  },
  {
    alert: 'TributaryProcessDown',
    expr: 'up{job=~".*(tributary|router|image|nlp|recommendation).*"} == 0',
    for: '2m',
    severity: 'page',
    summary: '{{ $labels.instance }} ({{ $labels.job }}) gives no metrics.',
    remedy: 'It is gone, or its event loop is held up.',
  },
];
