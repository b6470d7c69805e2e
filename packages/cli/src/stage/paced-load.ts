import type { Client } from '@tributary/client';
import { Status, statusName } from '@tributary/contract';

/** What a load calls, and how fast. */
export interface LoadPlan {
  /** As createClient takes it. */
  readonly target: string;
  /** Taken in turn; `request` is the encoded message in base64. */
  readonly calls: readonly { readonly path: string; readonly request: string }[];
  /** Calls that begin in a second; undefined: as many as are answered. */
  readonly perSecond?: number;
  /** Where that many wait for their answers, the next ones begin later. */
  readonly maxInFlight: number;
  /** Deadline of a call. */
  readonly timeoutMs: number;
}

/** What a load has seen so far. */
export interface LoadReport {
  readonly elapsedMs: number;
  readonly begun: number;
  readonly ok: number;
  readonly failed: number;
  /** How many failed by status and words. */
  readonly failures: Readonly<Record<string, number>>;
  /** From the beginning of a call to its good answer, over the whole load. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Longest time without a good answer. */
  readonly longestGapMs: number;
}

/** Steps between buckets of latencies, as a factor. */
const step = 1.05;
const tickMs = 4;

/** Calls at a steady pace until it is stopped. */
export class PacedLoad {
  private readonly beganMs = performance.now();
  private readonly latencies = new Map<number, number>();
  private readonly failures: Record<string, number> = {};
  private readonly timer: NodeJS.Timeout;
  private readonly requests: readonly { path: string; request: Buffer }[];
  private begun = 0;
  private ok = 0;
  private failed = 0;
  private inFlight = 0;
  private due = 0;
  private tickedMs = this.beganMs;
  private goodMs = this.beganMs;
  private longestGapMs = 0;
  private onIdle = (): void => undefined;
  private stopped = false;

  constructor(
    private readonly client: Client,
    private readonly plan: LoadPlan,
  ) {
    this.requests = plan.calls.map(({ path, request }) => ({ path, request: Buffer.from(request, 'base64') }));
    this.timer = setInterval(() => this.tick(), tickMs);
    this.tick();
  }

  report(): LoadReport {
    const now = performance.now();
    return {
      elapsedMs: Math.round(now - this.beganMs),
      begun: this.begun,
      ok: this.ok,
      failed: this.failed,
      failures: this.failures,
      p50Ms: this.quantile(0.5),
      p99Ms: this.quantile(0.99),
      longestGapMs: Math.round(Math.max(this.longestGapMs, this.stopped ? 0 : now - this.goodMs)),
    };
  }

  /** Begins no more; resolves once the calls under way have ended. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    if (this.inFlight > 0) await new Promise<void>((resolve) => (this.onIdle = resolve));
  }

  private tick(): void {
    const now = performance.now();
    const { perSecond, maxInFlight } = this.plan;
    // What could not begin in time is not made up for in one burst.
    const grown = perSecond === undefined ? maxInFlight : this.due + ((now - this.tickedMs) / 1000) * perSecond;
    this.due = Math.min(grown, maxInFlight);
    this.tickedMs = now;
    while (this.due >= 1 && this.inFlight < maxInFlight) {
      this.due -= 1;
      void this.call();
    }
  }

  private async call(): Promise<void> {
    const { path, request } = this.requests[this.begun % this.requests.length]!;
    this.begun += 1;
    this.inFlight += 1;
    const beganMs = performance.now();
    const { code, details } = await this.client.callBytes(path, request, { timeoutMs: this.plan.timeoutMs });
    const now = performance.now();
    this.inFlight -= 1;
    if (code === Status.OK) {
      this.ok += 1;
      this.longestGapMs = Math.max(this.longestGapMs, now - this.goodMs);
      this.goodMs = now;
      const bucket = Math.round(Math.log(Math.max(now - beganMs, 0.01)) / Math.log(step));
      this.latencies.set(bucket, (this.latencies.get(bucket) ?? 0) + 1);
    } else {
      this.failed += 1;
      const failure = `${statusName(code)}: ${details}`;
      this.failures[failure] = (this.failures[failure] ?? 0) + 1;
    }
    if (this.inFlight === 0) this.onIdle();
    // A load without a pace goes on with the next call at once.
    if (this.plan.perSecond === undefined && !this.stopped) this.tick();
  }

  private quantile(share: number): number {
    let left = share * this.ok;
    for (const [bucket, count] of [...this.latencies].sort(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Number((step ** bucket).toPrecision(3));
    }
    return 0;
  }
}
