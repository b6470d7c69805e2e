import { execFile, type ExecException } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const hierarchies = '/sys/fs/cgroup';

/** Joins a memory cgroup and takes all that is left in it, until a process is gone. */
const balloon = `
  const { existsSync, writeFileSync } = require('node:fs');
  const [members, pid] = process.argv.slice(1);
  writeFileSync('/proc/' + pid + '/oom_score_adj', '1000');
  writeFileSync(members, String(process.pid));
  const held = [];
  setInterval(() => existsSync('/proc/' + pid) ? held.push(Buffer.alloc(8 << 20, 1)) : process.exit(), 5);
`;

/**
 * Fills the memory cgroup of a process from beside it until the kernel has killed the process. A program started in the container would
 * be killed in its place: the kubelet gives all of a container nearly the highest score there is.
 */
export async function fillMemory(pid: number): Promise<void> {
  const members = await membersOfMemoryCgroup(pid);
  await promisify(execFile)(process.execPath, ['-e', balloon, members, String(pid)]).catch((error: unknown) => {
    // The runtime ends all that is left in the cgroup of a container that is over.
    if ((error as ExecException).signal !== 'SIGKILL') throw error;
  });
}

/** @returns path of the file that takes new members of the cgroup, in the hierarchy of memory (v1) or the one there is (v2) */
async function membersOfMemoryCgroup(pid: number): Promise<string> {
  const lines = (await readFile(`/proc/${pid}/cgroup`, 'utf8')).trim().split('\n');
  const cgroups = lines.map((line) => /^\d+:([^:]*):(.*)$/.exec(line)!.slice(1) as [string, string]);
  const memory = cgroups.find(([controllers]) => controllers.split(',').includes('memory'));
  const [folder, path] = memory === undefined ? ['', cgroups[0]![1]] : ['memory', memory[1]];
  const file = join(hierarchies, folder, path, 'cgroup.procs');
  if (!existsSync(file)) throw new Error(`process ${pid} has no memory cgroup of its own`);
  return file;
}
