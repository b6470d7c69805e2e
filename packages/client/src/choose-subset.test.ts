import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chooseSubset } from './choose-subset';

const addressesOf = (network: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `10.${network}.${i >> 8}.${i & 255}:8001`);

/** Upstreams by router. */
function pairsOf(size: number, routers: readonly string[], upstreams: readonly string[]): Map<string, Set<string>> {
  return new Map(routers.map((self) => [self, new Set(chooseSubset(upstreams, { size, routers, self }))]));
}

const size = fc.integer({ min: 1, max: 8 });
const routers = fc.integer({ min: 1, max: 30 }).map((count) => addressesOf(1, count));
const upstreams = fc.integer({ min: 1, max: 60 }).map((count) => addressesOf(2, count));
const runs = { numRuns: 50 };

/** Those of a set that another lacks. */
function missing(from: ReadonlySet<string>, other: ReadonlySet<string> | undefined): string[] {
  return [...from].filter((each) => other?.has(each) !== true);
}

describe('chooseSubset', () => {
  it('gives every upstream so many routers and every router so many upstreams, or all where there are not more', () => {
    const property = fc.property(size, routers, upstreams, (k, from, to) => {
      const pairs = pairsOf(k, from, to);
      const followers = to.map((upstream) => from.filter((router) => pairs.get(router)!.has(upstream)).length);
      expect(Math.min(...followers)).toBeGreaterThanOrEqual(Math.min(k, from.length));
      expect(Math.min(...[...pairs.values()].map((set) => set.size))).toBeGreaterThanOrEqual(Math.min(k, to.length));
    });
    fc.assert(property, runs);
  });

  it('comes to the same pairs in whatever order the addresses come, and whether or not the router is listed itself', () => {
    const property = fc.property(size, routers, upstreams, (k, from, to) => {
      const self = from[0]!;
      const chosen = chooseSubset(to, { size: k, routers: from, self });
      const turned = chooseSubset([...to].reverse(), { size: k, routers: [...from.slice(1)].reverse(), self });
      expect([...turned].reverse()).toEqual(chosen);
    });
    fc.assert(property, runs);
  });

  it('gives a router that joins only what the others give up: none of them follows anything new', () => {
    const property = fc.property(size, routers, upstreams, (k, from, to) => {
      const before = pairsOf(k, from, to);
      const after = pairsOf(k, [...from, '10.3.0.1:8001'], to);
      expect(from.flatMap((router) => missing(after.get(router)!, before.get(router)))).toEqual([]);
    });
    fc.assert(property, runs);
  });

  it('makes a router give up one upstream at most for one that joins', () => {
    const property = fc.property(size, routers, fc.integer({ min: 9, max: 60 }), (k, from, count) => {
      const to = addressesOf(2, count);
      const before = pairsOf(k, from, to);
      const after = pairsOf(k, from, [...to, '10.3.0.1:8001']);
      expect(
        Math.max(...from.map((router) => missing(before.get(router)!, after.get(router)).length)),
      ).toBeLessThanOrEqual(1);
    });
    fc.assert(property, runs);
  });

  it('spreads 100 routers over 1,000 upstreams so evenly that none gets a tenth more or less than its share', () => {
    const to = addressesOf(2, 1000);
    const shares = new Map(to.map((upstream) => [upstream, 0]));
    for (const followed of pairsOf(20, addressesOf(1, 100), to).values()) {
      for (const upstream of followed) shares.set(upstream, shares.get(upstream)! + 1 / followed.size);
    }
    const fairShare = 100 / 1000;
    expect(Math.max(...shares.values())).toBeLessThan(1.1 * fairShare);
    expect(Math.min(...shares.values())).toBeGreaterThan(0.9 * fairShare);
  });

  it('moves a hundredth of the pairs for a router that joins 100 others, and hardly any for one of 1,000 upstreams', () => {
    const [from, to] = [addressesOf(1, 100), addressesOf(2, 1000)];
    const before = pairsOf(20, from, to);
    const movedBy = (after: Map<string, Set<string>>): number =>
      from.reduce((sum, router) => sum + missing(before.get(router)!, after.get(router)).length, 0);
    expect(movedBy(pairsOf(20, [...from, '10.3.0.1:8001'], to))).toBeLessThan((1.2 * 20 * 1000) / 101);
    expect(movedBy(pairsOf(20, from, [...to, '10.3.0.1:8001']))).toBeLessThan(20);
  });
});
