import { Linux } from './linux';
import { ProcessVessel } from './process-vessel';

/** Files that a runner is started with and that outlive it, before the shared memory has its size. */
export interface RunnerFiles {
  readonly linux: Linux;
  readonly memoryFile: number;
  /** Ends of the pipe that wakes the host. */
  readonly bellReadEnd: number;
  readonly bellWriteEnd: number;
  readonly laneBells: readonly number[];
}

/** Files for a runner with so many lanes. @throws Error where koffi cannot be loaded, or this is no Linux that has them */
export function makeRunnerFiles(lanes: number): RunnerFiles {
  const linux = new Linux();
  const { readEnd, writeEnd } = linux.createPipe();
  return {
    linux,
    memoryFile: linux.createMemory(),
    bellReadEnd: readEnd,
    bellWriteEnd: writeEnd,
    laneBells: Array.from({ length: lanes }, () => linux.createBell()),
  };
}

/** A runner process that was started before there was a host. */
export interface StartedRunner {
  readonly files: RunnerFiles;
  readonly vessel: ProcessVessel;
}

/** Starts a runner process whose host comes later. @throws Error where koffi cannot be loaded, or this is no Linux that has what it takes */
export function startRunner(lanes: number): StartedRunner {
  const files = makeRunnerFiles(lanes);
  const { memoryFile, bellWriteEnd, laneBells } = files;
  return { files, vessel: new ProcessVessel({ memoryFile, hostBell: bellWriteEnd, laneBells }) };
}
