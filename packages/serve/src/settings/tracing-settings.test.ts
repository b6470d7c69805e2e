import { expect, it } from '@jest/globals';
import { tracesDelayMs } from './tracing-settings';

it.each([
  [undefined, 5000],
  ['', 5000],
  ['soon', 5000],
  ['-1', 5000],
  ['0', 5000],
  ['200', 200],
  ['1e12', 600_000],
])('spans wait for OTEL_BSP_SCHEDULE_DELAY=%s: %i ms', (asked, delayMs) => {
  expect(tracesDelayMs(asked === undefined ? {} : { OTEL_BSP_SCHEDULE_DELAY: asked })).toBe(delayMs);
});
