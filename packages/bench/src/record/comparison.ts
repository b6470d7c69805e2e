import type { Target } from '../keys/key';
import type { Spread } from '../measure/statistics';

/** What was seen of a key when it was last recorded. */
export interface RecordedKey extends Spread {
  readonly rounds: number;
  /** ISO 8601 day. */
  readonly date: string;
  readonly commit: string;
  readonly machine: string;
  readonly node: string;
}

/** A median beside a recorded one. `same`: within the spread of one or the other. */
export interface Comparison {
  readonly recorded: RecordedKey;
  /** 0.1: ten percent more than recorded, whether or not that is good. */
  readonly change: number;
  readonly verdict: 'better' | 'worse' | 'same';
}

/** Better or worse only where each median lies outside of the other's spread. */
export function compareWith(recorded: RecordedKey, ratio: Spread, target: Target | undefined): Comparison {
  const apart = !within(ratio.median, recorded) && !within(recorded.median, ratio);
  const more = ratio.median > recorded.median;
  const moreIsBetter = target?.bound !== 'atMost';
  return {
    recorded,
    change: ratio.median / recorded.median - 1,
    verdict: !apart ? 'same' : more === moreIsBetter ? 'better' : 'worse',
  };
}

function within(value: number, { min, max }: Spread): boolean {
  return value >= min && value <= max;
}
