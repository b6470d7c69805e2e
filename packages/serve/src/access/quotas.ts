import { refusal, type TributaryError } from '@tributary/contract';
import { z } from 'zod';
import { StartError } from '../process/start-error';

/** What a caller may have; what is not named has no bound. */
export interface QuotaRule {
  readonly callsPerSecond?: number | undefined;
  readonly bytesPerSecond?: number | undefined;
  readonly concurrency?: number | undefined;
}

const rule = z.strictObject({
  callsPerSecond: z.number().positive().optional(),
  bytesPerSecond: z.number().positive().optional(),
  concurrency: z.number().int().positive().optional(),
});
const rules = z.strictObject({ default: rule.default({}), callers: z.record(z.string(), rule).default({}) });

/** Rules for every caller. */
export interface QuotaRules {
  readonly default: QuotaRule;
  readonly callers: Readonly<Record<string, QuotaRule>>;
}

/** @throws StartError where the text is no JSON of that shape */
export function parseQuotas(text: string): QuotaRules {
  try {
    return rules.parse(JSON.parse(text));
  } catch (error) {
    const where =
      error instanceof z.ZodError ? `${error.issues[0]?.path.join('.')}: ${error.issues[0]?.message}` : 'no JSON';
    throw new StartError(`quotas: ${where}`, { cause: error });
  }
}

/** Milliseconds that never go back. */
export type Clock = () => number;

/** Callers whose counts are kept; more than that, and those that have been quiet longest begin anew. */
export const maxCallersKept = 10_000;

/** The counts of callers, by name. */
export class Quotas {
  private readonly byName = new Map<string, Quota>();

  constructor(
    private readonly rules: QuotaRules,
    private readonly clock: Clock = () => performance.now(),
  ) {}

  get kept(): number {
    return this.byName.size;
  }

  of(name: string): Quota {
    const known = this.byName.get(name);
    // Back to the end: whoever stands first has been quiet longest.
    if (known !== undefined) this.byName.delete(name);
    const own = Object.hasOwn(this.rules.callers, name) ? this.rules.callers[name]! : {};
    const quota = known ?? new Quota({ ...this.rules.default, ...own }, this.clock);
    this.byName.set(name, quota);
    if (this.byName.size > maxCallersKept) this.forgetOne();
    return quota;
  }

  /** One without open calls, since those would count anew from nothing; where all have some, the first. */
  private forgetOne(): void {
    for (const [name, quota] of this.byName) {
      if (quota.calls > 0) continue;
      this.byName.delete(name);
      return;
    }
    this.byName.delete(this.byName.keys().next().value!);
  }
}

/** Pushback where nothing says when a call of the same caller will end. */
const concurrencyPushbackMs = 100;

/** What one caller has used: token buckets that hold what a second brings. */
export class Quota {
  /** Open ones. */
  calls = 0;
  private callTokens: number;
  private byteTokens: number;
  private filledMs: number;

  constructor(
    private readonly rule: QuotaRule,
    private readonly clock: Clock,
  ) {
    this.callTokens = burstOf(rule.callsPerSecond);
    this.byteTokens = burstOf(rule.bytesPerSecond);
    this.filledMs = clock();
  }

  /** Begins a call, before its request is read; or says why not. */
  enter(): TributaryError | undefined {
    this.fill();
    const { callsPerSecond = Infinity, bytesPerSecond = Infinity, concurrency = Infinity } = this.rule;
    if (this.calls >= concurrency) {
      return refusal('QUOTA_CONCURRENCY', { expected: concurrency }, { retryDelayMs: concurrencyPushbackMs });
    }
    // Bytes are known only once a request is there: what it has over is paid back before the next.
    if (this.byteTokens < 0) {
      const retryDelayMs = Math.ceil((-this.byteTokens / bytesPerSecond) * 1000);
      return refusal('QUOTA_BYTES', { expected: bytesPerSecond }, { retryDelayMs });
    }
    if (this.callTokens < 1) {
      const retryDelayMs = Math.ceil(((1 - this.callTokens) / callsPerSecond) * 1000);
      return refusal('QUOTA_CALLS', { expected: callsPerSecond }, { retryDelayMs });
    }
    this.callTokens -= 1;
    this.calls += 1;
    return undefined;
  }

  /** A request, or a part of one, has come. */
  charge(bytes: number): void {
    this.byteTokens -= bytes;
  }

  leave(): void {
    this.calls -= 1;
  }

  private fill(): void {
    const now = this.clock();
    const seconds = (now - this.filledMs) / 1000;
    this.filledMs = now;
    const { callsPerSecond, bytesPerSecond } = this.rule;
    this.callTokens = Math.min(burstOf(callsPerSecond), this.callTokens + seconds * (callsPerSecond ?? 0));
    this.byteTokens = Math.min(burstOf(bytesPerSecond), this.byteTokens + seconds * (bytesPerSecond ?? 0));
  }
}

/** What a second brings, and one call at least; endless where there is no bound. */
function burstOf(perSecond: number | undefined): number {
  return perSecond === undefined ? Infinity : Math.max(1, perSecond);
}
