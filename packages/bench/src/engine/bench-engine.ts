import { join } from 'node:path';
import type { Contestant } from '../measure/contestant';
import { startCpuMeter } from '../measure/cpu-meter';
import { ChildProgram } from '../process/child-program';
import type { ProcessGroup } from '../process/process-group';
import type { TensorWorkload } from '../workloads/tensor-workload';
import type { EngineProgram, EngineRequest, EngineSetup } from './engine-plan';

/** Starts a process of its own with an engine, which has loaded and settled every model of its repository. */
export async function startEngine(
  group: ProcessGroup,
  name: string,
  setup: EngineSetup,
): Promise<ChildProgram<EngineProgram>> {
  const program = new ChildProgram<EngineProgram>(group, name, join(__dirname, 'engine-process.js'));
  await program.ask('open', setup);
  return program;
}

/** The requests of a workload at the engine's own interface. */
export function engineRequestsOf(model: string, { input, bareRequests }: TensorWorkload): EngineRequest[] {
  return bareRequests.map(({ message, check }) => ({ model, inputs: [{ ...input, bytes: message }], check }));
}

/** An engine that was given requests, in a closed loop, as one side of a ratio. */
export function inEngine(name: string, program: ChildProgram<EngineProgram>, inFlight: number): Contestant {
  return {
    name,
    async measure(window) {
      const cpu = startCpuMeter(program.pid);
      const { answersPerSecond, answers, wrongAnswers, failedCalls, firstFault } = await program.ask('run', {
        ...window,
        inFlight,
      });
      const isFaulty = wrongAnswers + failedCalls > 0;
      const faults = isFaulty
        ? [`${wrongAnswers} wrong answers and ${failedCalls} failed calls, e.g. ${firstFault}`]
        : [];
      return { perSecond: answersPerSecond, ...cpu(answers), faults };
    },
  };
}
