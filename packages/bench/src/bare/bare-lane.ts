import { performance } from 'node:perf_hooks';
import { parentPort, workerData } from 'node:worker_threads';
import { faultOf } from '../load/answer-check';
import type { LoadRequest } from '../load/load-plan';
import type { BareCall } from './bare-call';
import type { BareResult, BareRun, BareSetup } from './bare-plan';
import { loadBareTask } from './bare-task';
import { loadBareTensors } from './bare-tensors';

/** What the process asks of a lane. */
export type LaneQuestion =
  | { readonly kind: 'ready' }
  | { readonly kind: 'answer'; readonly message: Uint8Array }
  | { readonly kind: 'take'; readonly requests: readonly LoadRequest[] }
  | { readonly kind: 'run'; readonly run: BareRun };

export type LaneAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'answer'; readonly answer: Uint8Array }
  | { readonly kind: 'result'; readonly result: BareResult }
  | { readonly kind: 'fault'; readonly fault: string };

const setup = workerData as BareSetup;
const loading = loadCall(setup);
let requests: readonly LoadRequest[] = [];

function loadCall({ model, arrangement }: BareSetup): Promise<BareCall> {
  return model.kind === 'task' ? loadBareTask(model, arrangement.threads) : loadBareTensors(model, arrangement.threads);
}

async function answerQuestion(question: LaneQuestion): Promise<LaneAnswer> {
  const call = await loading;
  switch (question.kind) {
    case 'ready':
      return { kind: 'done' };
    case 'answer':
      return { kind: 'answer', answer: await call(question.message) };
    case 'take':
      requests = question.requests;
      return { kind: 'done' };
    case 'run':
      return { kind: 'result', result: await run(call, question.run) };
  }
}

/** Works through the requests over and over until the time is up; every answer is checked. */
async function run(call: BareCall, { warmUpMs, windowMs }: BareRun): Promise<BareResult> {
  const startsAt = performance.now() + warmUpMs;
  const endsAt = startsAt + windowMs;
  let next = 0;
  let answersInWindow = 0;
  let wrongAnswers = 0;
  let firstFault = '';
  const worker = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const request = requests[next++ % requests.length]!;
      const fault = faultOf(await call(request.message), request.check);
      if (fault !== undefined) {
        wrongAnswers++;
        firstFault ||= fault;
      }
      const now = performance.now();
      if (now >= startsAt && now < endsAt) answersInWindow++;
    }
  };
  await Promise.all(Array.from({ length: setup.depth }, worker));
  return { answersPerSecond: (answersInWindow / windowMs) * 1000, answers: next, wrongAnswers, firstFault };
}

parentPort!.on('message', (question: LaneQuestion) => {
  void answerQuestion(question)
    .catch((error: unknown): LaneAnswer => ({
      kind: 'fault',
      fault: error instanceof Error ? error.message : String(error),
    }))
    .then((answer) => parentPort!.postMessage(answer));
});
