import { readFile } from 'node:fs/promises';
import { descendantsOf } from './process-cpu';

/**
 * Proportional set size of a process in bytes: its own pages, and of those that several processes have mapped its share
 * (proc_pid_smaps(5)). Throws an Error where the system does not tell.
 */
export async function pssBytesOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kibibytes = /^Pss: +([0-9]+) kB$/m.exec(text)?.[1];
  if (kibibytes === undefined) throw new Error('the system does not tell what memory a process takes');
  return Number(kibibytes) * 1024;
}

/**
 * Proportional set size of a process and all that it started, directly or not, in bytes. A service holds its sessions in a process that
 * it starts, its runner.
 */
export async function pssBytesOfTree(pid: number): Promise<number> {
  const own = await pssBytesOf(pid);
  // One that ends meanwhile takes nothing any more.
  const others = await Promise.all(descendantsOf(pid).map((child) => pssBytesOf(child).catch(() => 0)));
  return others.reduce((sum, bytes) => sum + bytes, own);
}
