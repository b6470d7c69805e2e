import { availableParallelism } from 'node:os';
import { groupFolders, readBelow, smallest, type Read } from './control-group';

/** Where limits are read. Tests give a folder with fixture files and a number of cores. */
export interface CpuHost {
  /** Stands for `/`. */
  readonly fileRoot: string;
  /** Cores that the scheduler may put this process on. */
  readonly cores: number;
}

/** Cores that may be used, and what sets the limit. */
export interface CpuBudget {
  readonly cores: number;
  readonly source: 'cgroup v2 quota' | 'cgroup v1 quota' | 'cpuset' | 'host';
}

/**
 * Cores that this process may use: the smallest of the control group's quota (its own and its parents'), its cpuset, and the
 * host's cores. What cannot be read sets no limit.
 */
export function readCpuBudget(host: CpuHost = { fileRoot: '/', cores: availableParallelism() }): CpuBudget {
  const read = readBelow(host.fileRoot);
  const limits: CpuBudget[] = [
    { cores: host.cores, source: 'host' },
    { cores: cpusetCores(read), source: 'cpuset' },
    { cores: quotaV1(read), source: 'cgroup v1 quota' },
    { cores: quotaV2(read), source: 'cgroup v2 quota' },
  ];
  // Of equal limits the first: a quota as large as the host is no limit.
  return limits.reduce((least, limit) => (limit.cores < least.cores ? limit : least));
}

/** cpu.max holds "quota period" in microseconds, or "max period" (kernel: cgroup-v2.rst). */
function quotaV2(read: Read): number {
  return smallest(groupFolders(read, ''), (folder) => {
    const [quota, period] = read(`/sys/fs/cgroup${folder}/cpu.max`)?.split(' ') ?? [];
    return ratio(quota, period);
  });
}

/** cpu.cfs_quota_us is -1 where there is none (kernel: sched-bwc.rst). */
function quotaV1(read: Read): number {
  return smallest(groupFolders(read, 'cpu'), (folder) => {
    const base = `/sys/fs/cgroup/cpu${folder}`;
    return ratio(read(`${base}/cpu.cfs_quota_us`), read(`${base}/cpu.cfs_period_us`));
  });
}

function cpusetCores(read: Read): number {
  const v2 = groupFolders(read, '').map((folder) => read(`/sys/fs/cgroup${folder}/cpuset.cpus.effective`));
  const v1 = groupFolders(read, 'cpuset').flatMap((folder) => {
    const base = `/sys/fs/cgroup/cpuset${folder}`;
    return [read(`${base}/cpuset.effective_cpus`), read(`${base}/cpuset.cpus`)];
  });
  return smallest([...v2, ...v1], (list) => countCpus(list ?? ''));
}

function ratio(quota: string | undefined, period: string | undefined): number {
  const cores = Number(quota) / Number(period);
  return cores > 0 && Number.isFinite(cores) ? cores : Infinity;
}

/** Counts a list like "0-3,8,10-11"; an empty list is no limit. */
function countCpus(list: string): number {
  let count = 0;
  for (const part of list.split(',')) {
    const [first, last = first] = part.split('-').map(Number);
    if (part !== '' && first !== undefined && last !== undefined && last >= first) count += last - first + 1;
  }
  return count === 0 ? Infinity : count;
}
