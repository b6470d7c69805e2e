import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { tributary } from '@tributary/contract';
import { fail, readArguments } from '../command-line';
import type { ShownRoutes } from '../render-routes';
import { createLoopback, createNamespaces, whyNoNamespaces, type Network } from '../stage/network';
import { startReplica, type Replica } from '../stage/replica';
import { startVantage, type Load, type Vantage } from '../stage/vantage';
import { createRolloutView, renderCalls, type ReplicaState, type RolloutView, type ShownReplica } from './rollout-view';

const help = `usage: npm run demo:rollout [-- options]

Starts three replicas of the recommendation service and a router in front of them, calls them at a steady pace, and restarts one
replica after the other, live in the terminal. Takes about half a minute, and ends with exit code 0 if no call failed, else 1.
Each process gets a network namespace of its own where that is allowed (it needs root), else they share the loopback.

  --rate <n>    calls that begin in a second (default: 400)
  --processes   no namespaces, even where they are allowed
  --help        this text
`;

export interface DemoOptions {
  /** Root of the workspace. */
  readonly root: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  /** No colours, no table in its place. */
  readonly plain: boolean;
  /** Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
}

const replicaCount = 3;
/** Seconds of load before the first restart, and after each. */
const secondsBetween = 4;
const lookIntervalMs = 200;

/** `tributary demo:rollout`. @returns the exit code: 0, 1 where a call failed, 130 where it was interrupted */
export async function demoRollout(options: DemoOptions): Promise<number> {
  const read = readArguments({
    command: 'npm run demo:rollout',
    help,
    args: options.args,
    options: {
      rate: { type: 'string', default: '400' },
      processes: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (typeof read === 'number') return read;
  const { values } = read;
  const perSecond = Number(values.rate);
  if (!(perSecond >= 1 && perSecond <= 10_000)) return fail(`--rate is '${values.rate}'; expected 1 to 10000`);
  const why = values.processes ? 'as asked' : whyNoNamespaces();
  const network = why === undefined ? createNamespaces() : createLoopback();
  const where = why === undefined ? 'a namespace for each process' : `processes on the loopback (${why})`;
  const view = createRolloutView(process.stdout, options.plain);
  const demo = new RolloutDemo(network, where, perSecond, view, options);
  try {
    return await demo.run();
  } catch (error) {
    if (options.signal.aborted) return 130;
    throw error;
  } finally {
    view.end();
    await demo.close();
    network.close();
  }
}

class RolloutDemo {
  private readonly replicas: Replica[] = [];
  private readonly states: ReplicaState[] = [];
  private readonly restarts: number[] = [];
  private readonly vantage: Vantage;
  private router: Replica | undefined;
  private routes: ShownRoutes | undefined;
  private load: Load | undefined;
  private replaced = 0;

  constructor(
    private readonly network: Network,
    private readonly where: string,
    private readonly perSecond: number,
    private readonly view: RolloutView,
    private readonly options: DemoOptions,
  ) {
    this.vantage = startVantage(network.addHost('client'));
  }

  async run(): Promise<number> {
    const { root, env, signal } = this.options;
    process.stdout.write('starting a router and three replicas\n');
    const args = [`--repository=${join(root, 'models/recommendation')}`, '--cpu-budget=1'];
    for (let i = 1; i <= replicaCount; i++) {
      signal.throwIfAborted();
      const host = this.network.addHost(`movies-${i}`);
      this.replicas.push(await startReplica({ service: 'recommendation', host, root, args, env }));
      this.states.push('starting');
      this.restarts.push(0);
    }
    const upstreams = `--upstreams=${this.replicas.map(({ address }) => address).join(',')}`;
    const host = this.network.addHost('router');
    this.router = await startReplica({ service: 'router', host, root, args: [upstreams], env });
    await this.until(() => this.ready().length === replicaCount);

    this.load = await this.vantage.startLoad({
      target: this.router.address,
      calls: exampleCalls,
      perSecond: this.perSecond,
      maxInFlight: 128,
      timeoutMs: 10_000,
    });
    await this.answered(secondsBetween * this.perSecond);
    for (const [i, replica] of this.replicas.entries()) {
      this.states[i] = 'draining';
      const stopped = replica.stop();
      await this.until(() => replica.pid() === undefined);
      this.states[i] = 'down';
      if ((await stopped) !== 0) throw new Error(`${replica.name} did not end with code 0`);
      this.look();
      this.states[i] = 'starting';
      this.restarts[i] = 1;
      await this.until(() => replica.pid() !== undefined && this.ready().includes(replica.address), replica.start());
      this.replaced += 1;
      await this.answered(secondsBetween * this.perSecond);
    }
    const report = await this.load.stop();
    this.look();
    const seconds = (report.elapsedMs / 1000).toFixed(0);
    process.stdout.write(`\nthree replicas were restarted in ${seconds} s: ${renderCalls(report)}\n`);
    for (const [failure, times] of Object.entries(report.failures)) {
      process.stdout.write(`  ${times} times ${failure}\n`);
    }
    return report.failed === 0 ? 0 : 1;
  }

  async close(): Promise<void> {
    if (this.options.signal.aborted) process.stdout.write('\nstopping\n');
    await this.vantage.close();
    await this.router?.stop();
    await Promise.all(this.replicas.map((replica) => replica.stop()));
  }

  /** Addresses of the replicas that get calls. */
  private ready(): string[] {
    return (this.routes?.upstreams ?? []).filter(({ state }) => state === 'READY').map(({ address }) => address);
  }

  /** Resolves once that many more calls have been answered. */
  private async answered(calls: number): Promise<void> {
    const wanted = (this.load?.report()?.ok ?? 0) + calls;
    await this.until(() => (this.load?.report()?.ok ?? 0) >= wanted);
  }

  /** Looks again and again, and shows it, until what is wanted is so. @throws where the demo is interrupted, or `underWay` fails */
  private async until(wanted: () => boolean, underWay: Promise<void> = Promise.resolve()): Promise<void> {
    const { signal } = this.options;
    let failure: unknown;
    underWay.catch((error: unknown) => (failure = error ?? true));
    for (;;) {
      signal.throwIfAborted();
      if (failure !== undefined) throw failure as Error;
      this.routes = await this.vantage.routes(this.router?.address ?? '').catch(() => this.routes);
      this.look();
      if (wanted()) return;
      await pause(lookIntervalMs, undefined, { signal });
    }
  }

  private look(): void {
    if (this.router === undefined) return;
    this.view.show({
      where: this.where,
      replicas: this.replicas.map((replica, i) => this.shown(replica, i)),
      load: this.load?.report(),
      perSecond: this.load === undefined ? 0 : this.perSecond,
      replaced: this.replaced,
    });
  }

  private shown(replica: Replica, i: number): ShownReplica {
    const { name, address } = replica;
    const upstream = this.routes?.upstreams.find((candidate) => candidate.address === address);
    const known = this.states[i] ?? 'starting';
    return {
      name,
      address,
      state: known === 'starting' && upstream?.state === 'READY' && replica.pid() !== undefined ? 'ready' : known,
      pid: replica.pid(),
      restarts: this.restarts[i] ?? 0,
      outstanding: upstream?.outstanding ?? 0,
      calls: upstream?.calls ?? 0,
    };
  }
}

const { RecommendRequest, SimilarItemsRequest } = tributary.recommendation.v1;
const recommendation = '/tributary.recommendation.v1.RecommendationService';
const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Questions about movies that the shipped model knows (models/recommendation/movies/example.json). */
const exampleCalls = [
  {
    path: `${recommendation}/SimilarItems`,
    request: base64(SimilarItemsRequest.encode({ itemId: 318, k: 5 }).finish()),
  },
  { path: `${recommendation}/Recommend`, request: base64(RecommendRequest.encode({ userId: 146, k: 5 }).finish()) },
];
