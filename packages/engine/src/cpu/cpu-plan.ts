/** How the cores are used. Fixed at start, printed, and obeyed by every lane. */
export interface CpuPlan {
  /** Cores that may be used, possibly fractional. */
  readonly cpuBudget: number;
  /** Where the number came from: `setting`, `cgroup v2 quota`, `cgroup v1 quota`, `cpuset`, `host`. */
  readonly source: string;
  /** Worker threads that run sessions. */
  readonly sessionLanes: number;
  /** Threads inside one run, unless a model says otherwise. */
  readonly intraOpThreads: number;
  /** Worker threads that run task code. */
  readonly taskLanes: number;
  /** Threads of libuv's pool for native work of task code (picture decoding); UV_THREADPOOL_SIZE. */
  readonly nativeThreads: number;
}
