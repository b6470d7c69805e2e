import { describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { createBalancer, type BalancedCall } from './balancer';
import type { HopAnswer } from './hop';
import { createRetryBudget } from './retry-budget';
import type { Upstream } from './upstream';
import { UpstreamCounts } from './upstream-counts';

/** An upstream that answers with these codes in turn; negative: not answered. */
function upstreamOf(address: string, ...codes: number[]): Upstream & { calls: number } {
  return {
    address,
    state: 'READY',
    service: 'test',
    models: [],
    outstanding: 0,
    hop: 'plain',
    counts: new UpstreamCounts(),
    relayed: undefined,
    calls: 0,
    call() {
      const code = codes[Math.min(this.calls++, codes.length - 1)] ?? 0;
      const message = code === 0 ? Buffer.from(address) : undefined;
      const answer: HopAnswer = {
        code: Math.abs(code),
        details: '',
        message,
        headers: new Map(),
        trailers: new Map(),
        answered: code >= 0,
      };
      return Promise.resolve(answer);
    },
    open: () => {
      throw new Error('not called here');
    },
  };
}

function aCall(overrides: Partial<BalancedCall> = {}): BalancedCall {
  const { signal } = new AbortController();
  return {
    path: '/a/b',
    request: [Buffer.alloc(0)],
    metadata: new Map(),
    signal,
    remainingMs: () => 1_000,
    ...overrides,
  };
}

/** Always the first of the candidates. */
const first = (): number => 0;
const balancer = (reserve = 10) => createBalancer({ budget: createRetryBudget(reserve), random: first });

describe('createBalancer', () => {
  it('has no answer without candidates', async () => {
    expect(await balancer().call(() => [], aCall())).toBeUndefined();
  });

  it.each([
    ['UNAVAILABLE by its own word', Status.UNAVAILABLE],
    ['a lost connection', -Status.UNAVAILABLE],
    ['CANCELLED that nobody asked for', -Status.CANCELLED],
  ])('tries another upstream after %s', async (_what, code) => {
    const a = upstreamOf('a', code);
    const b = upstreamOf('b', 0);
    expect(await balancer().call(() => [a, b], aCall())).toMatchObject({ code: 0, message: Buffer.from('b') });
    expect([a.calls, b.calls]).toEqual([1, 1]);
    expect([a.counts.retries, b.counts.retries]).toEqual([1, 0]);
  });

  it('tries once more at most, and passes what the second says', async () => {
    const a = upstreamOf('a', -Status.UNAVAILABLE);
    const b = upstreamOf('b', Status.UNAVAILABLE);
    const c = upstreamOf('c', 0);
    const answer = await balancer().call(() => [a, b, c], aCall());
    expect(answer).toMatchObject({ code: Status.UNAVAILABLE, answered: true });
    expect(a.calls + b.calls + c.calls).toBe(2);
  });

  it('does not send a call again under which two connections have died, wherever the first died', async () => {
    const lost = -Status.UNAVAILABLE;
    const [a, b, c] = [upstreamOf('a', lost), upstreamOf('b', lost), upstreamOf('c', 0)];
    expect(await balancer().call(() => [a, b, c], aCall())).toMatchObject({ answered: false, losses: 2 });
    expect([a.calls, b.calls, c.calls]).toEqual([1, 1, 0]);
    const before = aCall({ lostBefore: 1 });
    expect(await balancer().call(() => [a, c], before)).toMatchObject({ answered: false, losses: 2 });
    expect([a.calls, c.calls]).toEqual([2, 0]);
  });

  it('goes on after an upstream that refused the call unseen, whatever was lost before', async () => {
    const [a, b] = [upstreamOf('a', Status.UNAVAILABLE), upstreamOf('b', 0)];
    expect(await balancer().call(() => [a, b], aCall({ lostBefore: 1 }))).toMatchObject({ code: 0, losses: 1 });
  });

  it('takes every other code as final', async () => {
    for (let code = 2; code <= 16; code++) {
      if (code === Status.UNAVAILABLE) continue;
      const a = upstreamOf('a', code);
      const b = upstreamOf('b', 0);
      expect(await balancer().call(() => [a, b], aCall())).toMatchObject({ code });
      expect(b.calls).toBe(0);
    }
  });

  it('asks for the candidates again, so that one that has left meanwhile is not tried', async () => {
    const a = upstreamOf('a', -Status.UNAVAILABLE, Status.OK);
    const b = upstreamOf('b', Status.OK);
    const lists = [[a, b], [a]];
    expect(await balancer().call(() => lists.shift() ?? [], aCall())).toMatchObject({ code: 0 });
    // The same upstream, for it is still there and had not answered.
    expect([a.calls, b.calls]).toEqual([2, 0]);
  });

  it('does not ask the only upstream twice once it has answered', async () => {
    const a = upstreamOf('a', Status.UNAVAILABLE);
    expect(await balancer().call(() => [a], aCall())).toMatchObject({ code: Status.UNAVAILABLE });
    expect(a.calls).toBe(1);
  });

  it('does not try again for a caller that is gone or out of time, nor without budget', async () => {
    const cases: [BalancedCall, number][] = [
      [aCall({ signal: AbortSignal.abort() }), 10],
      [aCall({ remainingMs: () => 0 }), 10],
      [aCall(), 0],
    ];
    for (const [call, reserve] of cases) {
      const a = upstreamOf('a', -Status.UNAVAILABLE);
      const b = upstreamOf('b', 0);
      await balancer(reserve).call(() => [a, b], call);
      expect(b.calls).toBe(0);
    }
  });
});
