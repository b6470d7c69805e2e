import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { recommendedServiceConfig } from '@tributary/client';
import type { Cluster } from '../cluster';
import { cache, root, state } from '../paths';
import { run } from '../tools/run';
import { until } from '../tools/until';
import type { LoadPlan, LoadReport } from './plan';
import { mixedCalls } from './workload';

export const loadClients = ['typescript', 'python'] as const;
export type LoadClient = (typeof loadClients)[number];

/** Where callers in the cluster find the routers. */
const target = 'dns:///router-headless.tributary.svc.cluster.local:8001';
const namespace = 'tributary-load';
const pod = 'load';

/** Longest time a call may take: longer than a frozen pod stays unnoticed. */
const timeoutMs = 30_000;

/** A pod from whose inside both clients call. */
export class LoadPod {
  private plans = 0;

  private constructor(
    private readonly cluster: Cluster,
    private readonly python: string,
  ) {}

  /** Starts the pod. It has this machine's programs and this workspace as read-only folders. */
  static async start(cluster: Cluster, python: string, signal: AbortSignal): Promise<LoadPod> {
    const basePrefix = (await run(python, ['-c', 'import sys; print(sys.base_prefix)'])).trim();
    const folders = new Set([
      '/usr',
      '/lib',
      '/lib64',
      '/bin',
      root,
      cache,
      state,
      basePrefix,
      dirname(dirname(process.execPath)),
    ]);
    await mkdir(join(state, 'load'), { recursive: true });
    await cluster.kubectl.apply(podObjects([...folders].filter((folder) => !isBelow(folder, folders))));
    await cluster.kubectl.run(['-n', namespace, 'wait', '--for=condition=Ready', `pod/${pod}`, '--timeout=60s'], {
      signal,
    });
    return new LoadPod(cluster, python);
  }

  /** Starts a client that makes `rate` calls a second; without a rate as many as it gets answered. Resolves with its first answer. */
  async load(client: LoadClient, rate: number | undefined, signal: AbortSignal): Promise<Load> {
    const maxInFlight = rate === undefined ? 32 : 1024;
    return this.ownStart(client, { ...(rate !== undefined && { rate }), maxInFlight, calls: mixedCalls }, signal);
  }

  /** Starts a client that always has so many of these calls under way. */
  async fill(calls: LoadPlan['calls'], maxInFlight: number, signal: AbortSignal): Promise<Load> {
    return this.ownStart('typescript', { maxInFlight, calls }, signal);
  }

  private async ownStart(
    client: LoadClient,
    asked: Pick<LoadPlan, 'rate' | 'maxInFlight' | 'calls'>,
    signal: AbortSignal,
  ): Promise<Load> {
    const plan: LoadPlan = { target, ...asked, timeoutMs, serviceConfig: recommendedServiceConfig };
    const file = join(state, 'load', `${client}-${(this.plans += 1)}.json`);
    await writeFile(file, JSON.stringify(plan));
    const command =
      client === 'typescript'
        ? [process.execPath, join(root, 'test/cluster/dist/load/client.js')]
        : [this.python, join(root, 'test/cluster/src/load/client.py')];
    const { kubectl } = this.cluster;
    const args = [`--kubeconfig=${kubectl.kubeconfig}`, '-n', namespace, 'exec', '-i', pod, '--', ...command, file];
    const load = new Load(spawn(kubectl.program, args, { stdio: ['pipe', 'pipe', 'inherit'] }));
    await until(`answers to the ${client} client`, () => load.report.ok > 0, { signal });
    return load;
  }
}

/** A client that calls. */
export class Load {
  report: LoadReport = { sent: 0, ok: 0, failed: 0, skipped: 0, failures: [], latenciesMs: [0, 0, 0] };
  private readonly ended: Promise<number | null>;

  constructor(private readonly child: ChildProcess) {
    createInterface({ input: child.stdout! }).on('line', (line) => {
      this.report = JSON.parse(line) as LoadReport;
    });
    this.ended = new Promise((resolve) => child.on('close', resolve));
  }

  /** Calls from here on at a share of the rate. */
  setRate(share: number): void {
    this.child.stdin!.write(`${share}\n`);
  }

  /** Ends the client where it still calls, without waiting for anything. */
  end(): void {
    this.child.kill();
  }

  /** No new calls; resolves once those under way are answered. @throws Error where the client itself failed */
  async stop(): Promise<LoadReport> {
    this.child.stdin!.end();
    const code = await this.ended;
    if (code !== 0) throw new Error(`a load client ended with code ${code}`);
    return this.report;
  }
}

function isBelow(folder: string, others: ReadonlySet<string>): boolean {
  return [...others].some((other) => folder.startsWith(`${other}/`));
}

function podObjects(folders: readonly string[]): object[] {
  const name = (index: number): string => `folder-${index}`;
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { 'tributary.dev/caller': 'true' } },
    },
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: pod, namespace },
      spec: {
        terminationGracePeriodSeconds: 1,
        containers: [
          {
            name: 'load',
            image: 'localhost/pause:1',
            imagePullPolicy: 'Never',
            resources: { requests: { cpu: '500m' } },
            volumeMounts: folders.map((mountPath, index) => ({ name: name(index), mountPath, readOnly: true })),
          },
        ],
        volumes: folders.map((path, index) => ({ name: name(index), hostPath: { path } })),
      },
    },
  ];
}
