import { compareVersions, type ServedModel, type Upstream } from '@tributary/client';
import { isModelName } from '@tributary/contract';

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
 * Models to upstreams. Every lookup is one in a Map; a change of one upstream costs as much as that upstream lists. What an
 * upstream listed stays while it is away, so that its models are known to be unreachable rather than unknown.
 */
export class RoutingTable {
  readonly #routes = new Map<string, ModelRoute>();
  readonly #defaults = new Map<string, DefaultRoute>();
  readonly #listings = new Map<Upstream, Listing>();
  /** Who lists a name. */
  readonly #claims = new Map<string, Set<Upstream>>();

  /**
   * Whether a name that is not here is known to be unknown: an upstream has said what it serves, and none is still about to
   * (services listen before their models are loaded, and list nothing until then).
   */
  get learned(): boolean {
    const isLoading = ([upstream, { models }]: readonly [Upstream, Listing]): boolean =>
      upstream.state === 'NOT_SERVING' && models.size === 0;
    return this.#listings.size > 0 && ![...this.#listings].some(isLoading);
  }

  /** Every model, by name. */
  list(): readonly ModelRoute[] {
    return [...this.#routes.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  model(name: string): ModelRoute | undefined {
    return this.#routes.get(name);
  }

  /** `path`: of a task RPC. */
  defaultOf(path: string): DefaultRoute | undefined {
    return this.#defaults.get(path);
  }

  /** Takes over what an upstream says now. */
  update(upstream: Upstream): void {
    // An upstream that has never answered lists nothing yet, which is not the same as having no models.
    if (upstream.service === '' && upstream.models.length === 0) return;
    this.#replace(upstream, toListing(upstream.models));
  }

  /** Forgets an upstream. */
  remove(upstream: Upstream): void {
    this.#replace(upstream, nothing);
    this.#listings.delete(upstream);
    this.#rebuildDefaults();
  }

  #replace(upstream: Upstream, listing: Listing): void {
    const before = this.#listings.get(upstream) ?? nothing;
    this.#listings.set(upstream, listing);
    for (const name of before.models.keys()) if (!listing.models.has(name)) this.#claims.get(name)?.delete(upstream);
    for (const name of listing.models.keys()) {
      const claims = this.#claims.get(name);
      if (claims === undefined) this.#claims.set(name, new Set([upstream]));
      else claims.add(upstream);
    }
    for (const name of new Set([...before.models.keys(), ...listing.models.keys()])) this.#rebuildRoute(name);
    this.#rebuildDefaults();
  }

  #rebuildRoute(name: string): void {
    const claims = this.#claims.get(name) ?? new Set<Upstream>();
    if (claims.size === 0) {
      this.#claims.delete(name);
      this.#routes.delete(name);
      return;
    }
    const versions = new Map<string, VersionRoute & { listedBy: Map<Upstream, ServedModel>; ready: Upstream[] }>();
    const ready: Upstream[] = [];
    const methods = new Set<string>();
    const kinds = new Set<string>();
    for (const upstream of claims) {
      kinds.add(upstream.service);
      for (const model of this.#listings.get(upstream)?.models.get(name) ?? []) {
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
    this.#routes.set(name, { name, versions, ready, methods, conflict: kinds.size > 1 });
  }

  /** From all upstreams, for each has the default models of a handful of RPCs at most. */
  #rebuildDefaults(): void {
    const defaults = new Map<string, { kinds: Set<string>; models: Set<string>; ready: Upstream[] }>();
    for (const [upstream, listing] of this.#listings) {
      for (const [path, name] of listing.defaults) {
        const route = this.#routes.get(name);
        if (route === undefined || route.conflict) continue;
        const entry = defaults.get(path) ?? { kinds: new Set(), models: new Set(), ready: [] };
        defaults.set(path, entry);
        entry.kinds.add(upstream.service);
        entry.models.add(name);
        if (route.ready.includes(upstream)) entry.ready.push(upstream);
      }
    }
    this.#defaults.clear();
    for (const [path, { kinds, models, ready }] of defaults) {
      if (kinds.size === 1) this.#defaults.set(path, { models, ready });
    }
  }
}

/** Lowest version first. */
export function sortedVersions(route: ModelRoute): readonly VersionRoute[] {
  return [...route.versions.values()].sort((a, b) => compareVersions(a.version, b.version));
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
    const versions = models.get(model.name);
    if (versions === undefined) models.set(model.name, [model]);
    else versions.push(model);
    for (const path of model.defaultOf) defaults.set(path, model.name);
  }
  return { models, defaults };
}
