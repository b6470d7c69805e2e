import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cgroup, nodeAddress, podSubnet, state } from '../paths';
import type { Binaries } from '../tools/binaries';
import { type Daemon, startDaemon } from '../tools/daemon';
import type { Kubectl } from '../tools/kubectl';
import { attempt } from '../tools/run';
import { until } from '../tools/until';
import { cniConfiguration } from './network';

/** One real machine of the cluster: containerd, kubelet, kube-proxy. */
export interface ClusterNode {
  /** Path of containerd's socket. */
  readonly socket: string;
  readonly daemons: readonly Daemon[];
}

export const nodeName = 'node-1';
/** Image that holds a pod's namespaces. */
export const sandboxImage = 'localhost/pause:1';

/** Starts containerd alone, so that images can be loaded before pods want them. */
export async function startContainerd(signal: AbortSignal): Promise<{ socket: string; daemon: Daemon }> {
  const folder = join(state, 'node');
  const socket = join(folder, 'containerd.sock');
  await mkdir(join(folder, 'cni'), { recursive: true });
  await writeFile(join(folder, 'cni/pods.conflist'), cniConfiguration(join(folder, 'cni-addresses')));
  await writeFile(join(folder, 'containerd.toml'), containerdConfiguration(folder, socket));
  const daemon = startDaemon(folder, 'containerd', 'containerd', ['--config', join(folder, 'containerd.toml')]);
  await daemon.answers(async () => (await attempt('ctr', ['-a', socket, 'version'])) !== undefined, signal);
  return { socket, daemon };
}

/** Joins the node to the cluster; resolves once it is Ready. */
export async function startNode(
  binaries: Binaries,
  kubectl: Kubectl,
  containerd: { socket: string; daemon: Daemon },
  signal: AbortSignal,
): Promise<ClusterNode> {
  const folder = join(state, 'node');
  await writeFile(join(folder, 'kubelet.json'), kubeletConfiguration(folder, containerd.socket));
  const kubelet = startDaemon(folder, 'kubelet', binaries.kubelet, [
    `--config=${join(folder, 'kubelet.json')}`,
    `--kubeconfig=${kubectl.kubeconfig}`,
    `--hostname-override=${nodeName}`,
    `--node-ip=${nodeAddress}`,
    `--root-dir=${join(folder, 'kubelet')}`,
  ]);
  await kubelet.answers(async () => (await nodeIsReady(kubectl)) === 'True', signal);
  const proxy = startDaemon(folder, 'kube-proxy', binaries['kube-proxy'], [
    `--kubeconfig=${kubectl.kubeconfig}`,
    `--hostname-override=${nodeName}`,
    '--proxy-mode=iptables',
    `--cluster-cidr=${podSubnet}`,
    // Limits of the machine's own table are none of a test's business.
    '--conntrack-max-per-core=0',
    '--conntrack-min=0',
    '--conntrack-tcp-timeout-established=0',
    '--conntrack-tcp-timeout-close-wait=0',
    '--metrics-bind-address=127.0.0.1:10249',
  ]);
  await until(
    'the service account of new pods',
    async () => (await kubectl.tryGet('serviceaccount/default', 'default')) !== undefined,
    { signal },
  );
  return { socket: containerd.socket, daemons: [proxy, kubelet, containerd.daemon] };
}

interface NodeObject {
  readonly status?: { readonly conditions?: readonly { type: string; status: string }[] };
}

async function nodeIsReady(kubectl: Kubectl): Promise<string | undefined> {
  const node = await kubectl.tryGet<NodeObject>(`node/${nodeName}`);
  return node?.status?.conditions?.find(({ type }) => type === 'Ready')?.status;
}

function containerdConfiguration(folder: string, socket: string): string {
  return `version = 2
root = "${folder}/containerd"
state = "${folder}/containerd-state"
oom_score = 0
disabled_plugins = ["io.containerd.internal.v1.opt"]
[grpc]
  address = "${socket}"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "${sandboxImage}"
  restrict_oom_score_adj = true
  stream_server_address = "127.0.0.1"
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "${folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
`;
}

function kubeletConfiguration(folder: string, socket: string): string {
  return JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: nodeAddress,
    healthzPort: 10248,
    // Whoever reaches it is in the node's namespace, and that is us.
    authentication: { anonymous: { enabled: true }, webhook: { enabled: false } },
    authorization: { mode: 'AlwaysAllow' },
    containerRuntimeEndpoint: `unix://${socket}`,
    cgroupDriver: 'cgroupfs',
    cgroupRoot: `/${cgroup}`,
    cgroupsPerQOS: true,
    enforceNodeAllocatable: [],
    failCgroupV1: false,
    failSwapOn: false,
    oomScoreAdj: 0,
    localStorageCapacityIsolation: false,
    evictionHard: { 'memory.available': '100Mi' },
    clusterDNS: [nodeAddress],
    clusterDomain: 'cluster.local',
    resolvConf: '',
    nodeStatusUpdateFrequency: '5s',
    podLogsDir: join(folder, 'pod-logs'),
  });
}
