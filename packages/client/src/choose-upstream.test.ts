import { describe, expect, it } from '@jest/globals';
import { chooseUpstream } from './choose-upstream';

/** Mulberry32: the same numbers from the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

describe('chooseUpstream', () => {
  it('has no answer without candidates, and takes the only one', () => {
    const nobody: { outstanding: number }[] = [];
    expect(chooseUpstream(nobody, Math.random)).toBeUndefined();
    const only = { outstanding: 9 };
    expect(chooseUpstream([only], Math.random)).toBe(only);
  });

  it('never takes the busiest of several', () => {
    const random = seededRandom(1);
    const busiest = { outstanding: 3 };
    const candidates = [{ outstanding: 1 }, busiest, { outstanding: 2 }, { outstanding: 1 }];
    const chosen = new Set(Array.from({ length: 1_000 }, () => chooseUpstream(candidates, random)));
    expect(chosen.has(busiest)).toBe(false);
    expect(chosen.size).toBe(3);
  });

  it('spreads calls evenly over idle upstreams', () => {
    const random = seededRandom(2);
    const candidates = [0, 1, 2].map((id) => ({ id, outstanding: 0 }));
    const counts = [0, 0, 0];
    for (let i = 0; i < 3_000; i++) {
      const id = chooseUpstream(candidates, random)?.id ?? 0;
      counts[id] = (counts[id] ?? 0) + 1;
    }
    for (const count of counts) expect(Math.abs(count - 1_000)).toBeLessThan(120);
  });

  it('keeps the outstanding calls within a few of each other while calls only arrive', () => {
    const random = seededRandom(3);
    const candidates = Array.from({ length: 8 }, () => ({ outstanding: 0 }));
    for (let i = 0; i < 8_000; i++) {
      const chosen = chooseUpstream(candidates, random);
      if (chosen !== undefined) chosen.outstanding += 1;
    }
    const loads = candidates.map((candidate) => candidate.outstanding);
    expect(Math.max(...loads) - Math.min(...loads)).toBeLessThan(20);
  });
});
