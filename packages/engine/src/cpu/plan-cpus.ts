import { readCpuBudget, type CpuHost } from './read-cpu-budget';
import type { CpuPlan } from './cpu-plan';

/** What the plan is for. */
export interface CpuPlanOptions {
  /** Overrides what the machine allows; may be fractional. */
  readonly cpuBudget?: number;
  /** False: no task lanes are planned. Default true. */
  readonly hasTasks?: boolean;
  /** Where quotas are read; for tests. */
  readonly host?: CpuHost;
}

/**
 * Divides the cores: one session lane a core with one thread each, because several small runs side by side do more than one run
 * on several threads; and for task code, which prepares the next answers meanwhile, half as many lanes. Pictures are decoded on
 * libuv's pool, which gets as many threads as there are cores; its size is read when a process starts
 * (UV_THREADPOOL_SIZE), so the plan can only tell the number.
 */
export function planCpus({ cpuBudget, hasTasks = true, host }: CpuPlanOptions = {}): CpuPlan {
  const budget = cpuBudget === undefined ? readCpuBudget(host) : { cores: cpuBudget, source: 'setting' };
  if (!(budget.cores > 0)) throw new RangeError(`cpuBudget must be above 0, got ${budget.cores}`);
  const cores = Math.max(1, Math.floor(budget.cores));
  return {
    cpuBudget: budget.cores,
    source: budget.source,
    sessionLanes: cores,
    intraOpThreads: 1,
    taskLanes: hasTasks ? Math.max(1, Math.floor(cores / 2)) : 0,
    nativeThreads: hasTasks ? cores : 1,
  };
}
