import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Screen } from '@tributary/cli';
import { startAddOns } from './node/add-ons';
import { makeCgroups } from './node/cgroups';
import { startControlPlane } from './node/control-plane';
import { startContainerd, startNode } from './node/node';
import { state } from './paths';
import type { Binaries } from './tools/binaries';
import { createKubectl, type Kubectl } from './tools/kubectl';
import { run } from './tools/run';

/** A cluster of one real node. */
export interface Cluster {
  readonly binaries: Binaries;
  readonly kubectl: Kubectl;
  /** Path of containerd's socket. */
  readonly socket: string;
  stop(): Promise<void>;
}

export interface ClusterOptions {
  readonly binaries: Binaries;
  /** Archives of the images that pods use. */
  readonly images: readonly string[];
  readonly cpuWeight?: number;
}

/** Brings the cluster up; to be called in the node's network namespace. */
export async function startCluster(options: ClusterOptions, screen: Screen, signal: AbortSignal): Promise<Cluster> {
  const { binaries, images } = options;
  await mkdir(state, { recursive: true });
  const step = (done: number, note: string): void => screen.progress('cluster', done, 4, note);
  step(0, 'control plane');
  const controlPlane = await startControlPlane(binaries, join(state, 'control-plane'), signal);
  const kubectl = createKubectl(binaries.kubectl, controlPlane.kubeconfig);
  step(1, 'images');
  await makeCgroups(options.cpuWeight);
  const containerd = await startContainerd(signal);
  for (const image of images) {
    await run('ctr', ['-a', containerd.socket, '-n', 'k8s.io', 'images', 'import', image], { signal });
  }
  step(2, 'node');
  const node = await startNode(binaries, kubectl, containerd, signal);
  step(3, 'DNS and metrics');
  const addOns = await startAddOns(binaries, kubectl, signal);
  screen.clear();
  return {
    binaries,
    kubectl,
    socket: node.socket,
    async stop() {
      for (const daemon of [...addOns, ...node.daemons, ...controlPlane.daemons]) await daemon.stop();
    },
  };
}
