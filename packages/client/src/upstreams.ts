import { setTimeout as pause } from 'node:timers/promises';
import { chooseSubset } from './choose-subset';
import type { Random } from './choose-upstream';
import type { Hop } from './hop';
import { joinHostPort, parseTarget, resolveHost, splitAddress, type ResolveHost } from './resolve-target';
import { followUpstream, type FollowedUpstream, type Upstream } from './upstream';

export interface UpstreamsOptions {
  /** Each `host:port`, `[ipv6]:port` or `dns:///host:port`; behind a name, every address is an upstream. */
  readonly targets: readonly string[];
  /** `host`: of the target that led to the address; where several did, of one of them. */
  readonly createHop: (address: string, host: string) => Hop;
  /** After every change of an upstream's state, service or models. */
  readonly onChange: (upstream: Upstream) => void;
  /** Once the upstream's address is no longer behind any target. */
  readonly onRemoved: (upstream: Upstream) => void;
  /** A name could not be resolved; the addresses found last stay. */
  readonly onResolveError?: (host: string, error: unknown) => void;
  /** Pause between two resolutions of a name; default 5 s. */
  readonly resolveIntervalMs?: number;
  /** Pause between two questions to servers that have no streams to follow; default 2 s. */
  readonly pollIntervalMs?: number;
  readonly random?: Random;
  readonly resolve?: ResolveHost;
  /** Default: every upstream is followed. */
  readonly subset?: SubsetOptions;
}

/** How routers share the upstreams behind a name; an upstream whose address is a target of its own is followed by all of them. */
export interface SubsetOptions {
  /** As Subset.size, for each name. */
  readonly size: number;
  /** Where all routers are, in the form of `targets`. Until each of these has been looked for, nothing behind a name is followed. */
  readonly routers: readonly string[];
  /** Which of their addresses is this router's, or would be. */
  readonly self: (routers: readonly string[]) => string;
}

/** Every upstream behind some targets, followed as they come and go. */
export interface Upstreams {
  list(): readonly Upstream[];
  /** Whether every name has been resolved once: before that, whoever is behind it has had no chance to say what it serves. */
  resolved(): boolean;
  /** Follows no longer; connections close once the calls under way are answered. */
  close(): void;
}

/**
 * Follows the upstreams behind the targets.
 * @throws Error naming the target that is none
 */
export function createUpstreams(options: UpstreamsOptions): Upstreams {
  const closing = new AbortController();
  const followed = new Map<string, FollowedUpstream>();
  /** The addresses behind each target. */
  const addresses = new Map<string, readonly string[]>();
  /** Those of the routers, likewise. */
  const routers = new Map<string, readonly string[]>();
  const names: Name[] = [];
  const { random = Math.random, resolve = resolveHost, subset } = options;
  const isClosed = (): boolean => closing.signal.aborted;

  /** Brings the upstreams in line with the addresses. */
  function apply(): void {
    const wanted = new Set([...addresses.values()].flatMap(ownOf));
    for (const [address, upstream] of followed) {
      if (wanted.has(address)) continue;
      followed.delete(address);
      upstream.close();
      options.onRemoved(upstream);
    }
    for (const address of wanted) {
      if (followed.has(address)) continue;
      const { onChange, pollIntervalMs = 2_000 } = options;
      const hop = options.createHop(address, hostOf(address));
      followed.set(address, followUpstream(address, hop, { onChange, pollIntervalMs, random }));
    }
  }

  /** The name that an address is behind, or its own host. */
  function hostOf(address: string): string {
    const isBehind = ({ text, into }: Name): boolean =>
      into === addresses && into.get(text)?.includes(address) === true;
    return names.find(isBehind)?.host ?? splitAddress(address)[0];
  }

  /** Those behind one target that this router follows. */
  function ownOf(found: readonly string[]): readonly string[] {
    // One address is nothing to share.
    if (subset === undefined || found.length < 2) return found;
    if (routers.size < subset.routers.length) return [];
    const all = [...new Set([...routers.values()].flat())];
    return chooseSubset(found, { size: subset.size, routers: all, self: subset.self(all) });
  }

  async function keepResolving({ text, into, host, port }: Name): Promise<void> {
    while (!isClosed()) {
      try {
        const found = (await resolve(host)).map((ip) => joinHostPort(ip, port));
        if (isClosed()) return;
        learn(into, text, found);
      } catch (error) {
        options.onResolveError?.(host, error);
        // Routers that cannot be found must not keep this one from the upstreams.
        if (into === routers && !routers.has(text)) learn(routers, text, []);
      }
      const { resolveIntervalMs = 5_000 } = options;
      await pause(resolveIntervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  /** What is behind a target now; a resolver may tell it in another order every time. */
  function learn(into: Map<string, readonly string[]>, target: string, found: readonly string[]): void {
    const before = into.get(target);
    if (before?.length === found.length && new Set([...before, ...found]).size === before.length) return;
    into.set(target, found);
    apply();
  }

  for (const [into, texts] of [[routers, subset?.routers ?? []] as const, [addresses, options.targets] as const]) {
    for (const text of texts) {
      const target = parseTarget(text);
      if (target.kind === 'address') into.set(text, [target.address]);
      else names.push({ ...target, text, into });
    }
  }
  apply();
  for (const name of names) void keepResolving(name);

  return {
    list: () => [...followed.values()],
    resolved: () => addresses.size === new Set(options.targets).size,
    close: () => {
      closing.abort();
      for (const upstream of followed.values()) upstream.close();
      followed.clear();
    },
  };
}

/** A name among the targets, and where the addresses behind it are kept. */
interface Name {
  readonly text: string;
  readonly host: string;
  readonly port: number;
  readonly into: Map<string, readonly string[]>;
}
