import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { Cluster } from '../cluster';
import { nodeAddress, root, state } from '../paths';
import { namespace, type Pod } from '../system';
import { startDaemon } from '../tools/daemon';
import type { Kubectl } from '../tools/kubectl';
import { aggregatedApi } from './aggregated-api';

const prometheusPort = 9090;
const adapterPort = 10261;
const group = 'custom.metrics.k8s.io';

/**
 * Prometheus, which scrapes the pods, and prometheus-adapter with the rule of `components/queue-metrics`, on the node itself.
 * @returns how to stop both
 */
export async function startQueueMetrics(
  { kubectl, binaries }: Cluster,
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const folder = join(state, 'queue-metrics');
  await mkdir(folder, { recursive: true });
  const { rules } = parse(
    await readFile(join(root, 'deploy/k8s/components/queue-metrics/prometheus-adapter.yaml'), 'utf8'),
  ) as { readonly rules: { readonly custom: readonly object[] } };
  await writeFile(join(folder, 'adapter.yaml'), stringify({ rules: rules.custom }));
  const targets = await serveTargets(kubectl);
  await writeFile(join(folder, 'prometheus.yaml'), stringify(scraping(targets.url)));
  const prometheus = startDaemon(folder, 'prometheus', 'prometheus', [
    `--config.file=${join(folder, 'prometheus.yaml')}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=${nodeAddress}:${prometheusPort}`,
  ]);
  const adapter = startDaemon(folder, 'prometheus-adapter', binaries['prometheus-adapter'], [
    `--config=${join(folder, 'adapter.yaml')}`,
    `--prometheus-url=http://${nodeAddress}:${prometheusPort}/`,
    `--metrics-relist-interval=10s`,
    `--lister-kubeconfig=${kubectl.kubeconfig}`,
    `--authentication-kubeconfig=${kubectl.kubeconfig}`,
    `--authorization-kubeconfig=${kubectl.kubeconfig}`,
    `--bind-address=${nodeAddress}`,
    `--secure-port=${adapterPort}`,
    `--cert-dir=${join(folder, 'adapter')}`,
  ]);
  await kubectl.apply(aggregatedApi('prometheus-adapter', group, adapterPort));
  await adapter.answers(
    async () =>
      (await kubectl.try('get', '--raw', `/apis/${group}/v1beta1`))?.includes('tributary_queued_inferences') ?? false,
    signal,
  );
  return async () => {
    await kubectl.run(['delete', 'apiservice', `v1beta1.${group}`]);
    await adapter.stop();
    await prometheus.stop();
    targets.close();
  };
}

/** Scrapes what `targetsUrl` names: Debian's Prometheus comes without the discovery of Kubernetes. */
function scraping(targetsUrl: string): object {
  const discovery = { http_sd_configs: [{ url: targetsUrl, refresh_interval: '5s' }] };
  return { scrape_configs: [{ job_name: 'tributary', scrape_interval: '5s', ...discovery }] };
}

/** Answers with the pods as they are, as the discovery by HTTP asks for them. */
async function serveTargets(kubectl: Kubectl): Promise<{ readonly url: string; close(): void }> {
  const targets = async (): Promise<object[]> => {
    const pods = await kubectl.list<Pod>('pods', namespace, 'app.kubernetes.io/part-of=tributary');
    return pods.flatMap(({ metadata, status: { podIP } }) =>
      podIP === undefined ? [] : [{ targets: [`${podIP}:8002`], labels: { namespace, pod: metadata.name } }],
    );
  };
  const server = createServer((_, response) => {
    targets().then(
      (found) => response.setHeader('content-type', 'application/json').end(JSON.stringify(found)),
      () => response.writeHead(503).end(),
    );
  });
  server.listen(0, nodeAddress);
  await once(server, 'listening');
  return {
    url: `http://${nodeAddress}:${(server.address() as AddressInfo).port}/`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
