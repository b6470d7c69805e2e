import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, describe, expect, it } from '@jest/globals';
import { models, root } from './support/system';

const launcher = join(root, 'packages/cli/dist/main.js');
const temporary = mkdtempSync(join(tmpdir(), 'tributary-test-'));
/** Launchers that still run where a test failed: what they inherited would keep Jest waiting for ever. */
const running = new Set<ChildProcess>();
afterEach(() => {
  // Their processes see the IPC channel close and stop by themselves.
  for (const launched of running) process.kill(-launched.pid!, 'SIGKILL');
});
afterAll(() => rmSync(temporary, { recursive: true }));

const env = { ...process.env, NO_COLOR: '1' };

/** Processes whose parent is `pid`. */
function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        return readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === String(pid);
      } catch {
        return false;
      }
    })
    .map(Number);
}

/** Every process below `pid`, however many shells and npm stand between. */
function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/** Starts the launcher (or what starts it) and waits until it shows its closing line. */
async function startLauncher(
  command: readonly string[] = [process.execPath, launcher, 'start', '--free-ports'],
): Promise<{ launched: ChildProcess; lines: string[]; ended: Promise<number | null> }> {
  const [program = '', ...args] = command;
  const launched = spawn(program, args, { env, cwd: root, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  running.add(launched);
  launched.on('exit', () => running.delete(launched));
  const lines: string[] = [];
  const ended = new Promise<number | null>((resolve) => launched.on('close', resolve));
  await new Promise<void>((resolve) => {
    createInterface({ input: launched.stdout }).on('line', (line) => {
      lines.push(line);
      if (line.includes('Ctrl-C stops everything')) resolve();
    });
    launched.on('close', () => resolve());
  });
  return { launched, lines, ended };
}

/** Resolves when none of the processes runs. They are not our children, so there is nothing to wait on but the process table. */
async function untilGone(pids: readonly number[]): Promise<void> {
  const isGone = (pid: number): boolean => {
    try {
      return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
    } catch {
      return true;
    }
  };
  while (!pids.every(isGone)) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('npm start', () => {
  it('proves every task, shows the models and lines to paste, and ends with 0 on SIGTERM', async () => {
    const { launched, lines, ended } = await startLauncher();
    const shown = lines.join('\n');
    expect(shown).toContain('espresso');
    expect(shown).toContain('closest to "');
    expect(shown).toContain('positive');
    expect(shown).toContain('because of');
    expect(shown).toContain('every answer equals the one that the source model gives (4 of 4)');
    for (const model of ['efficientnet-lite0', 'bge-small-en', 'sentiment', 'movies'])
      expect(shown).toMatch(new RegExp(`^${model} .* 1 .* ms .*iB$`, 'm'));
    expect(shown.match(/grpcurl -plaintext/g)?.length).toBeGreaterThanOrEqual(3);
    launched.kill('SIGTERM');
    expect(await ended).toBe(0);
  });

  it('--once ends with 0 where every answer is right', () => {
    const { status, stdout } = spawnSync(process.execPath, [launcher, 'start', '--once', '--free-ports'], {
      env,
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('4 of 4') });
  });

  it('--once ends with 1 where an answer is not the expected one', () => {
    for (const service of ['image', 'nlp']) symlinkSync(join(models, service), join(temporary, service));
    cpSync(join(models, 'recommendation'), join(temporary, 'recommendation'), { recursive: true });
    const file = join(temporary, 'recommendation/movies/example.json');
    writeFileSync(file, readFileSync(file, 'utf8').replace('Matrix, The (1999)', 'Another Film (1999)'));
    const args = [launcher, 'start', '--once', '--free-ports', '--models', temporary];
    const { status, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
    expect({ status, stdout }).toEqual({ status: 1, stdout: expect.stringContaining('1 of 4 answers are wrong') });
  });

  it('ends with 0 and leaves nothing running on SIGTERM to npm', async () => {
    const { launched, ended } = await startLauncher(['npm', 'start', '--', '--free-ports']);
    const children = descendantsOf(launched.pid!);
    expect(children.length).toBeGreaterThanOrEqual(5);
    launched.kill('SIGTERM');
    expect(await ended).toBe(0);
    await untilGone(children);
  });

  const hasScript = spawnSync('script', ['--version']).status === 0;
  (hasScript ? it : it.skip)(
    'ends with 0 and leaves nothing running on Ctrl-C in a terminal',
    async () => {
      // A shell that stays in between would answer Ctrl-C for npm: some replace themselves by their last command, some do not.
      const { launched, ended } = await startLauncher(['script', '-qec', 'exec npm start -- --free-ports', '/dev/null']);
      const children = descendantsOf(launched.pid!);
      expect(children.length).toBeGreaterThanOrEqual(5);
      launched.stdin!.write('\x03');
      expect(await ended).toBe(0);
      await untilGone(children);
    },
    60_000,
  );

  it('stops quietly when nobody reads what it says', () => {
    const line = `${process.execPath} ${launcher} start --once --free-ports | head -1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', line], { env, encoding: 'utf8' });
    expect({ stdout, stderr }).toEqual({ stdout: 'starting: router, image, nlp, recommendation\n', stderr: '' });
  });

  it('leaves nothing running when it is killed itself', async () => {
    const { launched, ended } = await startLauncher();
    const children = childrenOf(launched.pid!);
    expect(children).toHaveLength(4);
    launched.kill('SIGKILL');
    await ended;
    await untilGone(children);
  });
});
