import { setTimeout as wait } from 'node:timers/promises';
import { faultOf } from '../load/answer-check';
import { frameMessage } from '../load/frame';
import { GrpcConnection, type CallEnd } from '../load/grpc-connection';
import type { LoadRequest } from '../load/load-plan';
import { BareContestant } from '../measure/bare';
import type { Contestant } from '../measure/contestant';
import { measureRatio, type Refusal } from '../measure/ratio';
import { measurementsOf } from '../measure/turns';
import { measureOpenLoop, served, type Load } from '../measure/served';
import { median } from '../measure/statistics';
import { startService, type Service } from '../servers/service';
import { encoderShape, makeEncoderWorkload } from '../workloads/encoder-workload';
import { modelInferPath } from '../workloads/tensor-workload';
import { atLeast, windowOf, type Bench, type Key } from './key';

/** Calls come this many times faster than the service can answer. */
const overloadFactor = 3;
/** Deadline of a call, in runs of the model alone. */
const deadlineRuns = 20;
const windowMs = 4000;
/** The generator has to be far from its limit: calls that it sends late are lost on the way. */
const maxGeneratorCoreShare = 0.3;

/** What a service still does where three times as many calls come as it can answer. */
export const overloadGoodput: Key = {
  name: 'overload.goodput',
  meaning:
    'encoder of about 10 ms, Poisson calls at 3 x peak, deadline of 20 runs: right answers in time / peak, closed loop',
  target: atLeast(0.9),
  // The bare run and the first peak come before the rounds.
  steps: ({ rounds }) => measurementsOf(rounds) + 2,
  async measure(bench) {
    const { repository, file, requests, bareRequests } = await makeEncoderWorkload(bench, {});
    const deadlineMs = Math.floor(deadlineRuns * (await runMsOf(bench, file, bareRequests)));
    const flags = [`--repository=${repository}`];
    const service = await startService(bench.group, { ...bench, folder: 'recommendation', flags });
    const load: Load = {
      ...{ path: modelInferPath, requests, connections: 4 },
      mode: { kind: 'closed', inFlightPerConnection: 8 },
    };
    const window = windowOf(bench, windowMs);
    const peaks: number[] = [];
    const closed = served(bench.generator, service, load);
    const peak: Contestant = {
      name: 'peak',
      async measure(measured) {
        const measurement = await closed.measure(measured);
        peaks.push(measurement.perSecond);
        return measurement;
      },
    };
    bench.onMeasured('peak', await peak.measure(window));
    const before = await workDone(service);
    const goodput: Contestant = {
      name: 'goodput',
      measure: (measured) => {
        const callsPerSecond = overloadFactor * median(peaks);
        const mode = { kind: 'open', callsPerSecond, seed: peaks.length, deadlineMs } as const;
        return measureOpenLoop(bench.generator, service, load, mode, measured);
      },
    };
    const result = await measureRatio(goodput, peak, { rounds: bench.rounds, window }, bench.onMeasured);
    const after = await workDone(service);
    const share = result.numerator.generatorCoreShare ?? 0;
    const refusals: Refusal[] = [...result.refusals, ...(await refusalsOfGoneCallers(service, requests))];
    if (share > maxGeneratorCoreShare) {
      const text = `the load generator used ${Math.round(share * 100)} % of a core, more than an overload allows`;
      refusals.push({ kind: 'load', text });
    }
    const ran = after.rows - before.rows;
    const wasted = ran - (after.answers - before.answers);
    return {
      ...result,
      refusals,
      notes: [
        `deadline ${deadlineMs} ms; of ${ran} rows that ran, ${wasted} were for callers whose deadline passed meanwhile`,
      ],
    };
  },
};

/** Milliseconds of a run of the model alone, on one thread. */
async function runMsOf(bench: Bench, file: string, requests: readonly LoadRequest[]): Promise<number> {
  const model = { kind: 'tensors', file, datatype: 'INT64', shape: encoderShape } as const;
  const bare = await BareContestant.start(bench.group, { model, arrangement: { lanes: 1, threads: 1 }, depth: 1 });
  await bare.take(requests);
  const measurement = await bare.measure(windowOf(bench, windowMs / 2));
  bench.onMeasured(bare.name, measurement);
  await bare.end();
  if (measurement.faults.length > 0) throw new Error(measurement.faults.join('; '));
  return 1000 / measurement.perSecond;
}

/** Rows that went through the model, and calls that were answered, since the start. */
async function workDone(service: Service): Promise<{ readonly rows: number; readonly answers: number }> {
  return {
    rows: await service.metric('tributary_batch_rows_sum', { model: 'encoder' }),
    answers: await service.answered(modelInferPath),
  };
}

/** Calls of each kind; the service has work for some batches before the second and third kind could run. */
const callsOfEachKind = 48;
/** Far less than the calls ahead take. */
const shortDeadlineMs = 20;
/** Some runs: what should not run, but does, has ended by then. */
const settleMs = 500;

/**
 * Fills the queue, then sends calls with a deadline that passes in it, and others that are cancelled in it. Exactly as many rows
 * must run as calls were answered: the model does nothing for callers who are gone.
 */
async function refusalsOfGoneCallers(service: Service, requests: readonly LoadRequest[]): Promise<Refusal[]> {
  const before = await workDone(service);
  const connection = await GrpcConnection.open(service.port);
  const cancels: (() => void)[] = [];
  const cancelAll = (): void => cancels.splice(0).forEach((cancel) => cancel());
  let right = 0;
  const call = (index: number, timeoutMs?: number, onSent?: (cancel: () => void) => void): Promise<void> =>
    new Promise((resolve) => {
      const { message, check } = requests[index % requests.length]!;
      const onEnd: CallEnd = (status, answer) => {
        if (status === 0 && answer !== undefined && faultOf(answer, check) === undefined) right++;
        // The first answer: the rest waits.
        cancelAll();
        resolve();
      };
      const cancel = connection.call(modelInferPath, frameMessage(message), onEnd, timeoutMs);
      onSent?.(cancel);
    });
  const indexes = Array.from({ length: callsOfEachKind }, (_, index) => index);
  const calls = [
    ...indexes.map((index) => call(index)),
    ...indexes.map((index) => call(index, undefined, (cancel) => cancels.push(cancel))),
    ...indexes.map((index) => call(index, shortDeadlineMs)),
  ];
  await Promise.all(calls);
  await connection.close();
  await wait(settleMs);
  const after = await workDone(service);
  const ran = after.rows - before.rows;
  const faults: string[] = [];
  if (right < callsOfEachKind)
    faults.push(`${right} of ${callsOfEachKind} calls without a deadline were answered right`);
  if (ran !== right) faults.push(`${ran} rows ran where ${right} were answered: expired or cancelled ones ran too`);
  return faults.map((text) => ({ kind: 'answers', text }));
}
