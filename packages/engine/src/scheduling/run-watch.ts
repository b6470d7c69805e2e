import { Watchdog } from '../threads/watchdog';
import type { Running } from './batch';

/** What a watch is for. */
export interface RunWatchOptions {
  /** Longest run before it is asked to stop. */
  readonly runTimeoutMs: number;
  readonly running: Iterable<Running>;
  /** The run took too long; told once. */
  readonly onOverdue: (running: Running) => void;
  /** The run took too long and does not give way: a single operator does not return, or what holds the lane stands still. Told once. */
  readonly onStuck: (running: Running) => void;
}

/** Time that a run has to give way once it is asked to: one operator of the graph. */
const maxGraceMs = 2000;

/** Looks after runs that take too long. */
export class RunWatch {
  private readonly watchdog: Watchdog;
  private readonly overdue = new WeakSet<Running>();
  private readonly stuck = new WeakSet<Running>();

  constructor(private readonly options: RunWatchOptions) {
    const intervalMs = Math.min(1000, Math.max(10, options.runTimeoutMs / 4));
    this.watchdog = new Watchdog(intervalMs, (nowMs, stoodStillMs) => this.look(nowMs, stoodStillMs));
  }

  stop(): void {
    this.watchdog.stop();
  }

  private look(nowMs: number, stoodStillMs: number): void {
    const { runTimeoutMs, onOverdue, onStuck } = this.options;
    const graceMs = Math.min(maxGraceMs, runTimeoutMs);
    for (const running of [...this.options.running]) {
      running.startedAtMs += stoodStillMs;
      const forMs = nowMs - running.startedAtMs;
      if (forMs <= runTimeoutMs) continue;
      if (!this.overdue.has(running)) {
        this.overdue.add(running);
        onOverdue(running);
      } else if (forMs > runTimeoutMs + graceMs && !this.stuck.has(running)) {
        this.stuck.add(running);
        onStuck(running);
      }
    }
  }
}
