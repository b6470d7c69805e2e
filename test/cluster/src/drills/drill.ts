import type { Load, LoadPod } from '../load/load';
import type { DeployedSystem } from '../system';

/** What a drill does to the system while it is called. */
export interface Drill {
  readonly name: string;
  /** Cases of the list of hazards that it shows. */
  readonly cases: readonly number[];
  /** Whether calls may fail: only where nobody is left to answer them. */
  readonly mayFail: boolean;
  /** Does it, and resolves once the system is whole again. @returns what was seen beside the calls @throws Error where it was not as promised */
  act(context: DrillContext): Promise<string>;
}

export interface DrillContext {
  readonly system: DeployedSystem;
  readonly loadPod: LoadPod;
  /** The clients that call meanwhile. */
  readonly loads: readonly Load[];
  /** Calls that each pod of `recommendation` has answered so far, by name of the pod. */
  readonly answeredByPod: () => Promise<ReadonlyMap<string, number>>;
  readonly signal: AbortSignal;
}
