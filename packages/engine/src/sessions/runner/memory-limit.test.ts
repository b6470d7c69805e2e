import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { planMemory, readMemoryBudget, type MemoryHost } from './memory-limit';

const mib = 2 ** 20;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

/** A machine of 8 GiB with these files. */
function machine(files: Readonly<Record<string, string>>): MemoryHost {
  const fileRoot = mkdtempSync(join(tmpdir(), 'tributary-memory-'));
  folders.push(fileRoot);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(fileRoot, path)), { recursive: true });
    writeFileSync(join(fileRoot, path), content);
  }
  return { fileRoot, totalBytes: 8192 * mib };
}

describe('the memory of a service', () => {
  it("is the host's where nothing limits it", () => {
    const unlimited = { 'sys/fs/cgroup/memory.max': 'max\n', 'proc/self/cgroup': '0::/\n' };
    expect(readMemoryBudget(machine(unlimited))).toEqual({ bytes: 8192 * mib, source: 'host' });
    expect(readMemoryBudget(machine({}))).toEqual({ bytes: 8192 * mib, source: 'host' });
  });

  it('is the smallest limit of its control group and the parents, v2 and v1', () => {
    const v2 = machine({
      'proc/self/cgroup': '0::/pod/container\n',
      'sys/fs/cgroup/pod/memory.max': `${512 * mib}\n`,
      'sys/fs/cgroup/pod/container/memory.max': 'max\n',
    });
    expect(readMemoryBudget(v2)).toEqual({ bytes: 512 * mib, source: 'cgroup v2 limit' });
    const v1 = machine({
      'proc/self/cgroup': '4:memory:/docker/1\n',
      'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712\n',
      'sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes': `${256 * mib}\n`,
    });
    expect(readMemoryBudget(v1)).toEqual({ bytes: 256 * mib, source: 'cgroup v1 limit' });
  });
});

describe('runs', () => {
  const maxOutputBytes = 256 * mib;
  const plan = (bytes: number, runMemoryBytes?: number): ReturnType<typeof planMemory> =>
    planMemory({ bytes, source: 'host' }, { runMemoryBytes, maxOutputBytes });

  it('get a quarter of what the rest leaves, at most 1 GiB, or what was asked for', () => {
    expect(plan(8192 * mib).runMemoryBytes).toBe(1024 * mib);
    expect(plan(1184 * mib)).toMatchObject({ runMemoryBytes: 256 * mib, memoryLimitBytes: 1024 * mib });
    expect(plan(8192 * mib, 300 * mib).runMemoryBytes).toBe(300 * mib);
  });

  it('get 64 MiB whatever happens', () => {
    expect(plan(100 * mib)).toMatchObject({ runMemoryBytes: 64 * mib, memoryLimitBytes: 64 * mib });
    expect(plan(8192 * mib, 1).runMemoryBytes).toBe(64 * mib);
  });

  it('share memory for at least two answers of the largest size', () => {
    expect(plan(8192 * mib).sharedBytes).toBe(1024 * mib);
    expect(planMemory({ bytes: 2 ** 33, source: 'host' }, { maxOutputBytes: 1000 }).sharedBytes).toBe(128 * mib);
  });
});
