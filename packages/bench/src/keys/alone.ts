import { frameMessage } from '../load/frame';
import { callOnce } from '../load/grpc-connection';
import type { LoadRequest } from '../load/load-plan';
import { measureRatio } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { served, type Load } from '../measure/served';
import { startEchoServer } from '../servers/echo-server';
import { keepOnLanes, makeMlpWorkload } from '../workloads/mlp';
import { modelInferPath } from '../workloads/tensor-workload';
import { atMost, windowOf, type Bench, type Key } from './key';
import { startTensorService } from './small';

/** Window of a measurement, in milliseconds: some thousand calls one after another. */
const windowMs = 2000;
/** Rows that a run has at most before costs are learnt. */
const usualBatchSize = 8;
/** model.json that sets nothing: what a model gets that is laid down as it is. */
const shippedSettings = {};

/** One call, and the next one when it is answered. */
export function aloneLoad(requests: readonly LoadRequest[]): Load {
  return { path: modelInferPath, requests, connections: 1, mode: { kind: 'closed', inFlightPerConnection: 1 } };
}

function planOf(bench: Bench): Parameters<typeof measureRatio>[2] {
  return { rounds: bench.rounds, window: windowOf(bench, windowMs), figure: 'p50Ms' };
}

/** What a caller who is alone waits for, beside what gRPC on Node costs anyway. */
export const aloneTinyOverEcho: Key = {
  name: 'alone.tiny_over_echo',
  meaning: 'p50 of the MLP on default settings, one call in flight / p50 of the grpc-js echo of the same bytes',
  target: atMost(1.3),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const { repository, requests } = await makeMlpWorkload(bench, { name: 'mlp', settings: shippedSettings });
    const service = await startTensorService(bench, repository);
    const answer = await callOnce(service.port, modelInferPath, frameMessage(requests[0]!.message));
    const echo = await startEchoServer(bench.group, { path: modelInferPath, answer });
    const echoed = requests.map(({ message }): LoadRequest => ({
      message,
      check: { kind: 'bytes', expected: answer },
    }));
    return measureRatio(
      served(bench.generator, service, aloneLoad(requests)),
      served(bench.generator, echo, aloneLoad(echoed)),
      planOf(bench),
      bench.onMeasured,
    );
  },
};

/** What a caller who is alone pays for the chance that others might come. */
export const aloneBatchingCost: Key = {
  name: 'alone.batching_cost',
  meaning:
    'p50 of the MLP, one call in flight, batched as models are by default / with batching off, both on session lanes',
  target: atMost(1.05),
  steps: ({ rounds }) => measurementsOf(rounds),
  async measure(bench) {
    const on = await makeMlpWorkload(bench, { name: 'mlp-batched', settings: shippedSettings });
    // A model that is not batched never runs on the event loop. The other one would, and the way to a lane and back would be most of
    // what is seen.
    await keepOnLanes(on, usualBatchSize);
    const off = await makeMlpWorkload(bench, { name: 'mlp-alone', settings: { batching: { maxBatchSize: 1 } } });
    // One process has both: two would differ by more than the few percent that are looked for.
    const service = await startTensorService(bench, on.repository);
    return measureRatio(
      { ...served(bench.generator, service, aloneLoad(on.requests)), name: 'batching on' },
      { ...served(bench.generator, service, aloneLoad(off.requests)), name: 'batching off' },
      planOf(bench),
      bench.onMeasured,
    );
  },
};
