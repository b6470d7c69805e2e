import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { answerParent } from '../process/child-program';
import type { LoadRequest } from '../load/load-plan';
import type { BareProgram, BareResult, BareRun, BareSetup } from './bare-plan';
import type { LaneAnswer, LaneQuestion } from './bare-lane';

/** Worker threads of this process, one a lane. */
let lanes: Worker[] = [];

async function load(setup: BareSetup): Promise<void> {
  lanes = Array.from(
    { length: setup.arrangement.lanes },
    () => new Worker(join(__dirname, 'bare-lane.js'), { workerData: setup }),
  );
  await Promise.all(lanes.map((lane) => ask(lane, { kind: 'ready' })));
}

async function answer(messages: readonly Uint8Array[]): Promise<Uint8Array[]> {
  const answers: Uint8Array[] = [];
  for (const message of messages) {
    const got = await ask(lanes[0]!, { kind: 'answer', message });
    if (got.kind !== 'answer') throw new Error('the lane did not answer');
    answers.push(got.answer);
  }
  return answers;
}

async function take(requests: readonly LoadRequest[]): Promise<void> {
  await Promise.all(lanes.map((lane) => ask(lane, { kind: 'take', requests })));
}

async function run(plan: BareRun): Promise<BareResult> {
  const answers = await Promise.all(lanes.map((lane) => ask(lane, { kind: 'run', run: plan })));
  const results = answers.map((got) => {
    if (got.kind !== 'result') throw new Error('the lane did not run');
    return got.result;
  });
  const sum = (pick: (result: BareResult) => number): number =>
    results.reduce((total, result) => total + pick(result), 0);
  return {
    answersPerSecond: sum((result) => result.answersPerSecond),
    answers: sum((result) => result.answers),
    wrongAnswers: sum((result) => result.wrongAnswers),
    firstFault: results.find((result) => result.firstFault !== '')?.firstFault ?? '',
  };
}

/** Lanes answer in order, one question at a time. */
async function ask(lane: Worker, question: LaneQuestion): Promise<LaneAnswer> {
  lane.postMessage(question);
  const [got] = (await once(lane, 'message')) as [LaneAnswer];
  if (got.kind === 'fault') throw new Error(got.fault);
  return got;
}

answerParent<BareProgram>({ load, answer, take, run });
