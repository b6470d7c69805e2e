/**
 * Looks from time to time whether something takes too long. Time in which the process stood still (SIGSTOP, a machine that slept, a held
 * event loop) is told with it: nothing had a chance to end then, and what did end has not been heard of yet, since timers come before
 * messages.
 */
export class Watchdog {
  private lastMs = performance.now();
  private readonly timer: NodeJS.Timeout;

  /** @param look gets the time by performance.now(), and how much of that since the last look the process stood still, in milliseconds */
  constructor(
    private readonly intervalMs: number,
    private readonly look: (nowMs: number, stoodStillMs: number) => void,
  ) {
    this.timer = setInterval(() => this.wake(), intervalMs).unref();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private wake(): void {
    const nowMs = performance.now();
    const lateMs = nowMs - this.lastMs - this.intervalMs;
    this.lastMs = nowMs;
    this.look(nowMs, lateMs > this.intervalMs ? lateMs : 0);
  }
}
