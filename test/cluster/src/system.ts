import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Cluster } from './cluster';
import { root, state } from './paths';
import { run } from './tools/run';
import { until } from './tools/until';

export const namespace = 'tributary';
export const deployments = ['image', 'nlp', 'recommendation', 'router'] as const;
export type DeploymentName = (typeof deployments)[number];

/** What drills look at in a pod. */
export interface Pod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

interface ContainerStatus {
  /** `containerd://<id>` */
  readonly containerID?: string;
  readonly restartCount: number;
  readonly lastState?: { readonly terminated?: { readonly reason?: string; readonly exitCode: number } };
}

/** The system in the cluster, and what can be done to it. */
export class DeployedSystem {
  constructor(
    readonly cluster: Cluster,
    private readonly signal: AbortSignal,
  ) {}

  /** Objects of an overlay as YAML. */
  build(overlay: string): Promise<string> {
    return run(this.cluster.binaries.kustomize, ['build', join(root, 'deploy/k8s/overlays', overlay)]);
  }

  /** Objects of an overlay with a component more, as YAML. */
  async buildWith(overlay: string, component: string): Promise<string> {
    const folder = join(state, `${overlay}-${component}`);
    await mkdir(folder, { recursive: true });
    // Kustomize takes folders by relative paths alone.
    const manifests = relative(folder, join(root, 'deploy/k8s'));
    const kustomization = {
      apiVersion: 'kustomize.config.k8s.io/v1beta1',
      kind: 'Kustomization',
      namespace,
      resources: [`${manifests}/overlays/${overlay}`],
      components: [`${manifests}/components/${component}`],
    };
    await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization));
    return run(this.cluster.binaries.kustomize, ['build', folder]);
  }

  /** Applies the overlay and waits until every Deployment has what it asks for. */
  async deploy(overlay: string): Promise<void> {
    await this.cluster.kubectl.apply(await this.build(overlay));
    await this.settle();
    await until('routers that know every pod', () => this.isKnown(), { signal: this.signal });
  }

  /** Whether every router has every pod of the services as an upstream that takes calls. */
  private async isKnown(): Promise<boolean> {
    const services = await Promise.all(deployments.filter((name) => name !== 'router').map((name) => this.pods(name)));
    const seen = (await this.pods('router')).map(async ({ status }) => {
      const metrics = await fetch(`http://${status.podIP}:8002/metrics`).then((response) => response.text());
      return [...metrics.matchAll(/^tributary_router_upstream_state\{.*state="READY".*\} 1$/gm)].length;
    });
    return (await Promise.all(seen)).every((count) => count === services.flat().length);
  }

  /** Waits until every Deployment has all of its replicas, ready and of its last revision, and nothing is ending any more. */
  async settle(): Promise<void> {
    for (const name of deployments) await this.rolledOut(name);
    await until(
      'pods that end',
      async () => {
        const pods = await this.cluster.kubectl.list<Pod>('pods', namespace, 'app.kubernetes.io/part-of=tributary');
        return pods.every((pod) => pod.metadata.deletionTimestamp === undefined && isReady(pod));
      },
      { signal: this.signal },
    );
  }

  async rolledOut(name: DeploymentName): Promise<void> {
    await this.run('rollout', 'status', `deployment/${name}`, '--timeout=300s');
  }

  /** Waits until so many replicas of `recommendation` are there, and nothing is ending any more. */
  async scale(replicas: number): Promise<void> {
    await this.run('scale', 'deployment/recommendation', `--replicas=${replicas}`);
    await this.settle();
  }

  /** kubectl in the namespace of the system. */
  run(...args: readonly string[]): Promise<string> {
    return this.cluster.kubectl.run(['-n', namespace, ...args], { signal: this.signal });
  }

  /** Pods of a Deployment that are not ending. */
  async pods(name: DeploymentName): Promise<readonly Pod[]> {
    const pods = await this.cluster.kubectl.list<Pod>('pods', namespace, `app.kubernetes.io/name=${name}`);
    return pods.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }

  /** A pod that is ready. */
  async anyPod(name: DeploymentName): Promise<Pod> {
    const pod = (await this.pods(name)).find(isReady);
    if (pod === undefined) throw new Error(`no pod of ${name} is ready`);
    return pod;
  }

  /** The pod as it is now. */
  async refreshed(pod: Pod): Promise<Pod> {
    const found = await this.cluster.kubectl.tryGet<Pod>(`pod/${pod.metadata.name}`, namespace);
    if (found === undefined) throw new Error(`pod ${pod.metadata.name} is gone`);
    return found;
  }

  /** Process id, on the machine, of a pod's only process. */
  async processOf(pod: Pod): Promise<number> {
    const id = pod.status.containerStatuses?.[0]?.containerID?.replace('containerd://', '') ?? '';
    const tasks = await run('ctr', ['-a', this.cluster.socket, '-n', 'k8s.io', 'tasks', 'ls']);
    const pid = tasks
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .find(([task]) => task === id)?.[1];
    if (pid === undefined) throw new Error(`pod ${pod.metadata.name} runs no process`);
    return Number(pid);
  }

  /** Waits until the container of the pod has been started anew and is ready. @returns the pod */
  async restarted(pod: Pod): Promise<Pod> {
    const before = pod.status.containerStatuses?.[0]?.restartCount ?? 0;
    await until(
      `a restart of ${pod.metadata.name}`,
      async () => {
        const now = await this.refreshed(pod);
        return (now.status.containerStatuses?.[0]?.restartCount ?? 0) > before && isReady(now);
      },
      { signal: this.signal },
    );
    return this.refreshed(pod);
  }

  /** Proportional set size of the pod's process in bytes: what it would give back if it ended. */
  async memoryOf(pod: Pod): Promise<number> {
    const rollup = await readFile(`/proc/${await this.processOf(pod)}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0) * 1024;
  }

  /** CPU time of the pod's process since its start, in ms. */
  async cpuOf(pod: Pod): Promise<number> {
    const stat = await readFile(`/proc/${await this.processOf(pod)}/stat`, 'utf8');
    // The name, in brackets, may hold anything. utime and stime are fields 14 and 15 of proc(5), in ticks of 10 ms.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * 10;
  }
}

export function isReady(pod: Pod): boolean {
  return pod.status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') ?? false;
}
