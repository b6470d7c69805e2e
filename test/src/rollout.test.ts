import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { whyNoNamespaces } from '@tributary/cli';
import { root } from './support/system';

const why = whyNoNamespaces();
if (why !== undefined) process.stderr.write(`the demo in namespaces is skipped: ${why}\n`);

/** Starts the demo, interrupts it once a replica is replaced; what it wrote, and how it ended. */
async function interruptDemo(
  args: readonly string[],
): Promise<{ lines: readonly string[]; code: number | null; pid: number }> {
  const script = join(root, 'packages/cli/dist/main.js');
  const child = spawn(process.execPath, [script, 'demo:rollout', '--rate=50', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close') as Promise<[number | null]>;
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('1 of 3 replaced')) child.kill('SIGINT');
  }
  return { lines, code: (await ended)[0], pid: child.pid! };
}

describe('npm run demo:rollout', () => {
  it.each([
    ['on the loopback', ['--processes']],
    ...(why === undefined ? [['in namespaces', []] as [string, string[]]] : []),
  ])(
    'restarts a replica %s without losing a call, and leaves nothing behind where it is interrupted',
    async (_where, args) => {
      const { lines, code, pid } = await interruptDemo(args);
      expect(lines).toContainEqual(expect.stringMatching(/^1 of 3 replaced; \d+ calls answered, 0 failed/));
      expect(code).toBe(130);
      const pids = lines.flatMap((line) => /\(pid (\d+)\)/.exec(line)?.[1] ?? []);
      expect(pids.length).toBeGreaterThan(3);
      for (const each of pids) expect(() => process.kill(Number(each), 0)).toThrow('ESRCH');
      if (why !== undefined) return;
      const { stdout } = await promisify(execFile)('ip', ['netns', 'list']);
      expect(stdout).not.toContain(`-${pid}-`);
    },
  );
});
