import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroup } from '../paths';

const hierarchies = '/sys/fs/cgroup';

/**
 * Makes the cgroup below which the kubelet puts pods, in the one hierarchy (v2) or in that of every controller (v1).
 * @param cpuWeight weight of all pods together against the rest of the machine, as cpu.shares; default: the kernel's, 1024
 */
export async function makeCgroups(cpuWeight?: number): Promise<void> {
  if (existsSync(join(hierarchies, 'cgroup.controllers'))) {
    await mkdir(join(hierarchies, cgroup), { recursive: true });
    return;
  }
  for (const entry of await readdir(hierarchies, { withFileTypes: true })) {
    if (!entry.isDirectory() || !existsSync(join(hierarchies, entry.name, 'cgroup.procs'))) continue;
    const folder = join(hierarchies, entry.name, cgroup);
    await mkdir(folder, { recursive: true });
    // A new cpuset is empty, and nothing can run in it.
    for (const file of ['cpuset.cpus', 'cpuset.mems']) {
      if (!existsSync(join(folder, file))) continue;
      await writeFile(join(folder, file), await readFile(join(hierarchies, entry.name, file)));
    }
    const shares = join(folder, 'cpu.shares');
    if (cpuWeight !== undefined && existsSync(shares)) await writeFile(shares, String(cpuWeight));
  }
}
