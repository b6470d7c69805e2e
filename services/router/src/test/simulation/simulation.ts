import { setImmediate as nextTurn } from 'node:timers/promises';
import { createBalancer, createRetryBudget, createUpstreams, type Balancer, type Upstreams } from '@tributary/client';
import { rpcMethods, Status } from '@tributary/contract';
import { modelInfer } from '../load';
import { resolveCall } from '../../resolve-call';
import { RoutingTable } from '../../routing-table';
import { FakeNames } from './fake-names';
import { FakeReplica } from './fake-replica';
import { VirtualTime } from './virtual-time';

/** What is simulated. Times in virtual milliseconds. */
export interface SimulationPlan {
  readonly seed: number;
  readonly routers: number;
  readonly upstreams: number;
  /** As the router's setting of this name; 0: all. */
  readonly subsetSize: number;
  /** Share of the replicas' capacity that is asked of them. */
  readonly load: number;
}

/** Mean times of a call in the classes of replicas, fast and slow machines of one fleet; calls differ by half of it either way. */
const classMs = [20, 25, 30, 40];
const lanesOfReplica = 4;
/** Replicas that come or go in one step of a rollout are so many times fewer than all. */
const rolloutSteps = 20;

const method = rpcMethods.get(modelInfer)!;
const request = [new Uint8Array()];

/** How evenly calls went to the replicas that were there all the time, since the last look. */
export interface Balance {
  /** The calls of a replica over the mean of its class: least and most. */
  readonly least: number;
  readonly most: number;
  /** Time that lanes worked over the time they had, in the class that worked least and the one that worked most. */
  readonly idlestClass: number;
  readonly busiestClass: number;
  readonly answered: number;
}

interface SimulatedRouter {
  readonly table: RoutingTable;
  readonly balancer: Balancer;
  readonly upstreams: Upstreams;
}

/**
 * Routers and replicas in virtual time and in one process. The routers are what ships from the resolution of the name to the hop:
 * upstreams and what they say of themselves, subsets, routing table, rules of dispatch, choice, retry. The replicas are fakes behind
 * the interface of a hop. The same plan gives the same figures.
 */
export class Simulation {
  failed = 0;
  private readonly time = new VirtualTime();
  private readonly random: () => number;
  private readonly routers: readonly SimulatedRouter[];
  private readonly replicas = new Map<string, FakeReplica>();
  private readonly names = new FakeNames();
  private made = 0;
  private arriving = false;
  /** Of each replica at the last look. */
  private before = new Map<FakeReplica, { readonly answered: number; readonly busyMs: number }>();
  private lookedMs = 0;

  private constructor(private readonly plan: SimulationPlan) {
    this.random = seeded(plan.seed);
    this.add(plan.upstreams);
    this.names.set('service', () => [...this.replicas.keys()].map((address) => address.replace(':1', '')));
    this.names.set('routers', () => addresses);
    const addresses = Array.from({ length: plan.routers }, (_, i) => `10.1.${i >> 8}.${i & 255}`);
    this.routers = addresses.map((host) => this.startRouter(host, addresses));
  }

  /** Starts everything; the routers know all replicas that are theirs. */
  static async start(plan: SimulationPlan): Promise<Simulation> {
    const simulation = new Simulation(plan);
    await simulation.settled();
    return simulation;
  }

  /** Lets calls come, at random times, for so long. */
  async run(durationMs: number): Promise<void> {
    if (!this.arriving) this.arrive();
    await this.time.pass(durationMs);
  }

  /** So many replicas at random die with the calls they have; the name forgets them a while later. */
  async vanish(count: number, forgottenAfterMs: number): Promise<void> {
    const dying = this.draw(count);
    for (const replica of dying) replica.vanish();
    await this.run(forgottenAfterMs);
    for (const { address } of dying) this.replicas.delete(address);
    await this.settled();
  }

  /** Every replica is replaced, a step of new ones before a step of old ones, so much time between. */
  async replaceAll(pauseMs: number): Promise<void> {
    const old = [...this.replicas.values()];
    const size = Math.ceil(old.length / rolloutSteps);
    for (let at = 0; at < old.length; at += size) {
      const leaving = old.slice(at, at + size);
      this.add(leaving.length);
      await this.settled();
      for (const replica of leaving) replica.drain();
      await this.run(pauseMs);
      for (const { address } of leaving) this.replicas.delete(address);
      await this.settled();
    }
  }

  /** As many more replicas. */
  async grow(count: number): Promise<void> {
    this.add(count);
    await this.settled();
  }

  /** Upstreams of the router that follows most. */
  get mostFollowed(): number {
    return Math.max(...this.routers.map(({ upstreams }) => upstreams.list().length));
  }

  /** Routers of the replica that is followed by fewest. */
  get fewestFollowers(): number {
    const followers = new Map<string, number>([...this.replicas.keys()].map((address) => [address, 0]));
    for (const { upstreams } of this.routers)
      for (const { address } of upstreams.list()) followers.set(address, (followers.get(address) ?? 0) + 1);
    return Math.min(...followers.values());
  }

  /** Looks at what has been since the last look. */
  balance(): Balance {
    const classes = new Map<number, { calls: number[]; busy: number }>();
    const elapsedMs = this.time.nowMs - this.lookedMs;
    const now = new Map<FakeReplica, { readonly answered: number; readonly busyMs: number }>();
    let total = 0;
    for (const replica of this.replicas.values()) {
      const { answered, busyMs, sinceMs, meanMs } = replica;
      now.set(replica, { answered, busyMs });
      if (sinceMs > this.lookedMs) continue;
      const before = this.before.get(replica) ?? { answered: 0, busyMs: 0 };
      const ofClass = classes.get(meanMs) ?? { calls: [], busy: 0 };
      classes.set(meanMs, ofClass);
      ofClass.calls.push(answered - before.answered);
      ofClass.busy += (busyMs - before.busyMs) / (elapsedMs * lanesOfReplica);
      total += answered - before.answered;
    }
    this.before = now;
    this.lookedMs = this.time.nowMs;
    const shares = [...classes.values()].flatMap(({ calls }) => calls.map((count) => count / mean(calls)));
    const busy = [...classes.values()].map(({ calls, busy: sum }) => sum / calls.length);
    return {
      least: Math.min(...shares),
      most: Math.max(...shares),
      idlestClass: Math.min(...busy),
      busiestClass: Math.max(...busy),
      answered: total,
    };
  }

  /** Ends it; nobody calls any more. */
  close(): void {
    this.arriving = false;
    for (const { upstreams } of this.routers) upstreams.close();
    this.names.changed();
  }

  private add(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const address = `10.2.${this.made >> 8}.${this.made & 255}:1`;
      const meanMs = classMs[this.made % classMs.length]!;
      this.made += 1;
      this.replicas.set(address, new FakeReplica(address, this.time, lanesOfReplica, meanMs, this.random));
    }
  }

  private startRouter(host: string, routers: readonly string[]): SimulatedRouter {
    const table = new RoutingTable();
    const { subsetSize } = this.plan;
    const upstreams = createUpstreams({
      targets: ['service:1'],
      createHop: (address) => this.replicas.get(address)!.connect(),
      onChange: (upstream) => table.update(upstream),
      onRemoved: (upstream) => table.remove(upstream),
      resolve: this.names.resolver(),
      resolveIntervalMs: 0,
      ...(subsetSize > 0 && {
        subset: { size: subsetSize, routers: routers.map((router) => `${router}:1`), self: () => `${host}:1` },
      }),
    });
    const balancer = createBalancer({ budget: createRetryBudget(), random: this.random });
    return { table, balancer, upstreams };
  }

  /** Calls at Poisson times, each by one of the routers. */
  private arrive(): void {
    this.arriving = true;
    const perMs = this.plan.load * this.plan.upstreams * lanesOfReplica * mean(classMs.map((ms) => 1 / ms));
    const next = (): void => {
      if (!this.arriving) return;
      void this.call(this.routers[Math.floor(this.random() * this.routers.length)]!);
      this.time.after(-Math.log(1 - this.random()) / perMs, next);
    };
    next();
  }

  /** As the router forwards a call. */
  private async call({ table, balancer }: SimulatedRouter): Promise<void> {
    const destination = resolveCall(table, method, { model: 'echo', version: '' });
    const call = { path: method.path, request, metadata: new Map(), signal: undefined, remainingMs: () => 60_000 };
    const answer = await balancer.call(() => destination.candidates(), call);
    if (answer?.code !== Status.OK) this.failed += 1;
  }

  /** Tells the routers of the replicas that there are now, and waits until they have taken it in. */
  private async settled(): Promise<void> {
    this.names.changed();
    const hasSettled = (): boolean =>
      this.names.waiting === this.routers.length &&
      this.routers.every(({ upstreams }) =>
        upstreams.list().every(({ address, state }) => state === 'READY' || this.replicas.get(address)!.gone),
      );
    while (!hasSettled()) await nextTurn();
  }

  private draw(count: number): readonly FakeReplica[] {
    const left = [...this.replicas.values()];
    return Array.from({ length: count }, () => left.splice(Math.floor(this.random() * left.length), 1)[0]!);
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Numbers in [0, 1), the same ones for the same seed (an xorshift of 32 bits by George Marsaglia). */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}
