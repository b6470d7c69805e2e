import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { descendantsOf, startTimeOf } from './process-cpu';

/** From SIGTERM to SIGKILL, in milliseconds. */
const graceMs = 5000;

/** The processes started here. None outlives this one, whichever way it ends short of SIGKILL. */
export class ProcessGroup {
  private readonly members = new Map<ChildProcess, string>();
  /** Those that start others, which are ended with them. */
  private readonly parents = new WeakSet<ChildProcess>();

  constructor() {
    process.once('exit', () => {
      for (const child of this.members.keys()) {
        const started = this.startedBy(child);
        child.kill('SIGKILL');
        killAll(started);
      }
    });
  }

  /** Takes a process in; it leaves when it ends. `startsOthers`: those are ended with it. */
  add(name: string, child: ChildProcess, { startsOthers = false } = {}): void {
    this.members.set(child, name);
    if (startsOthers) this.parents.add(child);
    child.once('exit', () => this.members.delete(child));
    child.once('error', () => this.members.delete(child));
  }

  /** Names of those that run. */
  running(): readonly string[] {
    return [...this.members.values()];
  }

  /** Ends some or all members: SIGTERM, and SIGKILL for those that stay. */
  async end(children: Iterable<ChildProcess> = [...this.members.keys()]): Promise<void> {
    await Promise.all([...children].map((child) => this.endOne(child)));
  }

  private async endOne(child: ChildProcess): Promise<void> {
    if (!this.members.has(child)) return;
    const ended = once(child, 'exit');
    const started = this.startedBy(child);
    child.kill('SIGTERM');
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
    }, graceMs);
    await ended;
    clearTimeout(timer);
    killAll(started);
  }

  private startedBy(child: ChildProcess): readonly Started[] {
    if (!this.parents.has(child) || child.pid === undefined) return [];
    return descendantsOf(child.pid).map((pid) => ({ pid, startTime: startTimeOf(pid) }));
  }
}

/** A process by more than its id, which another may have had since. */
interface Started {
  readonly pid: number;
  readonly startTime: string | undefined;
}

/** Ends those that are left. */
function killAll(processes: readonly Started[]): void {
  for (const { pid, startTime } of processes) {
    if (startTime === undefined || startTimeOf(pid) !== startTime) continue;
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended with its parent.
    }
  }
}
