import { describe, expect, it } from '@jest/globals';
import { axisOver } from './axis';
import { drawPlots } from './draw-plots';
import { renderFigure } from './svg-plot';
import type { Sweep } from './sweep';

describe('axisOver', () => {
  it('marks round numbers from 0 to above the largest value', () => {
    expect(axisOver([3, 23], 'linear').ticks).toEqual([0, 5, 10, 15, 20, 25]);
    expect(axisOver([0.7], 'linear').ticks).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
    expect(axisOver([0], 'linear').ticks).toEqual([0, 1]);
  });

  it('marks parts of decades around the values where it is logarithmic', () => {
    const axis = axisOver([0.3, 40, 0], 'log');
    expect(axis.ticks).toEqual([0.2, 0.5, 1, 2, 5, 10, 20, 50]);
    expect([axis.at(0.2), axis.at(50)]).toEqual([0, 1]);
    expect(axisOver([2, 2], 'log').ticks).toEqual([2, 5]);
    expect(axisOver([], 'log').ticks).toEqual([1, 2, 5, 10]);
  });
});

describe('renderFigure', () => {
  it('keeps every line within its frame and escapes what it writes', () => {
    const points = [
      [0, 1],
      [10, 900],
    ] as const;
    const svg = renderFigure('a < b', 'note', [
      { kind: 'lines', title: 't', x: 'x', y: 'y', series: [{ name: 's', colour: 1, points }] },
    ]);
    expect(svg).toContain('a &#60; b');
    const [, drawn] = /polyline[^>]* points="([^"]*)"/.exec(svg)!;
    for (const [x, y] of drawn!.split(' ').map((pair) => pair.split(',').map(Number))) {
      expect(x).toBeGreaterThanOrEqual(56);
      expect(x).toBeLessThanOrEqual(340);
      expect(y).toBeGreaterThanOrEqual(44);
      expect(y).toBeLessThanOrEqual(234);
    }
  });
});

describe('drawPlots', () => {
  const point = { share: 0.5, offeredPerSecond: 50, answersPerSecond: 49, p50Ms: 1, p99Ms: 4, rowsPerBatch: 1.5 };
  const sweep: Sweep = {
    machine: { cpu: 'Test CPU', cores: 2, memoryGigabytes: 8, system: 'linux' },
    ...{ node: '20.19.0', commit: 'abc', date: '2026-11-24T10:00:00.000Z' },
    loads: [
      { name: 'mlp', title: 'perceptron', peakPerSecond: 100, points: [point, { ...point, offeredPerSecond: 100 }] },
    ],
    memory: {
      title: 'encoder',
      weightBytes: 9e7,
      points: [
        { lanes: 1, pssBytes: 2e8 },
        { lanes: 2, pssBytes: 3e8 },
      ],
    },
  };
  const recorded = {
    median: 5,
    min: 4,
    max: 6,
    rounds: 7,
    date: '2026-11-24',
    commit: 'abc',
    machine: 'Test CPU',
    node: '20',
  };

  it('draws load and memory, and other servers where they are recorded', () => {
    expect([...drawPlots(sweep, {}).keys()]).toEqual(['load-mlp.svg', 'memory.svg']);
    const plots = drawPlots(sweep, { 'peers.mlserver.small': recorded });
    expect([...plots.keys()]).toEqual(['load-mlp.svg', 'memory.svg', 'peers.svg']);
    expect(plots.get('peers.svg')).toContain('mlserver.small');
    for (const svg of plots.values()) {
      expect(svg).not.toMatch(/NaN|undefined|Infinity/);
      expect(svg).toContain('prefers-color-scheme: dark');
    }
  });
});
