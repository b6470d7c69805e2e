import { describe, expect, it } from '@jest/globals';
import { atLeast, atMost, type KeyResult } from './keys/key';
import type { Refusal } from './measure/ratio';
import { compareReport } from './record/record';
import { renderReport } from './render-report';
import { exitCodeOf, judge, type KeyReport, type Report } from './report';

function result(median: number, refusals: readonly Refusal[] = []): KeyResult {
  const perSecond = { median: 1200, min: 1000, max: 1300 };
  return {
    ratios: [median],
    ratio: { median, min: median - 0.1, max: median + 0.1 },
    numerator: {
      name: 'image service',
      perSecond,
      cpuUsPerAnswer: 25_040,
      p50Ms: 2,
      p99Ms: 9.5,
      generatorCoreShare: 0.31,
    },
    denominator: {
      name: 'bare 2 lanes x 1 thread',
      perSecond: { median: 90.04, min: 80, max: 99 },
      cpuUsPerAnswer: 900,
    },
    refusals,
  };
}
function report(key: KeyReport, quick = false): Report {
  return {
    machine: { cpu: 'Test CPU', cores: 2, memoryGigabytes: 8, system: 'linux x64 6.1' },
    node: '20.19.0',
    commit: 'abc',
    date: '2026-11-24T10:00:00.000Z',
    quick,
    generator: { callsPerSecond: 20_000, coreShare: 0.9, cpuMicrosecondsPerCall: 45 },
    keys: { 'image.served_over_bare': key },
    failures: {},
  };
}
const limit: Refusal = { kind: 'load', text: 'the load generator was the limit' };
const wrong: Refusal = { kind: 'answers', text: '3 wrong answers' };

describe('judge', () => {
  it('reaches a target at the median, not at the best round', () => {
    expect(judge({ meaning: '', target: atLeast(0.8) }, result(0.8)).verdict).toBe('reached');
    expect(judge({ meaning: '', target: atLeast(0.8) }, result(0.79)).verdict).toBe('missed');
    expect(judge({ meaning: '' }, result(0.1)).verdict).toBe('recorded');
  });

  it('reaches a target from above where less is better', () => {
    expect(judge({ meaning: '', target: atMost(1.5) }, result(1.5)).verdict).toBe('reached');
    expect(judge({ meaning: '', target: atMost(1.5) }, result(1.51)).verdict).toBe('missed');
    expect(judge({ meaning: '', target: atMost(1.5) }, result(Number.NaN)).verdict).toBe('missed');
  });

  it('refuses whatever the ratio', () => {
    expect(judge({ meaning: '', target: atLeast(0.8) }, result(2, [limit])).verdict).toBe('refused');
    expect(judge({ meaning: '' }, result(2, [wrong])).verdict).toBe('refused');
  });
});

describe('exitCodeOf', () => {
  const codes = (key: KeyReport): number[] => [exitCodeOf(report(key)), exitCodeOf(report(key, true))];

  it.each([
    ['reached', result(0.9), [0, 0]],
    ['missed', result(0.5), [1, 0]],
    ['refused for the generator', result(0.9, [limit]), [1, 0]],
    ['refused for wrong answers', result(0.9, [wrong]), [1, 1]],
  ])('%s: full and quick run', (_, measured, expected) => {
    expect(codes(judge({ meaning: '', target: atLeast(0.8) }, measured))).toEqual(expected);
  });
});

describe('a key that could not be measured', () => {
  const failed: Report = {
    ...report(judge({ meaning: '' }, result(1))),
    failures: { 'text.served_over_bare': 'nlp did not start' },
  };

  it('fails the run, quick or not', () => {
    expect([exitCodeOf(failed), exitCodeOf({ ...failed, quick: true })]).toEqual([1, 1]);
  });

  it('stands in the report beside those that were', () => {
    expect(renderReport(failed)).toMatch(/image\.served_over_bare +1\.00/);
    expect(renderReport(failed)).toContain('text.served_over_bare: not measured: nlp did not start');
  });
});

describe('renderReport', () => {
  it('shows ratio, target, verdict and what stands behind them', () => {
    const openLoop = { callsPerSecond: 600, p50Ms: 1.5, p99Ms: 4 };
    const arrangements = [
      { name: '1 lane x 2 threads', perSecond: 70, best: false },
      { name: '2 lanes x 1 thread', perSecond: 90, best: true },
    ];
    const measured = { ...result(0.82), openLoop, arrangements };
    expect(
      renderReport(report(judge({ meaning: 'served / bare', target: atLeast(0.8) }, measured))).split('\n'),
    ).toEqual([
      'Test CPU, 2 cores, 8 GB, linux x64 6.1; Node 20.19.0, commit abc',
      'load generator at its best: 20000 calls/s at 90 % of a core, 45 us of CPU a call',
      '',
      'key                     median [min, max]  target   verdict  recorded',
      '----------------------  -----------------  -------  -------  --------',
      'image.served_over_bare  0.82 [0.72, 0.92]  >= 0.80  reached  -',
      '',
      'image.served_over_bare: served / bare',
      '  image service: 1200/s [1000, 1300], 25.0 ms of CPU an answer, p50 2.00 ms, p99 9.50 ms, generator 31 % of a core',
      '  bare 2 lanes x 1 thread: 90.0/s [80.0, 99.0], 900 us of CPU an answer',
      '  open loop at 600/s: p50 1.50 ms, p99 4.00 ms',
      '  bare, 1 lane x 2 threads: 70.0/s',
      '  bare, 2 lanes x 1 thread: 90.0/s (best, taken)',
    ]);
  });

  it('shows a figure that is no ratio by itself', () => {
    const milliseconds = { median: 3.4, min: 3.3, max: 120 };
    const numerator = { name: 'cancellation', milliseconds };
    const timed = { ratios: [3.4], ratio: milliseconds, refusals: [], numerator };
    const lines = renderReport(report(judge({ meaning: 'a time', target: atMost(5) }, timed))).split('\n');
    expect(lines.slice(-2)).toEqual(['image.served_over_bare: a time', '  cancellation: 3.4 ms [3.3, 120]']);
  });

  it('says that the machine was not its own', () => {
    const key = judge({ meaning: '' }, result(1));
    expect(renderReport(report({ ...key, othersCores: 0.8 }))).toContain('kept up to 0.80 of 2 cores busy');
    expect(renderReport(report({ ...key, othersCores: 0.05 }))).not.toContain('other processes');
  });

  it('shows a recorded figure, and judges the change in a full run only', () => {
    const key = judge({ meaning: '', target: atLeast(0.8) }, result(0.9));
    const recorded = {
      ...{ median: 0.5, min: 0.4, max: 0.6, rounds: 7 },
      ...{ date: '2026-11-01', commit: 'abc', machine: 'Test CPU', node: '20.19.0' },
    };
    const shown = (quick: boolean): string =>
      renderReport(compareReport(report(key, quick), { 'image.served_over_bare': recorded }));
    expect(shown(false)).toContain('reached  0.50 on 2026-11-01: +80 %, better\n');
    expect(shown(true)).toContain('reached  0.50 on 2026-11-01: +80 %\n');
  });

  it('says why a ratio was refused', () => {
    const text = renderReport(report(judge({ meaning: 'served / bare' }, result(0.9, [limit]))));
    expect(text).toContain('REFUSED: the load generator was the limit');
    expect(text).toMatch(/0\.90 \[0\.80, 1\.00\] +- +refused/);
  });
});
