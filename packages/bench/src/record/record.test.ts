import { describe, expect, it } from '@jest/globals';
import { atLeast, atMost } from '../keys/key';
import { judge, type Report } from '../report';
import { compareWith, type RecordedKey } from './comparison';
import { mergeReport } from './record';

const recorded: RecordedKey = {
  ...{ median: 1, min: 0.9, max: 1.1, rounds: 7 },
  ...{ date: '2026-11-01', commit: 'abc', machine: 'Test CPU, 2 cores', node: '20.19.0' },
};

describe('compareWith', () => {
  it.each([
    ['within the recorded spread', { median: 1.05, min: 1.04, max: 1.06 }, 'same'],
    ['whose own spread holds the recorded median', { median: 1.3, min: 0.95, max: 1.5 }, 'same'],
    ['above both', { median: 1.3, min: 1.2, max: 1.4 }, 'better'],
    ['below both', { median: 0.7, min: 0.6, max: 0.8 }, 'worse'],
  ])('a median %s', (_, now, verdict) => {
    expect(compareWith(recorded, now, atLeast(1)).verdict).toBe(verdict);
    const turned = verdict === 'better' ? 'worse' : verdict === 'worse' ? 'better' : 'same';
    expect(compareWith(recorded, now, atMost(1)).verdict).toBe(turned);
  });

  it('tells the change whichever way is good', () => {
    expect(compareWith(recorded, { median: 1.5, min: 1.4, max: 1.6 }, atMost(1)).change).toBeCloseTo(0.5);
  });
});

describe('mergeReport', () => {
  const side = { name: 'a', milliseconds: { median: 1, min: 1, max: 1 } };
  const measured = {
    ...{ ratios: [0.81234567, 0.8], ratio: { median: 0.81234567, min: 0.8, max: 0.82 } },
    ...{ numerator: side, denominator: side },
  };
  const report: Report = {
    machine: { cpu: 'Test CPU', cores: 2, memoryGigabytes: 8, system: 'linux' },
    ...{ node: '20.19.0', commit: 'def', date: '2026-11-24T10:00:00.000Z', quick: false },
    generator: { callsPerSecond: 1, coreShare: 1, cpuMicrosecondsPerCall: 1 },
    keys: {
      'scale.two_lanes': judge({ meaning: '' }, { ...measured, refusals: [] }),
      'overload.goodput': judge({ meaning: '' }, { ...measured, refusals: [{ kind: 'load', text: 'limit' }] }),
    },
    failures: {},
  };

  it('takes what was measured and leaves the rest: other keys, and those that were refused', () => {
    const before = { 'overload.goodput': recorded, 'start.ready_over_bare': recorded };
    expect(mergeReport(before, report)).toEqual({
      ...before,
      'scale.two_lanes': {
        ...{ median: 0.8123, min: 0.8, max: 0.82, rounds: 2 },
        ...{ date: '2026-11-24', commit: 'def', machine: 'Test CPU, 2 cores', node: '20.19.0' },
      },
    });
  });
});
