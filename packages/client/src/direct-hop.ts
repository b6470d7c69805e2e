import { setTimeout as pause } from 'node:timers/promises';
import {
  chooseVersion,
  readModelNameOfPieces,
  rpcMethods,
  Status,
  tributary,
  type ModelReference,
} from '@tributary/contract';
import { backoffMs } from './backoff';
import { createBalancer, type Balancer } from './balancer';
import type { Hop, HopAnswer, HopCall } from './hop';
import { createRetryBudget } from './retry-budget';
import { followUpstream, type FollowedUpstream, type Upstream } from './upstream';
import { UpstreamCounts } from './upstream-counts';

const { WatchRoutesResponse } = tributary.router.v1;
const watchRoutes = '/tributary.router.v1.RouterService/WatchRoutes';

/** Whether a model is ready is what the router knows of all its upstreams, not of the one that would be asked. */
const modelReady = '/inference.GRPCInferenceService/ModelReady';

/** Pause between two questions to servers that have no streams to follow; as that of the router. */
const pollIntervalMs = 2_000;

/** A watch this long counts as sound: its end is followed by a new one at once. */
const soundWatchMs = 5_000;

/** What a client's calls go by. */
export type ClientHop = Pick<Hop, 'call' | 'stream' | 'close'>;

/**
 * A hop that sends calls for a model straight to an upstream of the router, and everything else by `router`: streams, what is not about
 * a model, and calls for which it knows no upstream that is connected and has the model ready. Where upstreams are it learns from the
 * router's WatchRoutes; what they serve, from themselves, over the connection that carries the calls. It refuses nothing: what nobody
 * can answer directly, the router answers or refuses.
 * @param createUpstreamHop to the address of an upstream
 */
export function createDirectHop(router: Hop, createUpstreamHop: (address: string) => Hop): ClientHop {
  return new DirectHop(router, createUpstreamHop);
}

class DirectHop implements ClientHop {
  private readonly closing = new AbortController();
  private readonly followed = new Map<string, FollowedUpstream>();
  private readonly hops = new Map<string, Hop>();
  /** Names whose calls the router refuses although upstreams have them. */
  private refused: ReadonlySet<string> = new Set();
  /** By path, name and version; for what somebody can answer. Made anew after every change. */
  private readonly candidates = new Map<string, readonly Upstream[]>();
  private readonly balancer: Balancer = createBalancer({ budget: createRetryBudget() });
  /** Takes the second attempt of a call whose only upstream failed it. */
  private readonly viaRouter: Upstream;

  constructor(
    private readonly router: Hop,
    private readonly createUpstreamHop: (address: string) => Hop,
  ) {
    this.viaRouter = {
      address: '',
      state: 'READY',
      service: '',
      models: [],
      outstanding: 0,
      hop: router.kind,
      counts: new UpstreamCounts(),
      relayed: undefined,
      call: (call) => router.call(call),
      open: (opening) => router.open(opening),
    };
    void this.follow();
  }

  async call(call: HopCall): Promise<HopAnswer> {
    const reference = this.referenceOf(call);
    const first = reference === undefined ? [] : this.candidatesFor(call.path, reference);
    if (reference === undefined || first.length === 0) return this.router.call(call);
    const startedMs = performance.now();
    let asked = false;
    const candidates = (): readonly Upstream[] => {
      if (!asked) {
        asked = true;
        return first;
      }
      const second = this.candidatesFor(call.path, reference);
      // The only one has failed or is gone.
      return second.length === 0 || (first.length === 1 && second.length === 1) ? [...second, this.viaRouter] : second;
    };
    const { path, request, metadata, signal, timeoutMs } = call;
    const remainingMs = (): number => timeoutMs - (performance.now() - startedMs);
    const answer = await this.balancer.call(candidates, { path, request, metadata, signal, remainingMs });
    return answer ?? this.router.call(call);
  }

  stream(call: HopCall, onMessage: (message: Uint8Array) => void): Promise<HopAnswer> {
    return this.router.stream(call, onMessage);
  }

  close(): void {
    this.closing.abort();
    for (const upstream of this.followed.values()) upstream.close();
    for (const hop of this.hops.values()) hop.close();
    this.followed.clear();
    this.hops.clear();
    this.candidates.clear();
    this.router.close();
  }

  /** The model that a call is about; undefined where it is about none, or its request cannot be read. */
  private referenceOf({ path, request }: HopCall): ModelReference | undefined {
    const method = rpcMethods.get(path);
    if (method?.modelNameField === undefined || method.requestStream || method.responseStream) return undefined;
    if (path === modelReady) return undefined;
    try {
      return readModelNameOfPieces(method, request);
    } catch {
      return undefined;
    }
  }

  private candidatesFor(path: string, { model, version }: ModelReference): readonly Upstream[] {
    const key = `${path}\0${model}\0${version}`;
    const known = this.candidates.get(key);
    if (known !== undefined) return known;
    const found = this.find(path, model, version);
    // Names that nobody has would be kept for ever.
    if (found.length > 0) this.candidates.set(key, found);
    return found;
  }

  /** By the rules of the router (docs/decisions/0005-routing.md), as far as they end with an upstream. */
  private find(path: string, model: string, version: string): readonly Upstream[] {
    const isTask = rpcMethods.get(path)?.service !== 'inference.GRPCInferenceService';
    if (model === '' && !isTask) return [];
    const answers = ({ state, models }: FollowedUpstream): boolean => {
      if (state !== 'READY') return false;
      const named = models.filter((each) => (model === '' ? each.defaultOf.has(path) : each.name === model));
      const chosen = chooseVersion(named, version === '' ? undefined : version, (each) => each.state === 'READY');
      return chosen !== undefined && (!isTask || chosen.methods.has(path)) && !this.refused.has(chosen.name);
    };
    const found = [...this.followed.values()].filter(answers);
    // Services of different kinds: whatever the router says of that.
    return new Set(found.map(({ service }) => service)).size > 1 ? [] : found;
  }

  /** Follows the router's routes until the end; where it is away, those it named last stay. */
  private async follow(): Promise<void> {
    const { signal } = this.closing;
    for (let failures = 0; !signal.aborted;) {
      const beganMs = performance.now();
      const call: HopCall = {
        path: watchRoutes,
        request: [],
        metadata: new Map(),
        timeoutMs: Infinity,
        signal,
        waitForReady: true,
      };
      const answer = await this.router.stream(call, (bytes) => this.learn(bytes));
      // An older router. It may be replaced by one that has the method.
      const isOld = answer.answered && answer.code === Status.UNIMPLEMENTED;
      failures = !isOld && performance.now() - beganMs >= soundWatchMs ? 0 : failures + 1;
      const pauseMs = failures === 0 ? 0 : backoffMs(failures, Math.random);
      await pause(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }

  private learn(bytes: Uint8Array): void {
    if (this.closing.signal.aborted) return;
    let message;
    try {
      message = WatchRoutesResponse.decode(bytes);
    } catch {
      return;
    }
    const addresses = new Set(
      message.upstreams.map(({ address }) => address ?? '').filter((address) => address !== ''),
    );
    this.refused = new Set(
      message.routes.filter(({ refused }) => (refused ?? '') !== '').map(({ modelName }) => modelName ?? ''),
    );
    // A router that has just started may know no address yet; those that it knew before say themselves whether they serve.
    if (addresses.size > 0) {
      for (const [address, upstream] of this.followed) {
        if (addresses.has(address)) continue;
        this.followed.delete(address);
        this.hops.delete(address);
        upstream.close();
      }
    }
    for (const address of addresses) {
      if (this.followed.has(address)) continue;
      const hop = this.createUpstreamHop(address);
      this.hops.set(address, hop);
      const onChange = (): void => this.candidates.clear();
      this.followed.set(address, followUpstream(address, hop, { onChange, pollIntervalMs, random: Math.random }));
    }
    this.candidates.clear();
  }
}
