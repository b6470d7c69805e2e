import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Replica } from '@tributary/cli';
import { calledByAll } from './called-by-all';
import type { Drill } from './drill';
import type { Stage } from './stage';

const memoryGroups = '/sys/fs/cgroup/memory';
const memoryLimitBytes = 512 * 2 ** 20;

/** Joins a group and takes memory in it until a process is gone. */
const balloonScript = `
  const { existsSync, writeFileSync } = require('node:fs');
  const [members, pid] = process.argv.slice(1);
  writeFileSync(members, String(process.pid));
  const held = [];
  setInterval(() => existsSync('/proc/' + pid) ? held.push(Buffer.alloc(8 << 20, 1)) : process.exit(), 5);
`;

/** Kills a process, and waits until its supervisor has started another and the routers call it. */
async function killAndReturn(stage: Stage, victim: Replica): Promise<void> {
  const replaced = victim.untilReplaced(victim.pid()!);
  victim.signal('SIGKILL');
  await replaced;
  await stage.ready(stage.replicas.length);
}

export const killOfReplica: Drill = {
  name: 'kill -9 of a replica',
  cases: [29, 35],
  fault: 'one of three gets SIGKILL under load, five times; its supervisor starts it again',
  countedBy: 'routers',
  run: async (stage, loads) => {
    for (let i = 0; i < 5; i++) {
      await killAndReturn(stage, stage.replicas[i % stage.replicas.length]!);
      await loads.answered(200);
    }
    return [];
  },
};

export const memoryKill: Drill = {
  name: 'memory kill of a replica',
  cases: [29, 35],
  fault: 'the kernel kills one of four because its memory cgroup is full: a neighbour in the group takes what is left',
  needsNamespaces: true,
  countedBy: 'routers',
  missing: () =>
    existsSync(join(memoryGroups, 'memory.limit_in_bytes')) ? undefined : 'there is no memory cgroup (version 1) here',
  run: async (stage, loads) => {
    const group = join(memoryGroups, `trib-failures-${process.pid}`);
    mkdirSync(group);
    const members = join(group, 'cgroup.procs');
    writeFileSync(join(group, 'memory.limit_in_bytes'), String(memoryLimitBytes));
    const victim = await stage.addReplica('recommendation', ['sh', '-c', `echo $$ > ${members} && exec "$@"`, 'sh']);
    await stage.ready(stage.replicas.length);
    await loads.answered(500);
    const pid = victim.pid()!;
    // Of two in the group the kernel takes this one.
    writeFileSync(`/proc/${pid}/oom_score_adj`, '1000');
    const balloon = spawn(process.execPath, ['-e', balloonScript, members, String(pid)]);
    const replaced = victim.untilReplaced(pid);
    await once(balloon, 'close');
    await replaced;
    await stage.ready(stage.replicas.length);
    await loads.answered(500);
    await stage.removeReplica(victim);
    rmdirSync(group);
    return [];
  },
};

export const freeze: Drill = {
  name: 'a frozen replica',
  cases: [31],
  fault: 'one of three is stopped (SIGSTOP) for 30 s, then goes on as the same process',
  countedBy: 'routers',
  timeoutMs: 40_000,
  run: async (stage, loads) => {
    const [victim] = stage.replicas;
    const pid = victim!.pid();
    const frozenMs = performance.now();
    victim!.signal('SIGSTOP');
    await stage.ready(stage.replicas.length - 1);
    const leftMs = performance.now() - frozenMs;
    await pause(30_000 - (performance.now() - frozenMs));
    victim!.signal('SIGCONT');
    await stage.ready(stage.replicas.length);
    if (victim!.pid() !== pid) throw new Error('the frozen replica was started again');
    await loads.answered(200);
    return [`the routers had left it after ${(leftMs / 1000).toFixed(1)} s`];
  },
};

export const killOfRouter: Drill = {
  name: 'kill -9 of a router',
  cases: [72],
  fault: 'one of two gets SIGKILL under load, three times; its supervisor starts it again',
  countedBy: 'services',
  // Two a kill.
  foreignLosses: 6,
  run: async (stage, loads) => {
    for (let i = 0; i < 3; i++) {
      const victim = stage.routers[i % 2]!;
      await killAndReturn(stage, victim);
      await calledByAll(victim, stage, loads);
    }
    return [];
  },
};

export const allGone: Drill = {
  name: 'all replicas gone',
  cases: [65],
  fault: 'all three are stopped, and started again after 5 s',
  countedBy: 'routers',
  failuresExpected: 'those that begin meanwhile',
  run: async (stage, loads) => {
    const all = [...stage.replicas];
    await Promise.all(all.map((replica) => replica.stop()));
    await stage.ready(0);
    const before = await stage.attempts();
    const failed = loads.failed();
    await pause(5_000);
    const after = await stage.attempts();
    const failures = loads.failed() - failed;
    if (failures === 0) throw new Error('calls were answered by nobody');
    const extra = after.calls - before.calls;
    const backMs = performance.now();
    await Promise.all(all.map((replica) => replica.start()));
    await stage.ready(all.length);
    const back = ((performance.now() - backMs) / 1000).toFixed(1);
    const late = loads.failed();
    await loads.answered(1_000);
    if (loads.failed() > late + 64) throw new Error('calls fail although all replicas are back');
    return [
      `${failures} calls failed in 5 s, with ${extra} attempts at replicas`,
      `${back} s from the start of the replicas to calls at all of them`,
    ];
  },
};
