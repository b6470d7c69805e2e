import { networkInterfaces } from 'node:os';
import { joinHostPort, splitAddress } from '@tributary/client';

/** Addresses of this machine by which others may know it; those of the loopback last. */
function localHosts(): readonly string[] {
  const found = Object.values(networkInterfaces()).flatMap((interfaces) => interfaces ?? []);
  return [...found].sort((a, b) => Number(a.internal) - Number(b.internal)).map(({ address }) => address);
}

/**
 * Which of the routers' addresses is this process's. A router that is not listed yet (names list what is ready) answers with the address
 * that it will have: others must come to the same pairs with it then.
 * @param port of gRPC
 */
export function ownAddressAmong(routers: readonly string[], port: number): string {
  const hosts = localHosts();
  const own = routers.find((address) => {
    const [host, listed] = splitAddress(address);
    return listed === port && hosts.includes(host);
  });
  return own ?? joinHostPort(hosts[0] ?? '127.0.0.1', port);
}
