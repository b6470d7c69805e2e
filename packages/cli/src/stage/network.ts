import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A small network for processes of ours: a namespace for every host, or the loopback where namespaces are not allowed. */
export interface Network {
  readonly kind: 'namespaces' | 'loopback';
  /** Adds a host. */
  addHost(name: string, options?: HostOptions): NetworkHost;
  /** Takes every host away, at once; also done when this process exits. Processes in them are the caller's to end first. */
  close(): void;
}

export interface HostOptions {
  /** Address of the DNS server that processes of this host ask; only in namespaces. */
  readonly nameserver?: string;
}

/** One machine of the network, as processes see it. */
export interface NetworkHost {
  readonly name: string;
  /** IPv4 address, the host's own in namespaces, else 127.0.0.1. */
  readonly ip: string;
  /** What goes before a command that is to run there; empty on the loopback. */
  readonly prefix: readonly string[];
}

/** Names of namespaces are `<label><pid of their owner>-<host>`, so that those of an owner that was killed are known for that. */
const label = 'trib-failures-';
/** A network of documentation (RFC 5737, TEST-NET-2): it exists inside the namespaces alone. */
const subnet = '198.51.100';
const hostFiles = '/etc/netns';

/** Why there can be no namespaces here; undefined: there can be. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (spawnSync('ip', ['-V']).error !== undefined) return 'network namespaces need the command ip (iproute2)';
  const probe = `${label}${process.pid}-probe`;
  if (tryIp('netns', 'add', probe) !== undefined) return 'network namespaces are not allowed here';
  const failure = tryIp('-n', probe, 'link', 'add', 'br0', 'type', 'bridge');
  tryIp('netns', 'del', probe);
  return failure === undefined ? undefined : 'bridges are not allowed here';
}

/** Hosts on the loopback: processes share 127.0.0.1 and take free ports. */
export function createLoopback(): Network {
  return {
    kind: 'loopback',
    addHost: (name) => ({ name, ip: '127.0.0.1', prefix: [] }),
    close: () => undefined,
  };
}

/**
 * Hosts in namespaces of their own, joined by a bridge in one more; nothing of this machine's own network is touched.
 * @throws Error with the words of `ip` where it refuses
 */
export function createNamespaces(): Network {
  removeLeftOvers();
  const created: string[] = [];
  const namespaceOf = (host: string): string => `${label}${process.pid}-${host}`;
  const add = (host: string): string => {
    const namespace = namespaceOf(host);
    ip('netns', 'add', namespace);
    created.push(namespace);
    ip('-n', namespace, 'link', 'set', 'lo', 'up');
    return namespace;
  };
  const close = (): void => {
    process.off('exit', close);
    for (const namespace of created.splice(0)) remove(namespace);
  };
  process.once('exit', close);
  const hub = add('hub');
  ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge');
  ip('-n', hub, 'link', 'set', 'br0', 'up');

  return {
    kind: 'namespaces',
    addHost: (name, { nameserver } = {}) => {
      const namespace = add(name);
      // The hub is the first of them.
      const number = created.length;
      const port = `port${number}`;
      const address = `${subnet}.${number}`;
      ip('-n', namespace, 'link', 'add', 'eth0', 'type', 'veth', 'peer', 'name', port, 'netns', hub);
      ip('-n', hub, 'link', 'set', port, 'master', 'br0', 'up');
      ip('-n', namespace, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
      ip('-n', namespace, 'link', 'set', 'eth0', 'up');
      if (nameserver !== undefined) {
        mkdirSync(join(hostFiles, namespace), { recursive: true });
        writeFileSync(join(hostFiles, namespace, 'resolv.conf'), `nameserver ${nameserver}\n`);
      }
      return { name, ip: address, prefix: ['ip', 'netns', 'exec', namespace] };
    },
    close,
  };
}

/** Namespaces whose owner was killed before it could take them away. */
function removeLeftOvers(): void {
  const names = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout.match(/^\S+/gm) ?? [];
  for (const name of names) {
    const pid = new RegExp(`^${label}(\\d+)-`).exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(name);
  }
}

function remove(namespace: string): void {
  tryIp('netns', 'del', namespace);
  rmSync(join(hostFiles, namespace), { recursive: true, force: true });
}

function ip(...args: readonly string[]): void {
  const failure = tryIp(...args);
  if (failure !== undefined) throw new Error(`ip ${args.join(' ')}: ${failure}`);
}

/** What it said where it failed. */
function tryIp(...args: readonly string[]): string | undefined {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  return status === 0 ? undefined : (error?.message ?? stderr.trim());
}
