import { performance } from 'node:perf_hooks';

/** Lines a second that what strangers cause may take, and how many may come at once. */
const linesPerSecond = 20;
const burst = 100;

/** How many lines of one kind a log may take: a token bucket on the monotonic clock. */
export class LineBudget {
  private tokens = burst;
  private filledMs = performance.now();
  private suppressed = 0;

  allows(): boolean {
    const now = performance.now();
    this.tokens = Math.min(burst, this.tokens + ((now - this.filledMs) / 1000) * linesPerSecond);
    this.filledMs = now;
    if (this.tokens < 1) {
      this.suppressed += 1;
      return false;
    }
    this.tokens -= 1;
    return true;
  }

  /** How many were left out since this was asked last; for the line that comes next. */
  takeSuppressed(): number {
    const suppressed = this.suppressed;
    this.suppressed = 0;
    return suppressed;
  }
}
