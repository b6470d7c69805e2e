import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks of `/proc/<pid>/stat` a second: USER_HZ, which is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;
/** Fields 4, 14, 15 and 22 of proc_pid_stat(5), counted behind the command's closing parenthesis. */
const parentField = 1;
const userTimeField = 11;
const systemTimeField = 12;
const startTimeField = 19;

/** Seconds of user and system time that a process has used, all its threads together; undefined where there is no `/proc`. */
export function cpuSecondsOf(pid: number): number | undefined {
  const fields = statOf(pid);
  return fields && (Number(fields[userTimeField]) + Number(fields[systemTimeField])) / ticksPerSecond;
}

/** The same of a process and all that it started, directly or not, and that still run. */
export function cpuSecondsOfTree(pid: number): number | undefined {
  const own = cpuSecondsOf(pid);
  return own === undefined
    ? undefined
    : descendantsOf(pid).reduce((sum, child) => sum + (cpuSecondsOf(child) ?? 0), own);
}

/** Ids of the processes that a process started, directly or not. */
export function descendantsOf(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync('/proc').filter((entry) => /^[0-9]+$/.test(entry))) {
    const parent = Number(statOf(Number(name))?.[parentField] ?? 0);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  for (let next = [pid]; next.length > 0; next = next.flatMap((parent) => children.get(parent) ?? []))
    found.push(...next);
  return found.slice(1);
}

/** When a process was started, in ticks since the system's start: with its id, which one it is. */
export function startTimeOf(pid: number): string | undefined {
  return statOf(pid)?.[startTimeField];
}

function statOf(pid: number): string[] | undefined {
  try {
    // The command, in parentheses, may hold spaces and parentheses itself.
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}
