import { setTimeout as pause } from 'node:timers/promises';
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
  // The addresses behind each target, in the order of the targets.
  const addresses = new Map<string, readonly string[]>();
  const hosts = new Map<string, string>();
  const { random = Math.random, resolve = resolveHost } = options;
  const isClosed = (): boolean => closing.signal.aborted;

  /** Brings the upstreams in line with the addresses. */
  function apply(): void {
    const wanted = new Set([...addresses.values()].flat());
    for (const [address, upstream] of followed) {
      if (wanted.has(address)) continue;
      followed.delete(address);
      upstream.close();
      options.onRemoved(upstream);
    }
    for (const address of wanted) {
      if (followed.has(address)) continue;
      const { onChange, pollIntervalMs = 2_000 } = options;
      const hop = options.createHop(address, hosts.get(address) ?? splitAddress(address)[0]);
      hosts.delete(address);
      followed.set(address, followUpstream(address, hop, { onChange, pollIntervalMs, random }));
    }
  }

  async function keepResolving(target: string, host: string, port: number): Promise<void> {
    while (!isClosed()) {
      try {
        const found = await resolve(host);
        if (isClosed()) return;
        const joined = found.map((ip) => joinHostPort(ip, port));
        for (const address of joined) hosts.set(address, host);
        addresses.set(target, joined);
        apply();
      } catch (error) {
        options.onResolveError?.(host, error);
      }
      const { resolveIntervalMs = 5_000 } = options;
      await pause(resolveIntervalMs, undefined, { signal: closing.signal }).catch(() => undefined);
    }
  }

  const targets = options.targets.map((text) => ({ text, target: parseTarget(text) }));
  for (const { text, target } of targets) {
    if (target.kind === 'address') addresses.set(text, [target.address]);
    else void keepResolving(text, target.host, target.port);
  }
  apply();

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
