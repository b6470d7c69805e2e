import { describe, expect, it } from '@jest/globals';
import { choosePlacement, type MeasuredPlacement } from './choose-placement';

function measured(lanes: number, rows: number, rowsPerSecond: readonly number[], runUs = 1000): MeasuredPlacement {
  return { placement: { lanes, threads: 2 / lanes, rows }, rowsPerSecond, runUs };
}

const plain = measured(2, 8, [98, 100, 102]);

describe('choosePlacement', () => {
  it('stays with the plain rule unless the lower quartile of another beats its median', () => {
    const wavering = measured(1, 8, [80, 130, 140]);
    const sure = measured(1, 8, [103, 120, 140]);
    expect(choosePlacement(plain, [], undefined).placement).toBe(plain.placement);
    // Quartiles between neighbours: (80 + 130) / 2 = 105 is above 100, (60 + 130) / 2 is not.
    expect(choosePlacement(plain, [measured(1, 8, [60, 130, 140])], undefined).placement).toBe(plain.placement);
    expect(choosePlacement(plain, [wavering], undefined).placement).toBe(wavering.placement);
    expect(choosePlacement(plain, [sure], undefined).placement).toBe(sure.placement);
  });

  it('takes the smallest batch of those that are as fast as the fastest', () => {
    const placements = [
      measured(2, 64, [300, 300, 300]),
      measured(2, 16, [290, 290, 290]),
      measured(2, 4, [200, 200, 200]),
    ];
    expect(choosePlacement(plain, placements, undefined).placement).toEqual({ lanes: 2, threads: 1, rows: 16 });
  });

  it('does not make others wait for long batches, however fast; a single row takes what it takes', () => {
    const long = measured(2, 64, [300, 300, 300], 80_000);
    expect(choosePlacement(plain, [long], undefined).placement).toBe(plain.placement);
    const single = measured(1, 1, [300, 300, 300], 80_000);
    expect(choosePlacement(plain, [single], undefined).placement).toBe(single.placement);
  });

  it('chooses the event loop where calls alone are surely faster there and runs are short', () => {
    const tiny = measured(2, 8, [100, 100, 100], 60);
    const faster = { onLaneUs: [100, 110, 120], inlineUs: [20, 25, 30] };
    expect(choosePlacement(tiny, [], faster).inline).toBe(true);
    expect(choosePlacement(tiny, [], { ...faster, inlineUs: [20, 25, 300] }).inline).toBe(false);
    expect(choosePlacement(tiny, [], undefined).inline).toBe(false);
    expect(choosePlacement(plain, [], faster).inline).toBe(false);
  });
});
