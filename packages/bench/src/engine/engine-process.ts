import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn, setTimeout as wait } from 'node:timers/promises';
import type { Tensors } from '@tributary/contract';
import { createEngine, type Engine } from '@tributary/engine';
import { faultOf } from '../load/answer-check';
import { answerParent } from '../process/child-program';
import type {
  CancelPlan,
  CancelTimes,
  EngineCall,
  EngineProgram,
  EngineRequest,
  EngineResult,
  EngineRun,
  EngineSetup,
  ReloadPlan,
  TrafficPlan,
} from './engine-plan';
import { Traffic } from './traffic';

// An engine without a server around it, called at its own interface.

let engine: Engine | undefined;
let requests: readonly EngineRequest[] = [];
let traffic: Traffic | undefined;
const never = new AbortController().signal;
// Every call in flight listens to it.
setMaxListeners(0, never);
/** Tensors of calls that are made over and over, which cost nothing but the call. */
const tensorsOfCalls = new WeakMap<EngineCall, Tensors>();

async function open({ repository, isolation, cpuBudget }: EngineSetup): Promise<void> {
  engine = await createEngine({ repository, isolation, cpuBudget, strict: true });
}

function opened(): Engine {
  if (engine === undefined) throw new Error('the engine was not opened');
  return engine;
}

/** @returns the bytes of the first output */
async function infer(call: EngineCall, signal: AbortSignal): Promise<Uint8Array> {
  let inputs = tensorsOfCalls.get(call);
  if (inputs === undefined) {
    inputs = new Map(call.inputs.map(({ name, ...tensor }) => [name, tensor]));
    tensorsOfCalls.set(call, inputs);
  }
  const { outputs } = await opened().infer({ model: call.model, inputs, signal });
  for (const { bytes } of outputs.values()) return bytes;
  throw new Error(`${call.model} answered without outputs`);
}

/** Makes a call. @returns what is wrong with its answer, or why there is none; undefined: it is right */
async function ask(request: EngineRequest): Promise<string | undefined> {
  try {
    const fault = faultOf(await infer(request, never), request.check);
    return fault && `wrong answer of ${request.model}: ${fault}`;
  } catch (error) {
    return `failed call to ${request.model}: ${(error as Error).message}`;
  }
}

async function run({ warmUpMs, windowMs, inFlight }: EngineRun): Promise<EngineResult> {
  const startsAt = performance.now() + warmUpMs;
  const endsAt = startsAt + windowMs;
  const result = { answersPerSecond: 0, answers: 0, wrongAnswers: 0, failedCalls: 0, firstFault: '' };
  let answersInWindow = 0;
  let next = 0;
  const caller = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      const fault = await ask(requests[next++ % requests.length]!);
      const now = performance.now();
      result.answers++;
      if (fault === undefined) {
        if (now >= startsAt && now < endsAt) answersInWindow++;
        continue;
      }
      if (fault.startsWith('wrong')) result.wrongAnswers++;
      else result.failedCalls++;
      result.firstFault ||= fault;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  return { ...result, answersPerSecond: (answersInWindow / windowMs) * 1000 };
}

async function cancel({ long, short, afterMs }: CancelPlan): Promise<CancelTimes> {
  const laneMs: number[] = [];
  const callerMs: number[] = [];
  for (const delayMs of afterMs) {
    const controller = new AbortController();
    const cancelled = infer(long, controller.signal).then(
      () => {
        throw new Error(`a run of ${long.model} ended before it was cancelled`);
      },
      () => performance.now(),
    );
    await Promise.race([wait(delayMs), cancelled]);
    const waiting = ask(short).then((fault) => {
      if (fault !== undefined) throw new Error(fault);
      return performance.now();
    });
    // The call is in the queue by then, and the lane is not free.
    await nextTurn();
    const abortedAt = performance.now();
    controller.abort();
    const [endedAt, answeredAt] = await Promise.all([cancelled, waiting]);
    if (endedAt < abortedAt) throw new Error(`a run of ${long.model} failed before it was cancelled`);
    callerMs.push(endedAt - abortedAt);
    laneMs.push(answeredAt - abortedAt);
  }
  return { laneMs, callerMs };
}

async function reload({ requests: asked, cycles }: ReloadPlan): Promise<void> {
  for (let cycle = 0; cycle < cycles; cycle++) {
    const request = asked[cycle % asked.length]!;
    await opened().load(request.model);
    const fault = await ask(request);
    if (fault !== undefined) throw new Error(fault);
    await opened().unload(request.model);
  }
}

function startTraffic(plan: TrafficPlan): Promise<void> {
  traffic = new Traffic(plan, ask);
  return Promise.resolve();
}

function running(): Traffic {
  if (traffic === undefined) throw new Error('there is no traffic');
  return traffic;
}

answerParent<EngineProgram>({
  ...{ open, run, cancel, reload, startTraffic },
  take: (given) => {
    requests = given;
    return Promise.resolve();
  },
  unload: (model) => opened().unload(model),
  trafficSection: () => Promise.resolve(running().section()),
  stopTraffic: () => running().stop(),
});
