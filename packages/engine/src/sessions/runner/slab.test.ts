import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Slab } from './slab';

describe('a slab', () => {
  it('gives blocks that do not overlap, are aligned, and all come back', () => {
    const bytes = 2 ** 16;
    const start = 4096;
    const steps = fc.array(fc.record({ takes: fc.boolean(), size: fc.integer({ min: 0, max: 20_000 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (todo) => {
        const slab = new Slab(start, bytes);
        const held: { at: number; end: number }[] = [];
        for (const { takes, size } of todo) {
          const at = takes ? slab.take(size) : undefined;
          if (at !== undefined) {
            expect(at % 256).toBe(0);
            expect(slab.sizeOf(at)).toBeGreaterThanOrEqual(size);
            const block = { at, end: at + slab.sizeOf(at) };
            expect(block.at >= start && block.end <= start + bytes).toBe(true);
            expect(held.every((other) => other.end <= block.at || block.end <= other.at)).toBe(true);
            held.push(block);
          } else if (held.length > 0) {
            slab.give(held.splice(size % held.length, 1)[0]!.at);
          }
        }
        for (const { at } of held) slab.give(at);
        expect(slab.isEmpty).toBe(true);
        expect(slab.take(bytes)).toBe(start);
      }),
    );
  });

  it('says when it is full, and gives again what came back', () => {
    const slab = new Slab(0, 1024);
    const [one, two] = [slab.take(slab.mostBytes)!, slab.take(slab.mostBytes)!];
    expect(slab.take(1)).toBeUndefined();
    slab.give(two);
    expect(slab.take(512)).toBe(two);
    expect(() => slab.give(one + 256)).toThrow(RangeError);
    expect(slab.take(2048)).toBeUndefined();
  });
});
