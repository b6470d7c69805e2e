import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { endless, identity, mlp } from '../testing';
import { runScript } from './child-process';
import { repositoryOf, temporaryFolder } from './support';

const net = { model: mlp(64, 32, 1) };

/** What sustained-process.js tells. */
interface Sustained {
  readonly answered: number;
  readonly listeners: number;
  readonly before: { readonly memoryMb: number; readonly bufferMb: number; readonly files: number };
  readonly after: Sustained['before'];
}

/** A new control group with a quota of 1.5 cores; undefined where this process may not make one. */
function groupWithQuota(): string | undefined {
  const group = `/sys/fs/cgroup/cpu/tributary-test-${process.pid}`;
  try {
    mkdirSync(group);
    writeFileSync(`${group}/cpu.cfs_quota_us`, '150000');
    writeFileSync(`${group}/cpu.cfs_period_us`, '100000');
    return group;
  } catch {
    console.warn('skipped: a real quota; control groups (v1) cannot be made here');
    return undefined;
  }
}

describe('a process with an engine', () => {
  it('case 27, 28, 61: has a thread for task code and one that reads graphs, idles, prints nothing, writes nothing at home, and ends cleanly', async () => {
    const home = temporaryFolder();
    const { lines, stderr, code } = await runScript('quiet-process.js', [repositoryOf({ net }), '2'], home);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(lines).toMatchObject([{ plan: { sessionLanes: 2, taskLanes: 1 }, threads: 2, threadsLeft: 0 }]);
    // A spinning pool would take a whole core.
    expect(lines[0]!['idleLoad']).toBeLessThan(0.1);
    expect(readdirSync(home)).toEqual([]);
  });

  it('case 24: answers large requests one after another without growing', async () => {
    const repository = repositoryOf({ same: { model: identity('FP32', ['n', 3, 224, 224]) } });
    const { lines, stderr, code } = await runScript('sustained-process.js', [repository], temporaryFolder());
    expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
    const { answered, listeners, before, after } = lines[0] as unknown as Sustained;
    expect({ answered, listeners }).toEqual({ answered: 4608, listeners: 0 });
    expect(after.files).toBe(before.files);
    // 4,096 requests lay between: had each left a tenth of its bytes behind, it would be 235 MB. Both figures swing by half of
    // that: a lane frees the batches that it ran when its own heap is collected.
    expect(after.bufferMb - before.bufferMb).toBeLessThan(235);
    expect(after.memoryMb - before.memoryMb).toBeLessThan(235);
  });

  it('case 28: plans for the quota of its control group', async () => {
    const group = groupWithQuota();
    if (group === undefined) return;
    try {
      const { lines, stderr } = await runScript('quiet-process.js', [repositoryOf({ net })], temporaryFolder(), group);
      const plan = { cpuBudget: 1.5, source: 'cgroup v1 quota', sessionLanes: 1, taskLanes: 1 };
      expect(lines).toMatchObject([{ plan, threads: 2 }]);
      expect(stderr).not.toContain('pthread_setaffinity_np');
    } finally {
      rmdirSync(group);
    }
  });

  it('case 34: by the binding survives no endless run, but says so, answers its callers and serves on until it is killed', async () => {
    const repository = repositoryOf({ endless: { model: endless() }, net });
    const { lines, signal } = await runScript('stuck-process.js', [repository], temporaryFolder());
    expect(Object.assign({}, ...lines)).toEqual({
      ending: 'answered',
      late: 'DEADLINE_EXCEEDED',
      stuck: 'endless',
      model: 'READY',
      endless: 'FAILED',
      reason: "MODEL_STUCK: a run of model 'endless' does not end; the process is being replaced",
      next: 'MODEL_NOT_READY',
      other: 'answered',
      closed: true,
    });
    expect(signal).toBe('SIGKILL');
  });
});
