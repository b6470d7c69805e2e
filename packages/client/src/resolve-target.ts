import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';

/** All addresses of a host name; rejects where it cannot be resolved. */
export type ResolveHost = (host: string) => Promise<readonly string[]>;

/** A place where upstreams are: one address, or a name with one upstream behind each of its addresses. */
export type Target =
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'name'; readonly host: string; readonly port: number };

/**
 * Reads `host:port`, `[ipv6]:port` or `dns:///host:port`.
 * @throws Error naming the target where it is none of these
 */
export function parseTarget(text: string): Target {
  const match = /^(?:dns:\/\/\/)?(?:\[([0-9A-Fa-f:.]+)\]|([^:/[\]\s]+)):([0-9]{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port < 1 || port > 65_535 || (match?.[1] !== undefined && isIP(host) !== 6)) {
    throw new Error(`'${text}' is not an upstream; expected host:port, [ipv6]:port or dns:///host:port`);
  }
  return isIP(host) === 0 ? { kind: 'name', host, port } : { kind: 'address', address: joinHostPort(host, port) };
}

/** `host:port`, with brackets around IPv6. */
export function joinHostPort(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Asks the system's resolver: every IPv4 address; IPv6 only where there is none, so that a replica with both counts once. */
export const resolveHost: ResolveHost = async (host) => {
  const found = await lookup(host, { all: true });
  const ipv4 = found.filter(({ family }) => family === 4);
  return (ipv4.length > 0 ? ipv4 : found).map(({ address }) => address);
};

/** Host and port of `host:port` or `[ipv6]:port`. */
export function splitAddress(address: string): readonly [host: string, port: number] {
  const colon = address.lastIndexOf(':');
  return [address.slice(0, colon).replace(/^\[|\]$/g, ''), Number(address.slice(colon + 1))];
}
