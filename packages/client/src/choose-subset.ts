/** Which of many routers follows which of many upstreams. */
export interface Subset {
  /** At least so many upstreams a router, and at least so many routers an upstream; all, where there are not more. */
  readonly size: number;
  /** Addresses of all routers, this one among them or not. */
  readonly routers: readonly string[];
  /** Address of this router. */
  readonly self: string;
}

/**
 * The upstreams that this router follows, in the order given. A router and an upstream belong together where either is among the
 * `size` best of the other, by a score of the pair alone (rendezvous hashing), so that every router comes to the same pairs by
 * itself. What one more router or upstream changes are its own pairs, and those it takes the place of.
 */
export function chooseSubset(upstreams: readonly string[], { size, routers, self }: Subset): readonly string[] {
  const others = routers.filter((router) => router !== self);
  if (others.length < size || upstreams.length <= size) return upstreams;
  const own = hashOf(self);
  const otherHashes = others.map(hashOf);
  const scored = upstreams.map((address) => {
    const hash = hashOf(address);
    return { address, hash, score: scoreOf(own, hash) };
  });
  const best = new Set([...scored].sort((a, b) => b.score - a.score).slice(0, size));
  const isChosen = (hash: number, score: number): boolean => {
    let better = 0;
    // A tie counts for both, which makes a pair more.
    for (const other of otherHashes) if (scoreOf(other, hash) > score) better += 1;
    return better < size;
  };
  return scored
    .filter((upstream) => best.has(upstream) || isChosen(upstream.hash, upstream.score))
    .map(({ address }) => address);
}

// Looked up once: a million times it costs, and where globals are guarded (jest) two hundred times as much.
const { imul } = Math;

/** FNV-1a, 32 bits. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}

/** Evenly spread over 32 bits, whatever two hashes have in common: the end of MurmurHash3, which is in the public domain. */
function scoreOf(router: number, upstream: number): number {
  let mixed = mix(router) ^ upstream;
  mixed = mix(mixed);
  return mixed >>> 0;
}

function mix(value: number): number {
  let mixed = value;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
