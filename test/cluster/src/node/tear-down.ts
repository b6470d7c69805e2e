import { existsSync } from 'node:fs';
import { readdir, readFile, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cgroup, nodeNamespace, outsideNamespace, state } from '../paths';
import { attempt } from '../tools/run';
import { removeNetworks } from './network';

const hierarchies = '/sys/fs/cgroup';
const cniResults = '/var/lib/cni/results';

/**
 * Takes away what a run left, however it ended: the pods' processes, those of the node, mounts, namespaces, cgroups, files. Logs stay. Does
 * nothing where nothing is left.
 */
export async function tearDown(): Promise<void> {
  // Containerd's shims first, or they would tell of every death that follows.
  for (let round = 0; round < 20; round++) {
    const pids = [...(await namespacePids()), ...(await cgroupPids())];
    if (pids.length === 0) break;
    for (const pid of pids) kill(pid);
    await pause(100);
  }
  await unmountAll();
  await removePodNetworks();
  await removeNetworks();
  await removeCgroups();
  for (const name of ['containerd', 'containerd-state', 'kubelet', 'cni-addresses', 'pod-logs']) {
    await rm(join(state, 'node', name), { recursive: true, force: true });
  }
  await rm(join(state, 'control-plane', 'etcd'), { recursive: true, force: true });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone by itself.
  }
}

async function namespacePids(): Promise<number[]> {
  const found = await Promise.all(
    [nodeNamespace, outsideNamespace].map((name) => attempt('ip', ['netns', 'pids', name])),
  );
  return found.flatMap((text) => (text ?? '').split('\n').filter(Boolean).map(Number));
}

/** Folders of the pods' cgroups, the deepest first: below one root, or below one a controller. */
async function cgroupFolders(): Promise<string[]> {
  const tops = [
    join(hierarchies, cgroup),
    ...(await readdir(hierarchies)).map((name) => join(hierarchies, name, cgroup)),
  ];
  const found = await Promise.all(
    tops
      .filter((top) => existsSync(top))
      .map(async (top) => {
        const below = await readdir(top, { recursive: true, withFileTypes: true }).catch(() => []);
        return [
          top,
          ...below.filter((entry) => entry.isDirectory()).map((entry) => join(entry.parentPath, entry.name)),
        ];
      }),
  );
  return found.flat().sort((one, other) => other.length - one.length);
}

async function cgroupPids(): Promise<number[]> {
  const texts = await Promise.all(
    (await cgroupFolders()).map((folder) => readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '')),
  );
  return [...new Set(texts.flatMap((text) => text.split('\n').filter(Boolean).map(Number)))].filter((pid) => pid > 0);
}

async function removeCgroups(): Promise<void> {
  for (const folder of await cgroupFolders()) await rmdir(folder).catch(() => undefined);
}

async function unmountAll(): Promise<void> {
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map((line) => line.split(' ')[1] ?? '');
  for (const path of mounts.filter((path) => path.startsWith(`${state}/`)).reverse())
    await attempt('umount', ['-l', path]);
}

/** Pods' namespaces are files with a mount each, which only the results of the network plugin know to be ours. */
async function removePodNetworks(): Promise<void> {
  const names = await readdir(cniResults).catch(() => []);
  for (const name of names.filter((name) => name.startsWith(`${nodeNamespace}-`))) {
    const text = await readFile(join(cniResults, name), 'utf8');
    const namespace = /\/(?:var\/)?run\/netns\/(cni-[0-9a-f-]+)/.exec(text)?.[1];
    if (namespace !== undefined) await attempt('ip', ['netns', 'delete', namespace]);
    await rm(join(cniResults, name), { force: true });
  }
}
