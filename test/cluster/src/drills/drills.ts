import { setTimeout as pause } from 'node:timers/promises';
import { deployments, type Pod } from '../system';
import { until } from '../tools/until';
import { scaleByCpu, scaleByQueue } from './autoscale';
import type { Drill } from './drill';
import { fillMemory } from './fill-memory';

/** How long a frozen process stays frozen: beyond keepalive, short of the liveness probe's end. */
const freezeMs = 30_000;
/** How long the share of each replica is counted. */
const shareMs = 15_000;

const rolloutRestart: Drill = {
  name: 'rollout restart of every Deployment in turn',
  cases: [44, 48],
  mayFail: false,
  async act({ system }) {
    for (const name of deployments) {
      await system.run('rollout', 'restart', `deployment/${name}`);
      await system.rolledOut(name);
    }
    await system.settle();
    return `${deployments.length} Deployments, every pod replaced`;
  },
};

const podDelete: Drill = {
  name: 'pod delete',
  cases: [44],
  mayFail: false,
  async act({ system, signal }) {
    const pod = await system.anyPod('recommendation');
    await system.run('delete', 'pod', pod.metadata.name, '--wait=false');
    await until(
      'the pod is gone',
      async () => (await system.cluster.kubectl.tryGet(`pod/${pod.metadata.name}`, 'tributary')) === undefined,
      { signal },
    );
    await system.settle();
    return 'one pod of three, replaced';
  },
};

const killInside: Drill = {
  name: 'kill -9 of the process in a container',
  cases: [29, 35],
  mayFail: false,
  async act({ system }) {
    const pod = await system.anyPod('recommendation');
    process.kill(await system.processOf(pod), 'SIGKILL');
    const { exitCode, reason } = terminated(await system.restarted(pod));
    if (exitCode !== 137) throw new Error(`the container ended with code ${exitCode} (${reason})`);
    return 'exit code 137, the container started again in its pod';
  },
};

const memoryKill: Drill = {
  name: 'memory kill',
  cases: [29],
  mayFail: false,
  async act({ system }) {
    const pod = await system.anyPod('recommendation');
    await fillMemory(await system.processOf(pod));
    const { reason, exitCode } = terminated(await system.restarted(pod));
    if (reason !== 'OOMKilled') throw new Error(`the container ended as ${reason} with code ${exitCode}`);
    return 'OOMKilled, the container started again in its pod';
  },
};

const freeze: Drill = {
  name: 'freeze of 30 s (SIGSTOP)',
  cases: [31],
  mayFail: false,
  async act({ system, answeredByPod, signal }) {
    const pod = await system.anyPod('recommendation');
    const pid = await system.processOf(pod);
    process.kill(pid, 'SIGSTOP');
    try {
      await pause(freezeMs, undefined, { signal });
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    const thawed = (await answeredByPod()).get(pod.metadata.name) ?? 0;
    await until(
      'calls to the pod that was frozen',
      async () => ((await answeredByPod()).get(pod.metadata.name) ?? 0) > thawed + 100,
      { signal },
    );
    const restarts = (await system.refreshed(pod)).status.containerStatuses?.[0]?.restartCount;
    if (restarts !== (pod.status.containerStatuses?.[0]?.restartCount ?? 0))
      throw new Error('the container was started anew');
    await system.settle();
    return 'back after SIGCONT, without a restart';
  },
};

const scale: Drill = {
  name: 'scale 2 -> 4 -> 2',
  cases: [48],
  mayFail: false,
  async act({ system, answeredByPod, signal }) {
    await system.scale(2);
    const before = new Set((await system.pods('recommendation')).map((pod) => pod.metadata.name));
    await system.scale(4);
    // The routers ask for names every 5 s, and what they hear may be 5 s old.
    await pause(12_000, undefined, { signal });
    const start = await answeredByPod();
    await pause(shareMs, undefined, { signal });
    const end = await answeredByPod();
    const pods = (await system.pods('recommendation')).map((pod) => pod.metadata.name);
    const calls = pods.map((name) => (end.get(name) ?? 0) - (start.get(name) ?? 0));
    const all = calls.reduce((sum, count) => sum + count, 0);
    const shares = pods.map((name, index) => ({ isNew: !before.has(name), share: calls[index]! / all }));
    const smallest = Math.min(...shares.filter(({ isNew }) => isNew).map(({ share }) => share));
    if (smallest < 0.15) throw new Error(`a new pod took ${percent(smallest)} of the calls`);
    await system.scale(2);
    await system.scale(3);
    return `shares of four pods: ${shares.map(({ isNew, share }) => `${percent(share)}${isNew ? ' (new)' : ''}`).join(', ')}`;
  },
};

const routerKill: Drill = {
  name: 'one of two routers killed',
  cases: [72],
  mayFail: false,
  async act({ system }) {
    const pod = await system.anyPod('router');
    process.kill(await system.processOf(pod), 'SIGKILL');
    await system.restarted(pod);
    return 'the container started again in its pod';
  },
};

const allGone: Drill = {
  name: 'all backends gone and back',
  cases: [65],
  mayFail: true,
  async act({ system, loads, signal }) {
    await system.run('scale', 'deployment/recommendation', '--replicas=0');
    const failed = (): number => loads.reduce((sum, { report }) => sum + report.failed, 0);
    await until('calls that nobody can answer', () => failed() > 100, { signal });
    const others = loads.flatMap(({ report }) => report.failures).filter(({ code }) => code !== 14);
    if (others.length > 0) throw new Error(`not UNAVAILABLE: ${JSON.stringify(others[0])}`);
    await system.scale(3);
    await pause(12_000, undefined, { signal });
    const before = failed();
    await pause(5_000, undefined, { signal });
    if (failed() > before) throw new Error('calls fail although all backends are back');
    return `UNAVAILABLE while there was none, all well once they were back`;
  },
};

/** In the order in which they run. */
export const drills: readonly Drill[] = [
  podDelete,
  killInside,
  memoryKill,
  freeze,
  scale,
  rolloutRestart,
  routerKill,
  scaleByCpu,
  scaleByQueue,
  allGone,
];

function terminated(pod: Pod): { reason?: string; exitCode: number } {
  const state = pod.status.containerStatuses?.[0]?.lastState?.terminated;
  if (state === undefined) throw new Error(`pod ${pod.metadata.name} tells no end of its container`);
  return state;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
