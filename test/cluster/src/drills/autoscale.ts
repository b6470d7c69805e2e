import { parseAllDocuments } from 'yaml';
import { textCalls } from '../load/workload';
import { startQueueMetrics } from '../node/queue-metrics';
import { type DeployedSystem, type DeploymentName, isReady } from '../system';
import { until } from '../tools/until';
import type { Drill } from './drill';

/** Calls that always wait or run, over three pods: more than the autoscaler leaves in their queues. */
const waitingCalls = 128;

export const scaleByCpu: Drill = {
  name: 'HorizontalPodAutoscaler up and down',
  cases: [48],
  mayFail: false,
  async act({ system, loads, signal }) {
    const scaled = await autoscaled(system, 'recommendation', ['Resource'], signal);
    try {
      const most = await scaled.up();
      for (const load of loads) load.setRate(0.05);
      await scaled.down();
      return `3 to ${most} to 3 replicas by CPU, from metrics-server`;
    } finally {
      for (const load of loads) load.setRate(1);
      await scaled.end();
    }
  },
};

export const scaleByQueue: Drill = {
  name: 'HorizontalPodAutoscaler by what waits in queues',
  cases: [48],
  mayFail: false,
  async act({ system, loadPod, signal }) {
    const stop = await startQueueMetrics(system.cluster, signal);
    const scaled = await autoscaled(system, 'nlp', ['Pods'], signal);
    const filling = await loadPod.fill(textCalls, waitingCalls, signal);
    try {
      const most = await scaled.up();
      const { ok, failed } = await filling.stop();
      if (failed > 0) throw new Error(`${failed} of ${ok + failed} calls failed that filled the queues`);
      await scaled.down();
      return `3 to ${most} to 3 replicas of nlp by tributary_queued_inferences, from Prometheus and prometheus-adapter; ${ok} calls filled the queues`;
    } finally {
      // Whatever came: full queues and an autoscaler are no start for the drills that follow.
      filling.end();
      await scaled.end();
      await stop();
    }
  },
};

interface Autoscaler {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string };
  readonly spec: { readonly behavior: object; readonly metrics: readonly { readonly type: string }[] };
  readonly status?: unknown;
}

interface Autoscaled {
  /** Resolves once there are more than three replicas. @returns how many */
  up(): Promise<number>;
  /** Resolves once there are three again. */
  down(): Promise<void>;
  /** The autoscaler goes, and there are three again. */
  end(): Promise<void>;
}

/** Lets the autoscaler of the overlays loose on a Deployment, with bounds and patience of a test, and with these of its metrics alone. */
async function autoscaled(
  system: DeployedSystem,
  name: DeploymentName,
  types: readonly string[],
  signal: AbortSignal,
): Promise<Autoscaled> {
  await system.cluster.kubectl.apply([await autoscalerOf(system, name, types)]);
  const replicas = async (): Promise<number> => (await system.pods(name)).filter(isReady).length;
  return {
    async up() {
      let most = 0;
      await until('more replicas', async () => (most = await replicas()) > 3, { signal }).catch(
        async (error: unknown) => {
          const { status } = JSON.parse(await system.run('get', 'hpa', name, '-o', 'json')) as Autoscaler;
          throw new Error(`${(error as Error).message}; the autoscaler says ${JSON.stringify(status)}`);
        },
      );
      return most;
    },
    async down() {
      await until('fewer replicas', async () => (await replicas()) <= 3, { signal, timeoutMs: 300_000 });
    },
    async end() {
      await system.run('delete', 'hpa', name);
      await system.run('scale', `deployment/${name}`, '--replicas=3');
      await system.settle();
    },
  };
}

async function autoscalerOf(system: DeployedSystem, name: string, types: readonly string[]): Promise<object> {
  const manifests = await system.buildWith('production', 'queue-metrics');
  const objects = parseAllDocuments(manifests).map((document) => document.toJS() as Autoscaler);
  const found = objects.find(({ kind, metadata }) => kind === 'HorizontalPodAutoscaler' && metadata.name === name);
  if (found === undefined) throw new Error(`no autoscaler of ${name}`);
  const { metadata, spec } = found;
  const behavior = {
    ...spec.behavior,
    scaleDown: { stabilizationWindowSeconds: 15, policies: [{ type: 'Pods', value: 2, periodSeconds: 15 }] },
  };
  const metrics = spec.metrics.filter(({ type }) => types.includes(type));
  return {
    ...found,
    metadata: { name: metadata.name, namespace: metadata.namespace },
    spec: { ...spec, metrics, maxReplicas: 4, behavior },
  };
}
