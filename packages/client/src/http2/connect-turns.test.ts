import { describe, expect, it } from '@jest/globals';
import { ConnectTurns, maxTurns } from './connect-turns';

/** Takes more turns than there are. */
function takeAll(more: number) {
  const turns = new ConnectTurns();
  const begun: number[] = [];
  let check = (): void => undefined;
  const taken = Array.from({ length: maxTurns + more }, (_, index) =>
    turns.take(() => {
      begun.push(index);
      check();
    }),
  );
  const untilBegun = (count: number): Promise<void> =>
    new Promise((resolve) => {
      check = () => {
        if (begun.length >= count) resolve();
      };
      check();
    });
  return { begun, taken, untilBegun };
}

describe('connections that are to be made', () => {
  it('begin so many at once, and the others in order as those before stand or have failed', () => {
    const { begun, taken } = takeAll(3);
    expect(begun).toHaveLength(maxTurns);
    taken[5]!.end();
    // Nobody gives a turn back twice.
    taken[5]!.end();
    expect(begun.slice(maxTurns)).toEqual([maxTurns]);
    taken[maxTurns]!.end();
    taken[0]!.end();
    expect(begun.slice(maxTurns)).toEqual([maxTurns, maxTurns + 1, maxTurns + 2]);
  });

  it('do not begin once they are not wanted any more', () => {
    const { begun, taken } = takeAll(2);
    taken[maxTurns]!.end();
    taken[0]!.end();
    expect(begun.slice(maxTurns)).toEqual([maxTurns + 1]);
  });

  it('do not wait for ever for those that get no answer', async () => {
    const { begun, untilBegun } = takeAll(2 * maxTurns);
    expect(begun).toHaveLength(maxTurns);
    await untilBegun(3 * maxTurns);
    expect(begun).toEqual([...begun.keys()]);
  });
});
