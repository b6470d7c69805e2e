// The Grafana dashboard: rows of panels, each with its queries. `generate.mjs` makes dashboard.json of it.

const by = (labels, expr) => `sum by (${labels}) (${expr})`;
const rate = (series) => `rate(${series}[$__rate_interval])`;
const quantile = (q, histogram, labels) =>
  `histogram_quantile(${q}, ${by(`le, ${labels}`, rate(`${histogram}_bucket{job=~"$job"}`))})`;
const calls = 'tributary_grpc_requests_total{job=~"$job"}';
const mean = (sum, count) => `${rate(sum)} / (${rate(count)} > 0)`;

/** Unit as Grafana names it. A query is [expression, legend]. */
export const rows = [
  {
    title: 'Calls',
    panels: [
      { title: 'Calls a second', unit: 'reqps', queries: [[by('job', rate(calls)), '{{job}}']] },
      {
        title: 'Share of calls that fail',
        unit: 'percentunit',
        queries: [['tributary:calls:error_ratio5m{job=~"$job"}', '{{job}}']],
      },
      {
        title: 'Time to the answer, p50 and p99',
        unit: 's',
        queries: [
          [quantile(0.5, 'tributary_grpc_request_duration_seconds', 'job'), '{{job}} p50'],
          [quantile(0.99, 'tributary_grpc_request_duration_seconds', 'job'), '{{job}} p99'],
        ],
      },
      {
        title: 'Refusals a second, by reason',
        unit: 'reqps',
        queries: [[by('job, reason', rate('tributary_grpc_refusals_total{job=~"$job"}')), '{{job}} {{reason}}']],
      },
      {
        title: 'Calls in flight',
        unit: 'short',
        queries: [['tributary_grpc_calls_in_flight{job=~"$job"}', '{{instance}}']],
      },
      {
        title: 'Request bytes in flight',
        unit: 'bytes',
        queries: [['tributary_grpc_request_bytes_in_flight{job=~"$job"}', '{{instance}}']],
      },
    ],
  },
  {
    title: 'Models',
    panels: [
      {
        title: 'Inferences a second',
        unit: 'reqps',
        queries: [[by('model, version', rate('nv_inference_request_success{job=~"$job"}')), '{{model}}/{{version}}']],
      },
      {
        title: 'Queue',
        unit: 'short',
        queries: [['nv_inference_pending_request_count{job=~"$job"}', '{{model}}/{{version}} {{instance}}']],
      },
      {
        title: 'Time in the queue and in the run, p99',
        unit: 's',
        queries: [[quantile(0.99, 'tributary_inference_stage_seconds', 'model, stage'), '{{model}} {{stage}}']],
      },
      {
        title: 'Rows that run together, mean',
        unit: 'short',
        queries: [
          [mean('nv_inference_count{job=~"$job"}', 'nv_inference_exec_count{job=~"$job"}'), '{{model}} {{instance}}'],
        ],
      },
      {
        title: 'Busy lanes, and how many there are',
        unit: 'short',
        queries: [
          [by('instance', rate('tributary_lane_busy_seconds_total{job=~"$job"}')), '{{instance}} busy'],
          ['tributary_lanes{job=~"$job", kind="session"}', '{{instance}} lanes'],
        ],
      },
      {
        title: 'Task calls, p99',
        unit: 's',
        queries: [[quantile(0.99, 'tributary_task_duration_seconds', 'model, method'), '{{method}} ({{model}})']],
      },
    ],
  },
  {
    title: 'Router',
    panels: [
      {
        title: 'Calls a second, by upstream',
        unit: 'reqps',
        queries: [
          [by('upstream, code', rate('tributary_router_upstream_calls_total{job=~"$job"}')), '{{upstream}} {{code}}'],
        ],
      },
      {
        title: 'Outstanding calls, by upstream',
        unit: 'short',
        queries: [['tributary_router_upstream_outstanding_calls{job=~"$job"}', '{{upstream}}']],
      },
      {
        title: 'Upstreams that are ready',
        unit: 'short',
        queries: [[by('service', 'tributary_router_upstream_state{job=~"$job", state="READY"}'), '{{service}}']],
      },
      {
        title: 'Retries a second, and how many may follow',
        unit: 'short',
        queries: [
          [by('upstream', rate('tributary_router_retries_total{job=~"$job"}')), 'after {{upstream}}'],
          ['tributary_router_retry_budget{job=~"$job"}', '{{instance}} budget'],
        ],
      },
    ],
  },
  {
    title: 'Processes',
    panels: [
      {
        title: 'Cores in use',
        unit: 'short',
        queries: [[rate('process_cpu_seconds_total{job=~"$job"}'), '{{instance}}']],
      },
      { title: 'Memory', unit: 'bytes', queries: [['process_resident_memory_bytes{job=~"$job"}', '{{instance}}']] },
      {
        title: 'Event loop held up, p99',
        unit: 's',
        queries: [['nodejs_eventloop_lag_p99_seconds{job=~"$job"}', '{{instance}}']],
      },
      {
        title: 'Models that are not ready',
        unit: 'short',
        queries: [['1 - tributary_model_ready{job=~"$job"}', '{{model}}/{{version}} {{instance}}']],
      },
      {
        title: 'Workers that died',
        unit: 'short',
        queries: [['increase(tributary_lane_restarts_total{job=~"$job"}[$__rate_interval])', '{{instance}} {{kind}}']],
      },
      {
        title: 'Spans of traces a second, by outcome',
        unit: 'short',
        queries: [[by('job, outcome', rate('tributary_trace_spans_total{job=~"$job"}')), '{{job}} {{outcome}}']],
      },
    ],
  },
];
