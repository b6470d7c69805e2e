import { planCpus, type CpuPlan } from '@tributary/engine';

/** How the cores are used under these settings. */
export function planFor({ cpuBudget }: { readonly cpuBudget: number | undefined }): CpuPlan {
  return planCpus({ ...(cpuBudget !== undefined && { cpuBudget }) });
}

/**
 * libuv reads the size of its pool when it is first used, which reading a file does; so it is set before anything else happens.
 * An operator's own value stands.
 */
export function sizeNativePool(settings: { readonly cpuBudget: number | undefined }): void {
  if (process.env['UV_THREADPOOL_SIZE'] !== undefined) return;
  // Two more than pictures need: files and the log are read and written on the same pool.
  process.env['UV_THREADPOOL_SIZE'] = String(planFor(settings).nativeThreads + 2);
}
