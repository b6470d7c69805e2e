import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { planCpus } from './plan-cpus';
import { readCpuBudget, type CpuHost } from './read-cpu-budget';

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A machine with the given files and cores. */
function machine(cores: number, files: Readonly<Record<string, string>>): CpuHost {
  const fileRoot = mkdtempSync(join(tmpdir(), 'tributary-cpus-'));
  folders.push(fileRoot);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(fileRoot, path)), { recursive: true });
    writeFileSync(join(fileRoot, path), `${content}\n`);
  }
  return { fileRoot, cores };
}

const v1Groups = '12:cpuset:/docker/abc\n4:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc';

describe('case 28: readCpuBudget', () => {
  it.each<[string, () => CpuHost, object]>([
    ['no limit: the host', () => machine(8, {}), { cores: 8, source: 'host' }],
    [
      'a v2 quota in a container',
      () => machine(8, { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '200000 100000' }),
      { cores: 2, source: 'cgroup v2 quota' },
    ],
    [
      'a fractional v2 quota',
      () => machine(8, { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '150000 100000' }),
      { cores: 1.5, source: 'cgroup v2 quota' },
    ],
    [
      'no v2 quota',
      () => machine(8, { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': 'max 100000' }),
      { cores: 8, source: 'host' },
    ],
    [
      'a quota of a parent group',
      () =>
        machine(8, {
          '/proc/self/cgroup': '0::/a/b',
          '/sys/fs/cgroup/a/b/cpu.max': 'max 100000',
          '/sys/fs/cgroup/a/cpu.max': '300000 100000',
        }),
      { cores: 3, source: 'cgroup v2 quota' },
    ],
    [
      'a v1 quota',
      () =>
        machine(8, {
          '/proc/self/cgroup': v1Groups,
          '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '400000',
          '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
        }),
      { cores: 4, source: 'cgroup v1 quota' },
    ],
    [
      'no v1 quota',
      () =>
        machine(8, {
          '/proc/self/cgroup': v1Groups,
          '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1',
          '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000',
        }),
      { cores: 8, source: 'host' },
    ],
    [
      'a v2 cpuset',
      () => machine(8, { '/proc/self/cgroup': '0::/a', '/sys/fs/cgroup/a/cpuset.cpus.effective': '0-2,5' }),
      { cores: 4, source: 'cpuset' },
    ],
    [
      'a v1 cpuset',
      () => machine(8, { '/proc/self/cgroup': v1Groups, '/sys/fs/cgroup/cpuset/docker/abc/cpuset.cpus': '3' }),
      { cores: 1, source: 'cpuset' },
    ],
    [
      'a quota below the cpuset',
      () =>
        machine(8, {
          '/proc/self/cgroup': '0::/',
          '/sys/fs/cgroup/cpuset.cpus.effective': '0-3',
          '/sys/fs/cgroup/cpu.max': '50000 100000',
        }),
      { cores: 0.5, source: 'cgroup v2 quota' },
    ],
    [
      'a quota above the host',
      () => machine(2, { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '800000 100000' }),
      { cores: 2, source: 'host' },
    ],
    [
      'files of nonsense',
      () =>
        machine(2, {
          '/proc/self/cgroup': '??',
          '/sys/fs/cgroup/cpu.max': 'a b',
          '/sys/fs/cgroup/cpuset.cpus.effective': 'x-y',
        }),
      { cores: 2, source: 'host' },
    ],
  ])('%s', (_name, host, expected) => {
    expect(readCpuBudget(host())).toEqual(expected);
  });
});

describe('case 28: planCpus', () => {
  it.each([
    [0.5, { sessionLanes: 1, intraOpThreads: 1, taskLanes: 1, nativeThreads: 1 }],
    [1.5, { sessionLanes: 1, intraOpThreads: 1, taskLanes: 1, nativeThreads: 1 }],
    [2, { sessionLanes: 2, intraOpThreads: 1, taskLanes: 1, nativeThreads: 2 }],
    [8, { sessionLanes: 8, intraOpThreads: 1, taskLanes: 4, nativeThreads: 8 }],
  ])('divides %d cores', (cpuBudget, lanes) => {
    expect(planCpus({ cpuBudget })).toEqual({ cpuBudget, source: 'setting', ...lanes });
  });

  it('plans no task lanes where there are no tasks', () => {
    expect(planCpus({ cpuBudget: 2, hasTasks: false })).toMatchObject({ sessionLanes: 2, taskLanes: 0 });
  });

  it('lets the setting win over the quota', () => {
    const host = machine(8, { '/proc/self/cgroup': '0::/', '/sys/fs/cgroup/cpu.max': '100000 100000' });
    expect(planCpus({ host })).toMatchObject({ cpuBudget: 1, source: 'cgroup v2 quota' });
    expect(planCpus({ host, cpuBudget: 3 })).toMatchObject({ cpuBudget: 3, source: 'setting' });
  });

  it.each([0, -1, NaN])('refuses a budget of %d', (cpuBudget) => {
    expect(() => planCpus({ cpuBudget })).toThrow('cpuBudget must be above 0');
  });
});
