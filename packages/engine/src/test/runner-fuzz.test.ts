import { describe, expect, it } from '@jest/globals';
import { laneDoubles, laneWord, laneWords } from '../sessions/runner/layout';
import type { SharedMemory } from '../sessions/runner/shared-memory';
import { fp32, mlp } from '../testing';
import { startRunnerHost } from './hosted-sessions';

/** Numbers in [0, 1) by mulberry32. */
function randomSource(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe('a runner that scribbles over what it shares with its host', () => {
  it('is never believed: each run ends once, none with a wrong answer, and the next runner is as good as new', async () => {
    const hosted = startRunnerHost({ sharedBytes: 2 ** 24 });
    // The same memory that the runner writes.
    const { words, doubles } = hosted.host.memory as unknown as Pick<SharedMemory, 'words' | 'doubles'>;
    const random = randomSource(14);
    const { session } = await hosted.load(mlp(4, 8, 2));
    const input = fp32([1, 4], [1, 2, 3, 4]);
    const [right] = await hosted.run(session, [input]);
    const counts = { ran: 0, wrong: 0, failed: 0, lost: 0 };
    const someWords = Object.values(laneWords);
    for (let round = 0; round < 25; round++) {
      const runs = [await hosted.start(session, [input]), await hosted.start(session, [input])];
      for (let scribble = 0; scribble < 4; scribble++) {
        const lane = laneWord(Math.floor(random() * 2));
        const value = random() < 0.5 ? Math.floor(random() * 8) : Math.floor(random() * 2 ** 32) | 0;
        if (random() < 0.2) {
          const double = Object.values(laneDoubles)[Math.floor(random() * 3)]!;
          doubles[lane / 2 + double] = random() < 0.5 ? NaN : value;
        } else words[lane + someWords[Math.floor(random() * someWords.length)]!] = value;
      }
      await new Promise(setImmediate);
      // What the owner's watchdog does where a run does not end.
      hosted.host.kill('the test does not wait');
      for (const { end } of runs) {
        const told = await end;
        if (told.kind === 'ran') {
          counts.ran++;
          if (Buffer.compare(told.outputs[0]!.bytes, right!.bytes) !== 0) counts.wrong++;
        } else if (told.kind === 'lost') counts.lost++;
        else counts.failed++;
      }
      expect(runs.map(({ ends }) => ends)).toEqual([1, 1]);
      let again = await (await hosted.start(session, [input])).end;
      // The last of it may still be dying.
      while (again.kind === 'lost') again = await (await hosted.start(session, [input])).end;
      expect(again).toMatchObject({ kind: 'ran', outputs: [right] });
    }
    expect(counts.wrong).toBe(0);
    expect(counts.ran + counts.lost + counts.failed).toBe(50);
    expect(counts.lost).toBeGreaterThan(0);
  });
});
