import { describe, expect, it } from '@jest/globals';
import { maxCallersKept, parseQuotas, Quotas, type QuotaRule } from './quotas';

/** Quotas of one rule and the clock they go by. */
function quotasOf(rule: QuotaRule): { readonly quotas: Quotas; readonly clock: { nowMs: number } } {
  const clock = { nowMs: 0 };
  return { clock, quotas: new Quotas({ default: rule, callers: { free: {} } }, () => clock.nowMs) };
}

describe('quotas', () => {
  it('let as many calls begin in a second as they say, and tell how long to wait for the next', () => {
    const { quotas, clock } = quotasOf({ callsPerSecond: 10 });
    const begin = (): string | undefined => quotas.of('a').enter()?.reason;
    expect(Array.from({ length: 11 }, begin)).toEqual([...Array.from({ length: 10 }), 'QUOTA_CALLS']);
    expect(quotas.of('a').enter()?.details.retryDelayMs).toBe(100);
    clock.nowMs += 100;
    expect([begin(), begin()]).toEqual([undefined, 'QUOTA_CALLS']);
    expect(quotas.of('b').enter()).toBeUndefined();
  });

  it('let bytes go over once, and have them paid back before the next call', () => {
    const { quotas, clock } = quotasOf({ bytesPerSecond: 1000 });
    expect(quotas.of('a').enter()).toBeUndefined();
    quotas.of('a').charge(3000);
    expect(quotas.of('a').enter()).toMatchObject({ reason: 'QUOTA_BYTES', details: { retryDelayMs: 2000 } });
    clock.nowMs += 2000;
    expect(quotas.of('a').enter()).toBeUndefined();
  });

  it('bound the calls that are open, until one ends', () => {
    const { quotas } = quotasOf({ concurrency: 2 });
    const outcomes = [1, 2, 3].map(() => quotas.of('a').enter()?.reason);
    expect(outcomes).toEqual([undefined, undefined, 'QUOTA_CONCURRENCY']);
    quotas.of('a').leave();
    expect(quotas.of('a').enter()).toBeUndefined();
  });

  it('of a caller add to the default and lift nothing that they do not name', () => {
    const { quotas } = quotasOf({ callsPerSecond: 1, concurrency: 1 });
    expect(quotas.of('free').enter()).toBeUndefined();

    expect(quotas.of('free').enter()?.reason).toBe('QUOTA_CONCURRENCY');
  });

  it('keep a bounded number of callers, and those with open calls before others', () => {
    const { quotas } = quotasOf({ concurrency: 1 });
    quotas.of('busy').enter();
    for (let index = 0; index < maxCallersKept + 100; index += 1) quotas.of(`caller-${index}`);
    expect(quotas.kept).toBe(maxCallersKept);
    expect(quotas.of('busy').enter()?.reason).toBe('QUOTA_CONCURRENCY');
  });

  it('are refused where their file is not what it should be, and the fault is named', () => {
    expect(parseQuotas('{"default": {"concurrency": 3}}')).toEqual({ default: { concurrency: 3 }, callers: {} });
    expect(() => parseQuotas('{')).toThrow('quotas: no JSON');
    expect(() => parseQuotas('{"callers": {"a": {"concurrency": -1}}}')).toThrow('callers.a.concurrency');
    expect(() => parseQuotas('{"defaults": {}}')).toThrow('defaults');
  });
});
