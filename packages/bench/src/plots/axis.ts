export type Scale = 'linear' | 'log';

/** One axis: where a value lies between 0 and 1, and which values are marked. */
export interface Axis {
  at(value: number): number;
  readonly ticks: readonly number[];
}

/** About this many marks. */
const wantedTicks = 5;

/** An axis over values: from 0 where it is linear, over whole parts of decades where it is logarithmic. */
export function axisOver(values: readonly number[], scale: Scale): Axis {
  return scale === 'log' ? logAxis(values.filter((value) => value > 0)) : linearAxis(Math.max(...values, 0));
}

function linearAxis(most: number): Axis {
  const step = niceStep(most / wantedTicks);
  const count = Math.max(1, Math.ceil(most / step - 1e-9));
  return {
    at: (value) => value / (step * count),
    ticks: Array.from({ length: count + 1 }, (_, index) => clean(index * step)),
  };
}

/** 1, 2 or 5 times a power of ten, not below a size. */
function niceStep(size: number): number {
  if (!(size > 0)) return 1;
  const power = 10 ** Math.floor(Math.log10(size));
  return clean(power * ([1, 2, 5].find((factor) => factor * power >= size * (1 - 1e-9)) ?? 10));
}

function logAxis(values: readonly number[]): Axis {
  const marks: number[] = [];
  const [least, most] = values.length === 0 ? [1, 10] : [Math.min(...values), Math.max(...values)];
  for (let exponent = Math.floor(Math.log10(least)); exponent <= Math.ceil(Math.log10(most)); exponent++) {
    marks.push(...[1, 2, 5].map((factor) => clean(factor * 10 ** exponent)));
  }
  const first = Math.max(
    0,
    marks.findLastIndex((mark) => mark <= least),
  );
  const last = marks.findIndex((mark) => mark >= most);
  const ticks = marks.slice(first, (last <= first ? first + 1 : last) + 1);
  const [from, to] = [Math.log10(ticks[0]!), Math.log10(ticks.at(-1)!)];
  return { at: (value) => (Math.log10(value) - from) / (to - from), ticks };
}

/** Without the last digits that binary fractions leave. */
function clean(value: number): number {
  return Number(value.toPrecision(6));
}
