import { describe, expect, it } from '@jest/globals';
import { isSampled, isTraceparent, spanIdOf, traceIdOf } from './traceparent';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const spanId = '00f067aa0ba902b7';

describe('traceparent', () => {
  it.each([`00-${traceId}-${spanId}-01`, `01-${traceId}-${spanId}-01`, `cc-${traceId}-${spanId}-01-what-comes-later`])(
    'understands %s',
    (text) => {
      expect([isTraceparent(text), traceIdOf(text), spanIdOf(text)]).toEqual([true, traceId, spanId]);
    },
  );

  it.each([
    undefined,
    '',
    traceId,
    `ff-${traceId}-${spanId}-01`,
    `00-${'0'.repeat(32)}-${spanId}-01`,
    `00-${traceId}-${'0'.repeat(16)}-01`,
    `00-${traceId.toUpperCase()}-${spanId}-01`,
    `00-${traceId}-${spanId}-01-more`,
    `00-${traceId}-${spanId}-01, 00-${traceId}-${spanId}-01`,
    `00-${traceId}-${spanId}-1`,
  ])('takes %s for none', (text) => expect(isTraceparent(text)).toBe(false));

  it.each([
    ['00', false],
    ['01', true],
    ['02', false],
    ['03', true],
    ['fe', false],
    ['ff', true],
  ])('flags %s: sampled is %s', (flags, sampled) => {
    expect(isSampled(`00-${traceId}-${spanId}-${flags}`)).toBe(sampled);
  });
});
