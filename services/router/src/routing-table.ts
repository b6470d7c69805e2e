import type { ServedModel, Upstream } from '@tributary/client';
import { compareVersions, isModelName } from '@tributary/contract';

/** One version of a model and who has it. */
export interface VersionRoute {
  readonly version: string;
  /** Who lists it, and what they say of it. */
  readonly listedBy: ReadonlyMap<Upstream, ServedModel>;
  /** Who answers calls for it now. */
  readonly ready: readonly Upstream[];
}

/** One model and who has it. */
export interface ModelRoute {
  readonly name: string;
  readonly versions: ReadonlyMap<string, VersionRoute>;
  /** Who answers calls without a version now, each with the version that is its own default. */
  readonly ready: readonly Upstream[];
  /** Task RPCs that any of its versions answers, as paths. */
  readonly methods: ReadonlySet<string>;
  /** True where services of different kinds claim the name: then nobody gets its calls. */
  readonly conflict: boolean;
}

/** Who answers an RPC for calls that name no model. */
export interface DefaultRoute {
  /** Names of the models that are its default; more than one only while replicas differ. */
  readonly models: ReadonlySet<string>;
  readonly ready: readonly Upstream[];
}

/**
 * Models to upstreams. A change is only noted; what it touches is put together anew when somebody asks for it, in one pass over those
 * who list it, so that a thousand upstreams that come or go at once cost one pass and not a thousand. Every other lookup is one in a
 * Map. What an upstream listed stays while it is away, so that its models are known to be unreachable rather than unknown.
 */
export class RoutingTable {
  private readonly routes = new Map<string, ModelRoute>();
  /** Names whose routes are no longer what the listings say. */
  private readonly stale = new Set<string>();
  private readonly listings = new Map<Upstream, Listing>();
  /** Who lists a name. */
  private readonly claims = new Map<string, Set<Upstream>>();
  /** Undefined: no longer what the listings say. */
  private summary: Summary | undefined;

  /** @param resolved whether everybody who may list models has been found at least once */
  constructor(private readonly resolved: () => boolean = () => true) {}

  /**
   * Whether a name that is not here is known to be unknown: an upstream has said what it serves, and none is still about to
   * (services listen before their models are loaded, and list nothing until then; in a cluster they have no address before that).
   */
  get learned(): boolean {
    return this.resolved() && this.summarise().learned;
  }

  /** Every model, by name. */
  list(): readonly ModelRoute[] {
    for (const name of this.stale) this.rebuildRoute(name);
    return [...this.routes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  model(name: string): ModelRoute | undefined {
    if (this.stale.has(name)) this.rebuildRoute(name);
    return this.routes.get(name);
  }

  /** `path`: of a task RPC. */
  defaultOf(path: string): DefaultRoute | undefined {
    return this.summarise().defaults.get(path);
  }

  /** Who of a kind of service gets calls now. */
  readyOfKind(kind: string): readonly Upstream[] {
    return this.summarise().kinds.get(kind) ?? [];
  }

  /** Takes over what an upstream says now. */
  update(upstream: Upstream): void {
    // An upstream that has never answered lists nothing yet, which is not the same as having no models.
    if (upstream.service === '' && upstream.models.length === 0) return;
    this.replace(upstream, toListing(upstream.models));
  }

  /** Forgets an upstream. */
  remove(upstream: Upstream): void {
    this.replace(upstream, nothing);
    this.listings.delete(upstream);
  }

  private replace(upstream: Upstream, listing: Listing): void {
    const before = this.listings.get(upstream) ?? nothing;
    this.listings.set(upstream, listing);
    this.summary = undefined;
    for (const name of before.models.keys()) {
      this.stale.add(name);
      if (listing.models.has(name)) continue;
      const claims = this.claims.get(name);
      claims?.delete(upstream);
      if (claims?.size === 0) this.forget(name);
    }
    for (const name of listing.models.keys()) {
      this.stale.add(name);
      const claims = this.claims.get(name);
      if (claims === undefined) this.claims.set(name, new Set([upstream]));
      else claims.add(upstream);
    }
  }

  /** Nobody lists the name any more. */
  private forget(name: string): void {
    this.claims.delete(name);
    this.routes.delete(name);
    this.stale.delete(name);
  }

  private rebuildRoute(name: string): void {
    this.stale.delete(name);
    const claims = this.claims.get(name) ?? new Set<Upstream>();
    const versions = new Map<string, VersionRoute & { listedBy: Map<Upstream, ServedModel>; ready: Upstream[] }>();
    const ready: Upstream[] = [];
    const methods = new Set<string>();
    const kinds = new Set<string>();
    for (const upstream of claims) {
      kinds.add(upstream.service);
      for (const model of this.listings.get(upstream)?.models.get(name) ?? []) {
        let version = versions.get(model.version);
        if (version === undefined) {
          version = { version: model.version, listedBy: new Map(), ready: [] };
          versions.set(model.version, version);
        }
        version.listedBy.set(upstream, model);
        for (const method of model.methods) methods.add(method);
        if (upstream.state !== 'READY' || model.state !== 'READY') continue;
        version.ready.push(upstream);
        if (model.servedByDefault) ready.push(upstream);
      }
    }
    this.routes.set(name, { name, versions, ready, methods, conflict: kinds.size > 1 });
  }

  /** What takes a pass over all upstreams, each with the default models of a handful of RPCs at most. */
  private summarise(): Summary {
    if (this.summary !== undefined) return this.summary;
    const kinds = new Map<string, Upstream[]>();
    const found = new Map<string, { kinds: Set<string>; models: Set<string>; ready: Upstream[] }>();
    let isLoading = false;
    for (const [upstream, listing] of this.listings) {
      const isReady = upstream.state === 'READY';
      isLoading ||= upstream.state === 'NOT_SERVING' && listing.models.size === 0;
      if (isReady) add(kinds, upstream.service, upstream);
      for (const [path, name] of listing.defaults) {
        if (this.model(name)?.conflict !== false) continue;
        const entry = found.get(path) ?? { kinds: new Set(), models: new Set(), ready: [] };
        found.set(path, entry);
        entry.kinds.add(upstream.service);
        entry.models.add(name);
        if (isReady && listing.models.get(name)?.some(isReadyDefault) === true) entry.ready.push(upstream);
      }
    }
    const defaults = new Map<string, DefaultRoute>();
    for (const [path, { kinds: claiming, models, ready }] of found) {
      if (claiming.size === 1) defaults.set(path, { models, ready });
    }
    return (this.summary = { learned: this.listings.size > 0 && !isLoading, defaults, kinds });
  }
}

/** What is said of all upstreams together. */
interface Summary {
  readonly learned: boolean;
  /** By path. */
  readonly defaults: ReadonlyMap<string, DefaultRoute>;
  /** Those that are ready, by kind of service. */
  readonly kinds: ReadonlyMap<string, readonly Upstream[]>;
}

function isReadyDefault({ state, servedByDefault }: ServedModel): boolean {
  return state === 'READY' && servedByDefault;
}

/** Adds a value to those of a key. */
function add<T>(lists: Map<string, T[]>, key: string, value: T): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Lowest version first. */
export function sortedVersions(route: ModelRoute): readonly VersionRoute[] {
  return [...route.versions.values()].sort((a, b) => compareVersions(a.version, b.version));
}

/** How requests of a version share runs, as the first upstream says that has something to say of it; '' where none has. */
export function batchingOf(listedBy: VersionRoute['listedBy']): string {
  for (const { state, batching } of listedBy.values()) if (state === 'READY' && batching !== '') return batching;
  return '';
}

/** What one upstream lists. */
interface Listing {
  /** Versions by name. */
  readonly models: ReadonlyMap<string, readonly ServedModel[]>;
  /** Its default model of each RPC, by path. */
  readonly defaults: ReadonlyMap<string, string>;
}

const nothing: Listing = { models: new Map(), defaults: new Map() };

function toListing(served: readonly ServedModel[]): Listing {
  const models = new Map<string, ServedModel[]>();
  const defaults = new Map<string, string>();
  for (const model of served) {
    // No call can name such a model, and its name must not reach labels and messages.
    if (!isModelName(model.name)) continue;
    add(models, model.name, model);
    for (const path of model.defaultOf) defaults.set(path, model.name);
  }
  return { models, defaults };
}
