import { existsSync } from 'node:fs';
import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Screen } from '@tributary/cli';
import { sandboxImage } from '../node/node';
import { cache, root } from '../paths';
import { run } from './run';

const services = ['router', 'image', 'nlp', 'recommendation'] as const;

export interface ImagesOptions {
  /** Archives of `npm run images -- --output`; default: they are built. */
  readonly folder: string | undefined;
  /** Base image of that build; default: that of the Dockerfile. */
  readonly base: string | undefined;
}

/**
 * The images of the overlay `local` as archives: the services' own, those with models with a layer of them on top, and that of a pod's
 * sandbox.
 * @returns paths of archives that containerd imports
 */
export async function provideImages(
  options: ImagesOptions,
  screen: Screen,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const built = options.folder ?? join(cache, 'images');
  if (options.folder === undefined) {
    screen.progress('images', 0, services.length + 1, 'building');
    const base = options.base === undefined ? [] : ['--base', options.base];
    await run(process.execPath, ['deploy/docker/images.mjs', ...base, '--output', built, ...services], {
      cwd: root,
      signal,
    });
  }
  const folder = join(cache, 'cluster-images');
  await mkdir(folder, { recursive: true });
  for (const [done, service] of services.entries()) {
    screen.progress('images', done + 1, services.length + 1, service);
    await withModels(service, join(built, `tributary-${service}.tar`), join(folder, `${service}.tar`), signal);
  }
  await writeSandboxImage(join(folder, 'pause.tar'), signal);
  screen.clear();
  return ['pause', ...services].map((name) => join(folder, `${name}.tar`));
}

/** What docs/containers.md tells to do: one layer with a model repository where the service looks for it. */
async function withModels(service: string, archive: string, to: string, signal: AbortSignal): Promise<void> {
  const models = join(root, 'models', service);
  if (existsSync(to) && (await stat(to)).mtimeMs > Math.max((await stat(archive)).mtimeMs, await newest(models)))
    return;
  const loaded = await run('podman', ['load', '--quiet', '--input', archive], { signal });
  const image = /Loaded image:? *(\S+)/.exec(loaded)?.[1];
  if (image === undefined) throw new Error(`${archive} holds no image: ${loaded}`);
  const tag = `localhost/tributary-${service}:local`;
  if (existsSync(models)) {
    const layer = `FROM ${image}\nCOPY . /app/models/${service}\n`;
    await podmanBuild(tag, layer, models, signal);
  } else {
    await run('podman', ['tag', image, tag], { signal });
  }
  await rm(to, { force: true });
  await run('podman', ['save', '--quiet', '--format', 'docker-archive', '--output', to, tag], { signal });
}

async function newest(folder: string): Promise<number> {
  if (!existsSync(folder)) return 0;
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const times = files
    .filter((file) => file.isFile())
    .map(async (file) => (await stat(join(file.parentPath, file.name))).mtimeMs);
  return Math.max(0, ...(await Promise.all(times)));
}

/** A program that waits to be told to stop: what keeps a pod's namespaces, and pods whose work comes by `kubectl exec`. */
const pauseProgram = `package main

import (
	"os"
	"os/signal"
	"syscall"
)

func main() {
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	<-stop
}
`;

async function writeSandboxImage(to: string, signal: AbortSignal): Promise<void> {
  if (existsSync(to)) return;
  const folder = join(cache, 'pause');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'main.go'), pauseProgram);
  await writeFile(join(folder, 'go.mod'), 'module pause\ngo 1.24\n');
  await run('go', ['build', '-o', 'pause', '-ldflags', '-s -w', '.'], {
    cwd: folder,
    env: { ...process.env, CGO_ENABLED: '0' },
    signal,
  });
  await podmanBuild(sandboxImage, 'FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n', folder, signal);
  await run('podman', ['save', '--quiet', '--format', 'docker-archive', '--output', to, sandboxImage], { signal });
}

async function podmanBuild(tag: string, instructions: string, folder: string, signal: AbortSignal): Promise<void> {
  // Not by stdin, which podman opens anew: it cannot where that is a socket, as Node's pipes are.
  const file = join(cache, 'Containerfile');
  await writeFile(file, instructions);
  const options = ['--quiet', '--format', 'docker', '--isolation', 'chroot', '--tag', tag, '--file', file];
  await run('podman', ['build', ...options, folder], { signal });
}
