import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { nodeAddress, state } from '../paths';
import type { Binaries } from '../tools/binaries';
import { type Daemon, startDaemon } from '../tools/daemon';
import type { Kubectl } from '../tools/kubectl';
import { until } from '../tools/until';
import { aggregatedApi } from './aggregated-api';

const metricsPort = 10260;

/** CoreDNS and the metrics server. They run on the node itself, outside of pods: that needs no images. */
export async function startAddOns(
  binaries: Binaries,
  kubectl: Kubectl,
  signal: AbortSignal,
): Promise<readonly Daemon[]> {
  const folder = join(state, 'node');
  await writeFile(join(folder, 'Corefile'), corefile(kubectl.kubeconfig));
  const dns = startDaemon(folder, 'coredns', binaries.coredns, ['-conf', join(folder, 'Corefile')]);
  const metrics = startDaemon(folder, 'metrics-server', binaries['metrics-server'], [
    `--kubeconfig=${kubectl.kubeconfig}`,
    `--authentication-kubeconfig=${kubectl.kubeconfig}`,
    `--authorization-kubeconfig=${kubectl.kubeconfig}`,
    `--bind-address=${nodeAddress}`,
    `--secure-port=${metricsPort}`,
    `--cert-dir=${join(folder, 'metrics-server')}`,
    '--kubelet-insecure-tls',
    '--kubelet-use-node-status-port',
    // Nobody here knows the node's name.
    '--kubelet-preferred-address-types=InternalIP',
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
  ]);
  await kubectl.apply(aggregatedApi('metrics-server', 'metrics.k8s.io', metricsPort));
  await metrics.answers(
    async () => (await kubectl.try('get', '--raw', '/apis/metrics.k8s.io/v1beta1/nodes'))?.includes('usage') ?? false,
    signal,
  );
  await until(
    'CoreDNS answers',
    async () => {
      const { Resolver } = await import('node:dns/promises');
      const resolver = new Resolver({ timeout: 1000, tries: 1 });
      resolver.setServers([nodeAddress]);
      return resolver.resolve4('kubernetes.default.svc.cluster.local').then(
        () => true,
        () => false,
      );
    },
    { signal },
  );
  return [metrics, dns];
}

/** As the usual installation has it: answers about Services and pods live for 5 s. */
function corefile(kubeconfig: string): string {
  return `.:53 {
  bind ${nodeAddress}
  errors
  kubernetes cluster.local {
    kubeconfig ${kubeconfig} test
    ttl 5
  }
  cache 30
  loadbalance
}
`;
}
