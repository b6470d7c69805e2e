import { fork, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ChildProgram } from '../process/child-program';
import { ProcessGroup } from '../process/process-group';
import type { EchoProgram } from '../servers/echo-process';

const echoModule = join(__dirname, '../servers/echo-process.js');

describe('processes of the bench', () => {
  it('answer questions, and pass on what went wrong in their words', async () => {
    const group = new ProcessGroup();
    const program = new ChildProgram<EchoProgram>(group, 'echo', echoModule);
    expect(await program.ask('listen', { path: '/a/B', answer: Uint8Array.of(1) })).toBeGreaterThan(0);
    expect(await program.ask('answered', undefined)).toBe(0);
    await expect(program.ask('nothing' as 'answered', undefined)).rejects.toThrow('echo: no such question');
    await group.end();
    expect(group.running()).toEqual([]);
  });

  it('fail what is asked of them when they die', async () => {
    const group = new ProcessGroup();
    const program = new ChildProgram<EchoProgram>(group, 'echo', echoModule);
    const question = program.ask('answered', undefined);
    await question;
    const ended = program.end();
    await expect(program.ask('answered', undefined)).rejects.toThrow();
    await ended;
  });

  it('end with those that they started', async () => {
    const group = new ProcessGroup();
    // Ends at once when told to, and leaves its own child behind.
    const shell = spawn('/bin/sh', ['-c', 'sleep 600 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
    group.add('shell', shell, { startsOthers: true });
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    const pid = Number(line.toString());
    expect(isAlive(pid)).toBe(true);
    await group.end();
    await untilGone(pid);
  });

  it('do not outlive a bench that is killed', async () => {
    const parent = fork(join(__dirname, 'process-parent.js'), [], { stdio: ['ignore', 2, 2, 'ipc'] });
    const [pid] = (await once(parent, 'message')) as [number];
    expect(isAlive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await exitOf(parent);
    await untilGone(pid);
  });
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function exitOf(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** A process of another parent ends without telling us: its absence is all there is to see. */
async function untilGone(pid: number): Promise<void> {
  while (isAlive(pid)) await new Promise((resolve) => setImmediate(resolve));
}
