import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  createLoopback,
  createNamespaces,
  startReplica,
  startVantage,
  whyNoNamespaces,
  type LoadPlan,
  type LoadReport,
  type Network,
  type NetworkHost,
  type ProcessName,
  type Replica,
  type Vantage,
} from '@tributary/cli';
import { models, root } from '../support/paths';
import type { Zone } from './dns-process';
import { findPython, startForeignLoad } from './foreign-load';

/** What stands on a stage at the beginning. */
export interface StageOptions {
  /** Replicas of each service; default: three of recommendation. */
  readonly services?: Partial<Record<Exclude<ProcessName, 'router'>, number>>;
  readonly routers?: number;
  /** Workspace whose build the processes run; default: this one. */
  readonly root?: string;
  readonly routerArgs?: readonly string[];
  /** Addresses in the place of the replicas' own, as the router knows them. */
  readonly through?: (stage: Stage) => Promise<readonly string[]>;
}

/** What two loads have seen: that of this project's client, and that of gRPC for Python. */
export interface Loads {
  /** Good answers to both so far. */
  ok(): number;
  failed(): number;
  /** Resolves once both together have had that many more good answers. */
  answered(more: number): Promise<void>;
  /** Lets the calls under way end. */
  stop(): Promise<{ readonly tributary: LoadReport; readonly python: LoadReport | undefined }>;
}

/** Ports of a host in a namespace. */
const grpcPort = 8001;
const zoneName = 'tributary.test';
/** What a router takes to see that a replica is ready, on a machine that is busy. */
const patienceMs = 60_000;
const python = findPython();
/** The load that is steady: this share of what the same calls reach without a pace. */
const steadyShare = 0.6;
const capacityCalls = 1_500;

/** A system of ours on hosts of its own, with clients beside it. */
export class Stage {
  readonly routers: Replica[] = [];
  readonly replicas: Replica[] = [];
  private readonly options: StageOptions;
  private readonly names = new Map<string, readonly string[]>();
  private readonly children: ChildProcess[] = [];
  private hosts = 0;
  private dns: ChildProcess | undefined;
  private dnsIsSilent = false;
  private nameserver: string | undefined;
  private calls: LoadPlan['calls'] = [];

  private constructor(
    readonly network: Network,
    options: StageOptions,
  ) {
    this.options = options;
  }

  /** Starts everything; resolves once every router sends calls to every replica. */
  static async open(options: StageOptions, calls: LoadPlan['calls']): Promise<Stage> {
    const stage = new Stage(whyNoNamespaces() === undefined ? createNamespaces() : createLoopback(), options);
    try {
      await stage.start(calls);
      return stage;
    } catch (error) {
      await stage.close();
      throw error;
    }
  }

  /** Where the clients stand. */
  vantage!: Vantage;
  private client!: NetworkHost;

  private async start(calls: LoadPlan['calls']): Promise<void> {
    this.calls = calls;
    if (this.network.kind === 'namespaces') await this.startDns();
    this.client = this.addHost('client');
    this.vantage = startVantage(this.client);
    const { services = { recommendation: 3 }, routers = 2, through } = this.options;
    for (const [service, count] of Object.entries(services) as [ProcessName, number][]) {
      for (let i = 0; i < count; i++) await this.addReplica(service);
    }
    const upstreams = through === undefined ? this.upstreams() : await through(this);
    const args = [`--upstreams=${upstreams.join(',')}`, '--resolve-interval=1s', ...(this.options.routerArgs ?? [])];
    for (let i = 0; i < routers; i++) this.routers.push(await this.startProcess('router', args));
    await this.publish('router', this.routers);
    await this.ready(this.replicas.length);
  }

  addHost(name: string): NetworkHost {
    const nameserver = this.nameserver;
    return this.network.addHost(`${name}-${(this.hosts += 1)}`, nameserver === undefined ? {} : { nameserver });
  }

  /**
   * Starts one more replica; its name leads to it from then on.
   * @param prefix what goes before its command
   */
  async addReplica(service: ProcessName = 'recommendation', prefix: readonly string[] = []): Promise<Replica> {
    const args = [`--repository=${join(models, service)}`, '--cpu-budget=1'];
    const replica = await this.startProcess(service, args, prefix);
    this.replicas.push(replica);
    await this.publish(service, this.replicasOf(service));
    return replica;
  }

  /** Its name leads to it no more; then it is told to stop. */
  async removeReplica(replica: Replica): Promise<void> {
    this.replicas.splice(this.replicas.indexOf(replica), 1);
    const service = serviceOf(replica);
    await this.publish(service, this.replicasOf(service));
    if ((await replica.stop()) !== 0) throw new Error(`${replica.name} did not end with code 0`);
  }

  /** Stops a process and starts it at the same address, of the workspace at `newRoot` if it is given. */
  async restart(replica: Replica, newRoot?: string): Promise<void> {
    const code = await replica.stop();
    if (code !== 0) throw new Error(`${replica.name} ended with code ${code}`);
    await replica.start(newRoot);
    await this.ready(this.replicas.length);
  }

  /** Resolves once every router that runs sends calls to `count` replicas. */
  async ready(count: number, routers: readonly Replica[] = this.routers): Promise<void> {
    const untilMs = performance.now() + patienceMs;
    for (;;) {
      const counts = await Promise.all(routers.map((router) => this.readyAt(router)));
      if (counts.every((each) => each === count)) return;
      if (performance.now() > untilMs) throw new Error(`routers see ${counts.join(' and ')} replicas, not ${count}`);
      // A router tells nobody here when its routes change.
      await pause(50);
    }
  }

  private async readyAt(router: Replica): Promise<number> {
    const routes = await this.vantage.routes(router.address).catch(() => undefined);
    return routes?.upstreams.filter(({ state }) => state === 'READY').length ?? 0;
  }

  /**
   * Clients of the routers, at a steady share of what those can do; half of the calls each where there is a Python with gRPC.
   * @param onTried once it is known what they can do, before the steady calls begin
   */
  async startLoads(timeoutMs = 20_000, onTried: () => Promise<void> = () => Promise.resolve()): Promise<Loads> {
    const plan = { target: this.target(), calls: this.calls, maxInFlight: 64, timeoutMs };
    const trial = await this.vantage.startLoad(plan);
    await trial.until(({ ok }) => ok >= capacityCalls);
    const { ok, failed, elapsedMs } = await trial.stop();
    if (failed > 0) throw new Error('calls failed before anything was done to the system');
    await onTried();
    const perSecond = (steadyShare * ok * 1000) / elapsedMs / (python === undefined ? 1 : 2);
    const ours = await this.vantage.startLoad({ ...plan, perSecond });
    const theirs = python === undefined ? undefined : startForeignLoad(python, this.client, { ...plan, perSecond });
    const loads = theirs === undefined ? [ours] : [ours, theirs];
    const sum = (of: (report: LoadReport) => number): number =>
      loads.reduce((total, load) => total + (load.report() === undefined ? 0 : of(load.report()!)), 0);
    const answered = (): number => sum((report) => report.ok);
    return {
      ok: () => answered(),
      failed: () => sum((report) => report.failed),
      answered: async (more) => {
        const wanted = answered() + more;
        while (answered() < wanted) await ours.until(() => answered() >= wanted);
      },
      stop: async () => {
        const [tributary, foreign] = await Promise.all([ours.stop(), theirs?.stop()]);
        return { tributary, python: foreign };
      },
    };
  }

  /** Where the routers are, for clients. */
  target(): string {
    if (this.dns !== undefined) return `dns:///router.${zoneName}:${grpcPort}`;
    return `ipv4:${this.routers.map(({ address }) => address).join(',')}`;
  }

  /** Good answers to the calls of the loads, as the processes that run have counted them since they were started. */
  async counted(processes: readonly Replica[]): Promise<number> {
    const texts = await Promise.all(processes.map(({ metricsUrl }) => this.vantage.get(metricsUrl)));
    const paths = new Set(this.calls.map(({ path }) => path));
    let sum = 0;
    for (const text of texts) {
      for (const [, labels = '', value] of text.matchAll(/^tributary_grpc_requests_total\{(.*)\} (\d+)$/gm)) {
        const method = /method="\/?([^"]+)"/.exec(labels)?.[1] ?? '';
        if (labels.includes('code="OK"') && paths.has(`/${method}`)) sum += Number(value);
      }
    }
    return sum;
  }

  /** Attempts at replicas that have ended, and those tried again, by the routers' count. */
  async attempts(): Promise<{ readonly calls: number; readonly retries: number }> {
    const all = await Promise.all(this.routers.map(({ address }) => this.vantage.routes(address)));
    const upstreams = all.flatMap((routes) => routes.upstreams);
    const sum = (of: (upstream: (typeof upstreams)[number]) => number): number =>
      upstreams.reduce((total, upstream) => total + of(upstream), 0);
    return { calls: sum(({ calls }) => calls), retries: sum(({ retries }) => retries) };
  }

  /** A DNS server that is silent hears of changes all the same, and tells them once it speaks again. */
  silenceDns(silent: boolean): void {
    this.dnsIsSilent = silent;
    this.dns?.kill(silent ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Runs a command on a host to its end. @throws Error with its words where it fails */
  run(host: NetworkHost, ...command: readonly string[]): void {
    const [program = '', ...args] = [...host.prefix, ...command];
    const { status, stderr } = spawnSync(program, args, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}`);
  }

  /** Starts a program on a host; it ends with the stage. */
  spawn(host: NetworkHost, ...command: readonly string[]): ChildProcess {
    const [program = '', ...args] = [...host.prefix, ...command];
    const child = spawn(program, args, { stdio: 'ignore' });
    this.children.push(child);
    return child;
  }

  async close(): Promise<void> {
    this.silenceDns(false);
    await (this.vantage as Vantage | undefined)?.close();
    await Promise.all([...this.routers, ...this.replicas].map((each) => each.stop()));
    for (const child of this.children) child.kill('SIGKILL');
    this.network.close();
  }

  private replicasOf(service: ProcessName): Replica[] {
    return this.replicas.filter((replica) => serviceOf(replica) === service);
  }

  private upstreams(): string[] {
    if (this.dns === undefined) return this.replicas.map(({ address }) => address);
    return [...new Set(this.replicas.map(serviceOf))].map((service) => `dns:///${service}.${zoneName}:${grpcPort}`);
  }

  private startProcess(
    service: ProcessName,
    args: readonly string[],
    prefix: readonly string[] = [],
  ): Promise<Replica> {
    const added = this.addHost(service);
    const host = { ...added, prefix: [...prefix, ...added.prefix] };
    return startReplica({ service, host, root: this.options.root ?? root, args, env: process.env });
  }

  private async startDns(): Promise<void> {
    const host = this.network.addHost('dns');
    const command = [...host.prefix, process.execPath, join(__dirname, 'dns-process.js'), host.ip];
    const child = spawn(command[0]!, command.slice(1), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    this.children.push(child);
    await once(child, 'message');
    this.dns = child;
    this.nameserver = host.ip;
  }

  private async publish(name: string, processes: readonly Replica[]): Promise<void> {
    if (this.dns === undefined) return;
    this.names.set(
      `${name}.${zoneName}`,
      processes.map(({ host }) => host.ip),
    );
    const changed = once(this.dns, 'message');
    this.dns.send(Object.fromEntries(this.names) satisfies Zone);
    if (!this.dnsIsSilent) await changed;
  }
}

/** Hosts are named after what runs on them. */
function serviceOf({ host }: Replica): ProcessName {
  return host.name.slice(0, host.name.lastIndexOf('-')) as ProcessName;
}
