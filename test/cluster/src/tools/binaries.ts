import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Screen } from '@tributary/cli';
import { cache } from '../paths';
import { attempt, run } from './run';

const kubernetesVersion = 'v1.34.4';

/** Programs that the cluster is made of. */
export const binaryNames = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kube-proxy',
  'kubectl',
  'etcd',
  'coredns',
  'metrics-server',
  'prometheus-adapter',
  'kustomize',
] as const;
export type BinaryName = (typeof binaryNames)[number];

/** Absolute path of each program. */
export type Binaries = Readonly<Record<BinaryName, string>>;

interface Source {
  readonly version: string;
  /** Go package of the command. */
  readonly command: string;
  /** Module of the command, where `go install` refuses it because its go.mod replaces modules: then it is built as a dependency. */
  readonly module?: string;
}

const kubernetes = (name: string): Source => ({
  version: kubernetesVersion,
  command: `k8s.io/kubernetes/cmd/${name}`,
  module: 'k8s.io/kubernetes',
});

// In the order of use: what fails early is built early.
const sources: Readonly<Record<BinaryName, Source>> = {
  'kube-apiserver': kubernetes('kube-apiserver'),
  'kube-controller-manager': kubernetes('kube-controller-manager'),
  'kube-scheduler': kubernetes('kube-scheduler'),
  kubelet: kubernetes('kubelet'),
  'kube-proxy': kubernetes('kube-proxy'),
  kubectl: kubernetes('kubectl'),
  etcd: { version: 'v3.6.16', command: 'go.etcd.io/etcd/server/v3', module: 'go.etcd.io/etcd/server/v3' },
  coredns: { version: 'v1.15.0', command: 'github.com/coredns/coredns' },
  'metrics-server': { version: 'v0.9.0', command: 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
  'prometheus-adapter': { version: 'v0.12.0', command: 'sigs.k8s.io/prometheus-adapter/cmd/adapter' },
  kustomize: { version: 'v5.8.2', command: 'sigs.k8s.io/kustomize/kustomize/v5' },
};

/**
 * Finds the programs in the cache, or builds them from Go modules: ten minutes on two idle cores, once a version.
 * @throws Error with the compiler's last words
 */
export async function provideBinaries(screen: Screen, signal: AbortSignal): Promise<Binaries> {
  const folder = join(cache, 'bin');
  await mkdir(folder, { recursive: true });
  // Any kubectl of these years will do.
  const installed = (await attempt('which', ['kubectl']))?.trim();
  const path = (name: BinaryName): string =>
    name === 'kubectl' && installed !== undefined ? installed : join(folder, `${name}-${sources[name].version}`);
  const missing = binaryNames.filter((name) => !existsSync(path(name)));
  for (const [done, name] of missing.entries()) {
    screen.progress('building', done, missing.length, `${name} ${sources[name].version}`);
    const part = `${path(name)}.part`;
    await build(sources[name], part, signal);
    // Under its name only once it is whole.
    await rename(part, path(name));
  }
  screen.clear();
  return Object.fromEntries(binaryNames.map((name) => [name, path(name)])) as unknown as Binaries;
}

async function build({ command, module, version }: Source, to: string, signal: AbortSignal): Promise<void> {
  const workspace = join(cache, 'modules', `${(module ?? command).replaceAll('/', '_')}-${version}`);
  await mkdir(workspace, { recursive: true });
  if (!existsSync(join(workspace, 'go.mod'))) {
    await writeFile(join(workspace, 'go.mod'), await moduleFile(module ?? moduleOf(command), version, signal));
  }
  await run('go', ['build', '-mod=mod', '-trimpath', '-ldflags', linkerFlags(version), '-o', to, command], {
    cwd: workspace,
    signal,
  });
}

/** A module that requires the command's, with its replacements of staging modules turned into the published ones. */
async function moduleFile(module: string, version: string, signal: AbortSignal): Promise<string> {
  const described = await run('go', ['mod', 'download', '-json', `${module}@${version}`], { cwd: cache, signal });
  const { GoMod } = JSON.parse(described) as { GoMod: string };
  const original = await readFile(GoMod, 'utf8');
  const goVersion = /^go \S+$/m.exec(original)?.[0] ?? 'go 1.24.0';
  const staged = [...original.matchAll(/^\s*(\S+) => \.\/staging\//gm)].map(([, name]) => name);
  const replaced = staged.map((name) => `replace ${name} => ${name} ${version.replace(/^v1/, 'v0')}`);
  return [`module tributary.dev/cluster`, goVersion, `require ${module} ${version}`, ...replaced, ''].join('\n');
}

/** The module of a command that lies in its module's root or under its `cmd/`. */
function moduleOf(command: string): string {
  return command.replace(/\/cmd\/[^/]+$/, '');
}

/** Kubernetes asks its own version of a variable that the linker sets; elsewhere the flags do nothing. */
function linkerFlags(version: string): string {
  const [major, minor] = version.slice(1).split('.');
  const variables = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((name) => [
    `-X ${name}.gitVersion=${version}`,
    `-X ${name}.gitMajor=${major}`,
    `-X ${name}.gitMinor=${minor}`,
  ]);
  return ['-s', '-w', ...(version === kubernetesVersion ? variables : [])].join(' ');
}
