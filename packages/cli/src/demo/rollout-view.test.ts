import { describe, expect, it } from '@jest/globals';
import type { LoadReport } from '../stage/paced-load';
import { createRolloutView, renderRollout, type Rollout } from './rollout-view';

const load: LoadReport = {
  elapsedMs: 125_400,
  begun: 1_250_010,
  ok: 1_250_000,
  failed: 0,
  failures: {},
  p50Ms: 31.9,
  p99Ms: 1_160,
  longestGapMs: 12_101,
};

const rollout: Rollout = {
  where: 'processes on the loopback (network namespaces are not allowed here)',
  replicas: (['ready', 'draining', 'starting'] as const).map((state, i) => ({
    name: `movies-${i + 1}`,
    address: `198.51.100.10${i}:8001`,
    state,
    pid: state === 'starting' ? undefined : 4_194_300 + i,
    restarts: i,
    outstanding: 128,
    calls: 416_666,
  })),
  load,
  perSecond: 10_000,
  replaced: 1,
};

const bare = (_code: number, text: string): string => text;

describe('the view of a rolling restart', () => {
  it('fits into 80 columns but for the reason in its title, and keeps its height', () => {
    const lines = renderRollout(rollout, bare);
    for (const line of lines.slice(1)) expect(line.length).toBeLessThanOrEqual(80);
    expect(lines).toHaveLength(renderRollout({ ...rollout, load: undefined }, bare).length);
    expect(lines.join('\n')).toContain('1 of 3 replaced');
  });

  it('without a terminal tells what changes, and nothing twice', () => {
    const written: string[] = [];
    const view = createRolloutView({ write: (text: string) => written.push(text) > 0 }, true);
    view.show(rollout);
    view.show(rollout);
    expect(written).toEqual([
      'movies-1: ready (pid 4194300)\n',
      'movies-2: draining (pid 4194301)\n',
      'movies-3: starting\n',
      '1 of 3 replaced; 1,250,000 calls answered, 0 failed, p99 1160 ms\n',
    ]);
  });
});
