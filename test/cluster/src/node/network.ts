import { attempt, run } from '../tools/run';
import {
  nodeAddress,
  nodeNamespace,
  nodeOutsideAddress,
  outsideAddress,
  outsideNamespace,
  podSubnet,
  serviceSubnet,
} from '../paths';

/** Makes the network namespaces of the node and of the world outside, joined by one cable. Nothing of them is seen by the machine. */
export async function makeNetworks(): Promise<void> {
  const ip = (...args: string[]): Promise<string> => run('ip', args);
  await removeNetworks();
  for (const name of [nodeNamespace, outsideNamespace]) {
    await ip('netns', 'add', name);
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }
  await ip('-n', nodeNamespace, 'link', 'add', 'node0', 'type', 'bridge');
  await ip('-n', nodeNamespace, 'addr', 'add', `${nodeAddress}/32`, 'dev', 'node0');
  await ip('-n', nodeNamespace, 'link', 'set', 'node0', 'up');
  const cable = ['type', 'veth', 'peer', 'name', 'eth0', 'netns', outsideNamespace];
  await ip('-n', nodeNamespace, 'link', 'add', 'outside0', ...cable);
  await ip('-n', nodeNamespace, 'addr', 'add', `${nodeOutsideAddress}/24`, 'dev', 'outside0');
  await ip('-n', outsideNamespace, 'addr', 'add', `${outsideAddress}/24`, 'dev', 'eth0');
  await ip('-n', nodeNamespace, 'link', 'set', 'outside0', 'up');
  await ip('-n', outsideNamespace, 'link', 'set', 'eth0', 'up');
  await ip('-n', outsideNamespace, 'route', 'add', 'default', 'via', nodeOutsideAddress);
  // Services have addresses on no interface: kube-proxy turns them into pods', once the kernel believes that there is a way.
  await ip('-n', nodeNamespace, 'route', 'add', serviceSubnet, 'dev', 'node0');
  await ip('netns', 'exec', nodeNamespace, 'sysctl', '-qw', 'net.ipv4.ip_forward=1');
}

/** Takes both namespaces away, with all that listens in them. */
export async function removeNetworks(): Promise<void> {
  for (const name of [nodeNamespace, outsideNamespace]) await attempt('ip', ['netns', 'delete', name]);
}

/** What containerd needs to know to connect a pod: a bridge, an address of the pods' subnet, a way out by the node. */
export function cniConfiguration(dataFolder: string): string {
  return JSON.stringify({
    cniVersion: '1.0.0',
    name: nodeNamespace,
    plugins: [
      {
        type: 'bridge',
        bridge: 'pods0',
        isGateway: true,
        hairpinMode: true,
        ipam: {
          type: 'host-local',
          dataDir: dataFolder,
          ranges: [[{ subnet: podSubnet }]],
          routes: [{ dst: '0.0.0.0/0' }],
        },
      },
    ],
  });
}
