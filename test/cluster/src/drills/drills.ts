import { setTimeout as pause } from 'node:timers/promises';
import { parseAllDocuments } from 'yaml';
import { type DeployedSystem, deployments, isReady, type Pod } from '../system';
import { until } from '../tools/until';
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
    await scaleTo(system, 2);
    const before = new Set((await system.pods('recommendation')).map((pod) => pod.metadata.name));
    await scaleTo(system, 4);
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
    await scaleTo(system, 2);
    await scaleTo(system, 3);
    return `shares of four pods: ${shares.map(({ isNew, share }) => `${percent(share)}${isNew ? ' (new)' : ''}`).join(', ')}`;
  },
};

const autoscale: Drill = {
  name: 'HorizontalPodAutoscaler up and down',
  cases: [48],
  mayFail: false,
  async act({ system, loads, signal }) {
    const autoscaler = await autoscalerOf(system, 'recommendation');
    await system.cluster.kubectl.apply([autoscaler]);
    const replicas = async (): Promise<number> => (await system.pods('recommendation')).filter(isReady).length;
    let most = 0;
    await until('more replicas', async () => (most = await replicas()) > 3, { signal }).catch(
      async (error: unknown) => {
        const { status } = await readAutoscaler(system, 'recommendation');
        throw new Error(`${(error as Error).message}; the autoscaler says ${JSON.stringify(status)}`);
      },
    );
    for (const load of loads) load.setRate(0.05);
    await until('fewer replicas', async () => (await replicas()) <= 3, { signal, timeoutMs: 300_000 });
    for (const load of loads) load.setRate(1);
    await system.run('delete', 'hpa', 'recommendation');
    await scaleTo(system, 3);
    return `3 to ${most} to 3 replicas by CPU, from metrics-server`;
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
    await scaleTo(system, 3);
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
  autoscale,
  allGone,
];

async function scaleTo(system: DeployedSystem, replicas: number): Promise<void> {
  await system.run('scale', 'deployment/recommendation', `--replicas=${replicas}`);
  await system.settle();
}

function terminated(pod: Pod): { reason?: string; exitCode: number } {
  const state = pod.status.containerStatuses?.[0]?.lastState?.terminated;
  if (state === undefined) throw new Error(`pod ${pod.metadata.name} tells no end of its container`);
  return state;
}

/** The autoscaler of the overlay `production`, with bounds and patience of a test. */
async function autoscalerOf(system: DeployedSystem, name: string): Promise<object> {
  const objects = parseAllDocuments(await system.build('production')).map((document) => document.toJS() as Autoscaler);
  const found = objects.find(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === name);
  if (found === undefined) throw new Error(`no autoscaler of ${name}`);
  const { metadata, spec } = found;
  const behavior = {
    ...spec.behavior,
    scaleDown: { stabilizationWindowSeconds: 15, policies: [{ type: 'Pods', value: 2, periodSeconds: 15 }] },
  };
  return {
    ...found,
    metadata: { name: metadata.name, namespace: metadata.namespace },
    spec: { ...spec, maxReplicas: 4, behavior },
  };
}

async function readAutoscaler(system: DeployedSystem, name: string): Promise<Autoscaler> {
  return JSON.parse(await system.run('get', 'hpa', name, '-o', 'json')) as Autoscaler;
}

interface Autoscaler {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly behavior: object };
  readonly status?: unknown;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
