import { homedir } from 'node:os';
import { join } from 'node:path';

/** Root of the workspace, from `test/cluster/dist`. */
export const root = join(__dirname, '../../..');

/** What is kept between runs: binaries by name and version, the Python environment of the load. */
export const cache = process.env.CLUSTER_CACHE ?? join(homedir(), '.cache/tributary-cluster');

/** What a run leaves while it lasts: keys, logs, containers. Taken away at its end but for the logs. */
export const state = process.env.CLUSTER_STATE ?? '/tmp/tributary-cluster';

/** Network namespaces of a run: the node's, and one that stands for the world outside. */
export const nodeNamespace = 'trib-kubernetes-node';
export const outsideNamespace = 'trib-kubernetes-outside';

/** Parent of the pods' cgroups in every hierarchy. */
export const cgroup = 'trib-kubernetes';

/** The node's address, where API server, kubelet and DNS listen; pods get theirs from `podSubnet`. */
export const nodeAddress = '10.88.76.1';
export const podSubnet = '10.88.77.0/24';
export const serviceSubnet = '10.96.0.0/16';
/** A caller outside comes from `outsideAddress` and finds the node at `nodeOutsideAddress`. */
export const outsideAddress = '10.88.75.2';
export const nodeOutsideAddress = '10.88.75.1';
