import { availableParallelism } from 'node:os';
import type * as RunnerPartsModule from './runner/runner-parts';
import type { StartedRunner } from './runner/runner-parts';

/** A runner that no host has taken yet. */
let early: StartedRunner | undefined;

/**
 * Starts a runner process, which loads ONNX Runtime while this process loads the rest of the program. The engine's host takes it; a process
 * that starts no engine must call endEarlyRunner before it exits. Does nothing where a runner cannot be: the engine says so.
 */
export function startEarlyRunner(): void {
  if (early !== undefined || process.platform !== 'linux') return;
  try {
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- koffi is loaded with it, and may not be there
    const { startRunner } = require('./runner/runner-parts') as typeof RunnerPartsModule;
    early = startRunner(availableParallelism() + 1);
  } catch {
    early = undefined;
  }
}

/** The runner, for the host that begins to use it. */
export function takeEarlyRunner(): StartedRunner | undefined {
  const runner = early;
  early = undefined;
  return runner;
}

/** Ends a runner that nobody took. */
export function endEarlyRunner(): void {
  takeEarlyRunner()?.vessel.kill();
}
