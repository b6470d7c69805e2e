import { frameMessage } from '../load/frame';
import { callOnce } from '../load/grpc-connection';
import type { LoadRequest } from '../load/load-plan';
import { measureRatio } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { measureOpenLoop, served, type Load } from '../measure/served';
import { startEchoServer } from '../servers/echo-server';
import type { MeasuredServer } from '../servers/measured-server';
import { startService, type Service } from '../servers/service';
import { makeMlpWorkload } from '../workloads/mlp';
import { modelInferPath } from '../workloads/tensor-workload';
import { atLeast, windowOf, type Bench, type Key, type KeyResult } from './key';

/** Window of the open loop, in milliseconds. */
const openLoopWindowMs = 2000;

/**
 * Times of a turn, in milliseconds, and turns in a round. Four short ones rather than one of two seconds: a shared machine
 * changes its speed by more than what is looked for within seconds.
 */
const turn = { warmUpMs: 200, windowMs: 500 } as const;
const pairsPerRound = 4;

/** 4 connections with 32 calls in flight each. */
export function smallLoad(requests: readonly LoadRequest[]): Load {
  return { path: modelInferPath, requests, connections: 4, mode: { kind: 'closed', inFlightPerConnection: 32 } };
}

/** What the service adds to a gRPC server that does nothing. */
export const smallServiceOverEcho: Key = {
  name: 'small.service_over_echo',
  meaning: 'MLP 64-256-64-1 by ModelInfer, 4 connections x 32 in flight / grpc-js echo of the same bytes',
  target: atLeast(0.9),
  steps: smallSteps,
  async measure(bench) {
    const { repository, requests } = await makeMlpWorkload(bench);
    const service = await startTensorService(bench, repository);
    const answer = await callOnce(service.port, modelInferPath, frameMessage(requests[0]!.message));
    const echo = await startEchoServer(bench.group, { path: modelInferPath, answer });
    const echoed = requests.map(({ message }): LoadRequest => ({
      message,
      check: { kind: 'bytes', expected: answer },
    }));
    const above = { server: service, load: smallLoad(requests) };
    return measureSmall(bench, above, { server: echo, load: smallLoad(echoed) });
  },
};

/** Both sides every round, and the open loop. */
export function smallSteps({ rounds }: Bench): number {
  return measurementsOf(rounds, pairsPerRound) + 1;
}

/** Models that need no task code are served by the service with the least of it. */
export function startTensorService(bench: Bench, repository: string): Promise<Service> {
  return startService(bench.group, { ...bench, folder: 'recommendation', flags: [`--repository=${repository}`] });
}

/** A server and the load put on it. */
interface Side {
  readonly server: MeasuredServer;
  readonly load: Load;
}

/** A ratio under the small load, and the latency of its numerator at half the rate. */
export async function measureSmall(bench: Bench, above: Side, below: Side): Promise<KeyResult> {
  const window = bench.quick ? { ...turn, windowMs: turn.windowMs / 2 } : turn;
  const result = await measureRatio(
    served(bench.generator, above.server, above.load),
    served(bench.generator, below.server, below.load),
    { rounds: bench.rounds, window, pairsPerRound },
    bench.onMeasured,
  );
  return { ...result, ...(await measureHalfLoad(bench, above, result.numerator.perSecond.median)) };
}

/** Latency at half the rate that the closed loop reached. */
export async function measureHalfLoad(
  bench: Bench,
  { server, load }: Side,
  closedLoopPerSecond: number,
): Promise<Pick<KeyResult, 'openLoop'>> {
  const callsPerSecond = closedLoopPerSecond / 2;
  if (!(callsPerSecond > 0)) return {};
  const mode = { kind: 'open', callsPerSecond, seed: 1 } as const;
  const measurement = await measureOpenLoop(bench.generator, server, load, mode, windowOf(bench, openLoopWindowMs));
  bench.onMeasured(`${server.name}, open loop`, measurement);
  return { openLoop: { callsPerSecond, ...measurement.latency! } };
}
