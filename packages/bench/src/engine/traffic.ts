import { LatencyHistogram } from '../load/latency-histogram';
import { exponential, seededRandom } from '../measure/statistics';
import type { EngineRequest, TrafficPlan, TrafficSection } from './engine-plan';

/** Calls at Poisson times, whether or not answers come. */
export class Traffic {
  private readonly random: () => number;
  private readonly pending = new Set<Promise<void>>();
  private histogram = new LatencyHistogram();
  private faults = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private dueMs = performance.now();
  private next = 0;

  /** @param ask makes a call; resolves with what was wrong with its answer, if anything was */
  constructor(
    private readonly plan: TrafficPlan,
    private readonly ask: (request: EngineRequest) => Promise<string | undefined>,
  ) {
    this.random = seededRandom(plan.seed);
    this.sendDue();
  }

  /** What came since this was last asked. */
  section(): TrafficSection {
    const [histogram, faults] = [this.histogram, this.faults];
    this.histogram = new LatencyHistogram();
    this.faults = new Set();
    return {
      calls: histogram.count,
      p50Ms: histogram.percentileMs(0.5),
      p99Ms: histogram.percentileMs(0.99),
      faults: [...faults],
    };
  }

  /** Sends no more calls; resolves when all have ended. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await Promise.all(this.pending);
  }

  private sendDue(): void {
    while (this.dueMs <= performance.now()) {
      const call = this.send(this.dueMs);
      this.pending.add(call);
      void call.finally(() => this.pending.delete(call));
      this.dueMs += exponential(this.random, 1000 / this.plan.callsPerSecond);
    }
    this.timer = setTimeout(() => this.sendDue(), this.dueMs - performance.now());
  }

  private async send(dueMs: number): Promise<void> {
    const { requests } = this.plan;
    const fault = await this.ask(requests[this.next++ % requests.length]!);
    this.histogram.record(performance.now() - dueMs);
    if (fault !== undefined) this.faults.add(fault);
  }
}
