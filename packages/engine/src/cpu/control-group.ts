import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Reads a file below the root, without white space around it; undefined where that is not possible. */
export type Read = (path: string) => string | undefined;

/** @param fileRoot stands for `/`; tests give a folder with fixture files */
export function readBelow(fileRoot: string): Read {
  return (path) => {
    try {
      return readFileSync(join(fileRoot, path), 'utf8').trim();
    } catch {
      return undefined;
    }
  };
}

/**
 * Folders of the process's control group and its parents below the controller's mount, '' for the mount itself.
 * In a container the path of /proc/self/cgroup may be the host's and not exist here; then only the mount counts.
 * @param controller v1 controller; '' for the one hierarchy of v2
 */
export function groupFolders(read: Read, controller: string): string[] {
  const line = (read('/proc/self/cgroup') ?? '').split('\n').find((entry) => {
    const controllers = entry.split(':')[1];
    return controllers !== undefined && controllers.split(',').includes(controller);
  });
  const folders = [''];
  let folder = line?.split(':').slice(2).join(':') ?? '/';
  while (folder !== '/' && folder.startsWith('/') && !folder.includes('..')) {
    folders.push(folder);
    folder = dirname(folder);
  }
  return folders;
}

/** The least of what the sources say; Infinity where there is none. */
export function smallest<T>(sources: readonly T[], read: (source: T) => number): number {
  return Math.min(Infinity, ...sources.map(read));
}
