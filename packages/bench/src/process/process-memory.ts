import { readFile } from 'node:fs/promises';

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
