import { inference, statusName } from '@tributary/contract';
import { faultOf } from '../load/answer-check';
import { LoadGenerator } from '../load/load-generator';
import type { LoadPlan, LoadResult } from '../load/load-plan';
import { generatorLimit } from '../measure/ratio';
import { ProcessGroup } from '../process/process-group';
import type { Progress } from '../progress';
import { fixed, percent, rate } from '../text-table';
import { modelInferPath } from '../workloads/tensor-workload';
import { declaredOutputs, drawRequests, fixInputs, type TensorDescription } from './draw-inputs';
import { callForReason } from './grpc-call';
import type { NamedInput, TargetOptions } from './target-options';

const metadataPath = '/inference.GRPCInferenceService/ModelMetadata';
const callTimeoutMs = 60_000;
const warmUpMs = 500;

/** What came of the load on a server. */
export interface TargetReport {
  readonly target: string;
  readonly model: string;
  readonly inputs: readonly NamedInput[];
  readonly answersPerSecond: number;
  readonly offeredPerSecond?: number;
  readonly latency: LoadResult['latency'];
  /** Calls that failed, by the name of their status. */
  readonly errors: Readonly<Record<string, number>>;
  readonly wrongAnswers: number;
  readonly droppedArrivals: number;
  readonly firstFault: string;
  readonly generator: LoadResult['generator'];
}

/** Asks the model what it takes, calls it once to see why it fails if it does, then puts the load on it. */
export async function measureTarget(options: TargetOptions, progress: Progress): Promise<TargetReport> {
  const { target, model, version } = options;
  const described = await describe(options);
  const inputs = fixInputs(described.inputs, options);
  const check = { kind: 'outputs', outputs: declaredOutputs(described.outputs) } as const;
  const requests = drawRequests(model, version, inputs).map((message) => ({ message, check }));
  const first = await callForReason(target, modelInferPath, requests[0]!.message, callTimeoutMs);
  const fault = faultOf(first, check);
  if (fault !== undefined) throw new Error(`the first answer: ${fault}`);
  const result = await putLoad(
    {
      ...{ ...target, path: modelInferPath, requests, connections: options.connections, warmUpMs },
      windowMs: options.seconds * 1000,
      mode:
        options.rate === undefined
          ? { kind: 'closed', inFlightPerConnection: options.inFlight }
          : { kind: 'open', callsPerSecond: options.rate, seed: 1 },
    },
    progress,
  );
  const errors = [...result.statuses].map(([status, count]) => [status < 0 ? 'no status' : statusName(status), count]);
  return {
    ...{ target: `${target.host}:${target.port}`, model, inputs, answersPerSecond: result.answersPerSecond },
    ...(options.rate !== undefined && { offeredPerSecond: options.rate }),
    ...{ latency: result.latency, errors: Object.fromEntries(errors) as Record<string, number> },
    ...{ wrongAnswers: result.wrongAnswers, droppedArrivals: result.droppedArrivals, firstFault: result.firstFault },
    generator: result.generator,
  };
}

/** 0, or 1 where a call failed or an answer was not as declared. */
export function targetExitCode({ errors, wrongAnswers, answersPerSecond }: TargetReport): 0 | 1 {
  return Object.keys(errors).length === 0 && wrongAnswers === 0 && answersPerSecond > 0 ? 0 : 1;
}

export function renderTarget(report: TargetReport): string {
  const { latency, generator, offeredPerSecond } = report;
  const inputs = report.inputs.map(({ name, datatype, shape }) => `${name} ${datatype} [${shape.join()}]`).join(', ');
  const errors = Object.entries(report.errors).map(([status, count]) => `${count} ${status}`);
  if (report.wrongAnswers > 0) errors.push(`${report.wrongAnswers} not as declared`);
  if (report.droppedArrivals > 0) errors.push(`${report.droppedArrivals} not sent, too many in flight`);
  const limit = generator.coreShare > generatorLimit.coreShare || generator.loopShare > generatorLimit.loopShare;
  return [
    `${report.model} at ${report.target}: ${inputs}`,
    `answers    ${rate(report.answersPerSecond)}/s${offeredPerSecond === undefined ? '' : ` of ${rate(offeredPerSecond)}/s offered`}`,
    `latency    p50 ${fixed(latency.p50Ms)} ms, p95 ${fixed(latency.p95Ms)} ms, p99 ${fixed(latency.p99Ms)} ms, max ${fixed(latency.maxMs)} ms`,
    `errors     ${errors.length === 0 ? 'none' : `${errors.join(', ')}; e.g. ${report.firstFault}`}`,
    `generator  ${percent(generator.coreShare)} of a core${limit ? ': it may have been the limit' : ''}`,
  ].join('\n');
}

interface Description {
  readonly inputs: readonly TensorDescription[];
  readonly outputs: readonly TensorDescription[];
}

async function describe({ target, model, version }: TargetOptions): Promise<Description> {
  const question = inference.ModelMetadataRequest.encode({ name: model, version }).finish();
  const answer = await callForReason(target, metadataPath, question, callTimeoutMs);
  const { inputs, outputs } = inference.ModelMetadataResponse.decode(answer);
  const read = (tensors: typeof inputs): TensorDescription[] =>
    tensors.map(({ name, datatype, shape }) => ({
      ...{ name: name ?? '', datatype: datatype ?? '', shape: (shape ?? []).map(Number) },
    }));
  return { inputs: read(inputs), outputs: read(outputs) };
}

async function putLoad(plan: LoadPlan, progress: Progress): Promise<LoadResult> {
  const group = new ProcessGroup();
  const seconds = Math.ceil((plan.warmUpMs + plan.windowMs) / 1000);
  progress.start('load', seconds);
  const timer = setInterval(() => progress.step(''), 1000);
  try {
    return await new LoadGenerator(group).run(plan);
  } finally {
    clearInterval(timer);
    progress.end();
    await group.end();
  }
}
