// `npm run test:cluster`: a Kubernetes cluster of one real node, the system in it, and everything that may befall it.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createScreen } from '@tributary/cli';
import { drills } from './drills/drills';
import { makeNetworks } from './node/network';
import { tearDown } from './node/tear-down';
import { cache, nodeNamespace, state } from './paths';
import { provideBinaries } from './tools/binaries';
import { provideImages } from './tools/images';
import { attempt, run } from './tools/run';
import { runInside, type InsideOptions } from './inside';

const usage = `usage: npm run test:cluster -- [options]

Needs Linux, root, network namespaces, Go, podman, containerd, the CNI plugins, conntrack, Prometheus and Python 3. The first run builds the programs of
Kubernetes: ten minutes on two idle cores. Everything is taken away again at the end, however it comes.

  --images <dir>      archives of npm run images -- --output <dir> (default: they are built)
  --base <image>      base image of that build
  --drill <text>      only the drills whose name holds it, may be given again (default: all, recorded in
                      test/cluster/record.json)
  --doors             with --drill: closes the doors too (component secure), and sees who comes in
  --record            with --drill: puts what it saw into the record
  --calls <n>         calls of a drill at least (default: 20000)
  --cpu-weight <n>    cpu.shares of all pods together, on machines that others use too (default: 1024)
  --binaries          only build the programs
  --help              this text
`;

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    options: {
      images: text,
      base: text,
      drill: { type: 'string', multiple: true },
      calls: text,
      'cpu-weight': text,
      record: flag,
      doors: flag,
      binaries: flag,
      help: flag,
      inside: text,
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const stopping = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => stopping.abort(new Error(`stopped by ${name}`)));
  }
  const { signal } = stopping;
  const screen = createScreen(process.stderr, process.env.CI !== undefined);
  if (values.inside !== undefined) {
    process.on('disconnect', () => stopping.abort(new Error('the run is over')));
    await runInside(JSON.parse(values.inside) as InsideOptions, screen, signal);
    return;
  }

  const binaries = await provideBinaries(screen, signal);
  if (values.binaries) return;
  const missing = await missingTools();
  if (missing.length > 0) throw new Error(`install ${missing.join(', ')} first, and run as root`);
  const images = await provideImages({ folder: values.images, base: values.base }, screen, signal);
  const options: InsideOptions = {
    binaries,
    images,
    python: await providePython(signal),
    drills: drills.map(({ name }) => name).filter((name) => (values.drill ?? ['']).some((part) => name.includes(part))),
    closesDoors: values.drill === undefined || values.doors,
    isRecorded: values.drill === undefined || values.record,
    minCalls: Number(values.calls ?? 20_000),
    ...(values['cpu-weight'] !== undefined && { cpuWeight: Number(values['cpu-weight']) }),
  };
  // What a run that was cut off has left behind goes first.
  await tearDown();
  await rm(state, { recursive: true, force: true });
  await mkdir(state, { recursive: true });
  try {
    await makeNetworks();
    await inNamespace(options, signal);
  } finally {
    screen.progress('taking down', 0, 1, '');
    await tearDown();
    screen.clear();
  }
}

/** Runs this program again in the network namespace of the node, where everything of the cluster is at home. */
function inNamespace(options: InsideOptions, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const args = [
      `--net=/run/netns/${nodeNamespace}`,
      process.execPath,
      __filename,
      '--inside',
      JSON.stringify(options),
    ];
    // Ctrl-C reaches only this program, which passes it on.
    const child = spawn('nsenter', args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'], detached: true });
    const stop = (): void => {
      child.kill('SIGTERM');
      setTimeout(() => child.kill('SIGKILL'), 10_000).unref();
    };
    signal.addEventListener('abort', stop);
    child.on('error', reject);
    child.on('close', (code) => {
      signal.removeEventListener('abort', stop);
      if (code === 0) resolve();
      else reject(signal.aborted ? (signal.reason as Error) : new Error(`the run failed; logs are in ${state}`));
    });
  });
}

async function missingTools(): Promise<string[]> {
  const tools = {
    go: 'Go',
    podman: 'podman',
    containerd: 'containerd',
    ctr: 'containerd',
    conntrack: 'conntrack',
    nsenter: 'util-linux',
    ip: 'iproute2',
    iptables: 'iptables',
    openssl: 'openssl',
    prometheus: 'prometheus',
    python3: 'Python 3',
  };
  const found = await Promise.all(Object.keys(tools).map((tool) => attempt('which', [tool])));
  const missing = Object.values(tools).filter((_, index) => found[index] === undefined);
  if (!existsSync('/usr/lib/cni/bridge')) missing.push('containernetworking-plugins');
  return [...new Set(missing)];
}

/** A Python with grpcio. @returns path of its interpreter */
async function providePython(signal: AbortSignal): Promise<string> {
  const venv = join(cache, 'python-grpcio-1.85.1');
  const python = join(venv, 'bin/python');
  const mark = join(venv, 'ready');
  if (!existsSync(mark)) {
    await rm(venv, { recursive: true, force: true });
    await run('python3', ['-m', 'venv', venv], { signal });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'grpcio==1.85.1'], { signal });
    await writeFile(mark, '');
  }
  return python;
}

main().then(
  // What is left to run is taken down by the outer program.
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`test:cluster: ${(error as Error).message}\n`);
    process.exit(1);
  },
);
