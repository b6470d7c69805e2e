import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { OpenCalls, type Placed } from './open-calls';

it('holds what was added and not deleted, in whatever order', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(9)), (steps) => {
      const calls = Array.from({ length: 10 }, (): Placed => ({ place: -1 }));
      const open = new OpenCalls<Placed>();
      const expected = new Set<Placed>();
      for (const step of steps) {
        const call = calls[step]!;
        if (expected.delete(call)) {
          open.delete(call);
          open.delete(call);
        } else {
          open.add(call);
          expected.add(call);
        }
        expect(new Set(open.list())).toEqual(expected);
        expect(open.list()).toHaveLength(expected.size);
      }
    }),
  );
});
