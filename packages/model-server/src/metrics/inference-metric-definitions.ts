import { defineMetrics, durationBuckets } from '@tributary/serve';

const model = ['model', 'version'];

/** Upper bounds of the stages of an inference in seconds: from a copy of a few bytes to a run near its hard limit. */
const stageBuckets = [
  0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Metrics of every process that serves models: Triton's by their names, so that dashboards work, and ours. */
export const inferenceMetricDefinitions = defineMetrics({
  // First, because the registry reads metrics in this order, and reading this one brings the sums up to date.
  pending: {
    type: 'gauge',
    name: 'nv_inference_pending_request_count',
    help: 'Inferences waiting in the queue.',
    labels: model,
  },
  requestSuccess: {
    type: 'counter',
    name: 'nv_inference_request_success',
    help: 'Inferences that were answered.',
    labels: model,
  },
  requestFailure: {
    type: 'counter',
    name: 'nv_inference_request_failure',
    help: 'Inferences that were not answered; reason is REJECTED (refused before running), CANCELED or BACKEND (the run failed).',
    labels: [...model, 'reason'],
  },
  count: {
    type: 'counter',
    name: 'nv_inference_count',
    help: 'Rows that were answered; divided by nv_inference_exec_count it is the mean batch size.',
    labels: model,
  },
  execCount: {
    type: 'counter',
    name: 'nv_inference_exec_count',
    help: 'Runs of the model, each with the rows of one batch.',
    labels: model,
  },
  requestDuration: {
    type: 'counter',
    name: 'nv_inference_request_duration_us',
    help: 'Time of answered inferences from the queue to the answer, summed, in microseconds.',
    labels: model,
  },
  queueDuration: {
    type: 'counter',
    name: 'nv_inference_queue_duration_us',
    help: 'Time of answered inferences in the queue, summed, in microseconds.',
    labels: model,
  },
  computeInputDuration: {
    type: 'counter',
    name: 'nv_inference_compute_input_duration_us',
    help: 'Time of answered inferences being copied into their batch, summed, in microseconds.',
    labels: model,
  },
  computeInferDuration: {
    type: 'counter',
    name: 'nv_inference_compute_infer_duration_us',
    help: 'Time of answered inferences in the run of their batch, summed, in microseconds.',
    labels: model,
  },
  computeOutputDuration: {
    type: 'counter',
    name: 'nv_inference_compute_output_duration_us',
    help: 'Time of answered inferences being cut out of their batch, summed, in microseconds.',
    labels: model,
  },
  loadDuration: {
    type: 'gauge',
    name: 'nv_model_load_duration_secs',
    help: 'Time from the start of loading to the end of warm-up, of the models that are ready, in seconds.',
    labels: model,
  },
  stage: {
    type: 'histogram',
    name: 'tributary_inference_stage_seconds',
    help: 'Time of an answered inference by stage: queue, prepare (into the batch), inference, finish (out of the batch).',
    labels: [...model, 'stage'],
    buckets: stageBuckets,
  },
  batchRows: {
    type: 'histogram',
    name: 'tributary_batch_rows',
    help: 'Rows that ran together.',
    labels: model,
    buckets: [1, 2, 4, 8, 16, 32, 64, 128],
  },
  batches: {
    type: 'counter',
    name: 'tributary_batches_total',
    help: 'Runs of the model by why their batch was no larger; reason is full (most rows of a run), cost (more would not pay, by measured cost), deadline (more would be too late for one of them), bucket (what else waited was of another shape), idle_lane (a lane was idle and took what there was, or its share) or delay (the time to wait for company was over).',
    labels: [...model, 'reason'],
  },
  taskCalls: {
    type: 'counter',
    name: 'tributary_task_calls_total',
    help: 'Task calls that have ended; outcome is ok, rejected (by the task or at the door), cancelled or failed (a defect).',
    labels: [...model, 'method', 'outcome'],
  },
  taskDuration: {
    type: 'histogram',
    name: 'tributary_task_duration_seconds',
    help: 'Time of task calls that were answered, from their acceptance to the answer, waiting for a task lane included.',
    labels: [...model, 'method'],
    buckets: durationBuckets,
  },
  modelReady: {
    type: 'gauge',
    name: 'tributary_model_ready',
    help: '1 for a version that answers, 0 for one that is loading or could not be loaded.',
    labels: model,
  },
  queueLimit: {
    type: 'gauge',
    name: 'tributary_queue_limit',
    help: 'Most inferences that may wait in the queue of a version that is ready; more are refused.',
    labels: model,
  },
  laneBusy: {
    type: 'counter',
    name: 'tributary_lane_busy_seconds_total',
    help: 'Time in which session lanes (or the event loop, for models that run there) ran the model. Its rate is the number of lanes that are busy with it.',
    labels: model,
  },
  lanes: {
    type: 'gauge',
    name: 'tributary_lanes',
    help: 'Worker threads of the CPU plan; kind is session (runs models) or task (runs task code).',
    labels: ['kind'],
  },
  laneRestarts: {
    type: 'counter',
    name: 'tributary_lane_restarts_total',
    help: 'Worker threads that died and were replaced; kind is session (runs models) or task (runs task code).',
    labels: ['kind'],
  },
});
