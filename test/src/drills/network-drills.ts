import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Drill } from './drill';
import type { Stage } from './stage';

const toxiproxy = join(process.env.CI_TOOLS ?? join(homedir(), '.cache/tributary-ci'), 'toxiproxy-server-2.5.0');

const outageMs = 60_000;

/** Attempts that have ended, by the routers' count. */
async function callsByAddress(stage: Stage): Promise<ReadonlyMap<string, number>> {
  const all = await Promise.all(stage.routers.map(({ address }) => stage.vantage.routes(address)));
  const calls = new Map<string, number>();
  for (const { address, calls: count } of all.flatMap(({ upstreams }) => upstreams)) {
    calls.set(address, (calls.get(address) ?? 0) + count);
  }
  return calls;
}

export const slowLink: Drill = {
  name: 'a slow link',
  cases: [31],
  fault: 'what one of three sends is held to 512 kbit/s (tbf) for 20 s',
  needsNamespaces: true,
  countedBy: 'routers',
  run: async (stage, loads) => {
    const { host } = stage.replicas[0]!;
    const before = await callsByAddress(stage);
    const shaped = ['tbf', 'rate', '512kbit', 'burst', '16kb', 'latency', '400ms'];
    stage.run(host, 'tc', 'qdisc', 'add', 'dev', 'eth0', 'root', ...shaped);
    await pause(20_000);
    const after = await callsByAddress(stage);
    stage.run(host, 'tc', 'qdisc', 'del', 'dev', 'eth0', 'root');
    await loads.answered(500);
    const shares = stage.replicas.map(({ address }) => (after.get(address) ?? 0) - (before.get(address) ?? 0));
    const all = shares.reduce((sum, share) => sum + share, 0);
    return [`meanwhile it got ${Math.round((100 * shares[0]!) / all)} % of the calls`];
  },
};

export const brokenLink: Drill = {
  name: 'a link that breaks',
  cases: [29],
  fault: 'toxiproxy before one of three: 200 ms of latency for 10 s, then its connections are reset ten times',
  needsNamespaces: true,
  missing: () =>
    existsSync(toxiproxy)
      ? undefined
      : `there is no ${toxiproxy}; GOBIN=... go install github.com/Shopify/toxiproxy/v2/cmd/server@v2.5.0`,
  countedBy: 'routers',
  stage: {
    through: async (stage) => {
      const host = stage.addHost('link');
      stage.spawn(host, toxiproxy, '-host', host.ip, '-port', '8474');
      const [first, ...others] = stage.replicas.map(({ address }) => address);
      const proxy = { name: 'link', listen: `${host.ip}:8001`, upstream: first, enabled: true };
      // It says to nobody that it listens.
      while ((await post(stage, `http://${host.ip}:8474/proxies`, proxy)) === undefined) await pause(50);
      return [`${host.ip}:8001`, ...others];
    },
  },
  run: async (stage, loads) => {
    const host = [...(await callsByAddress(stage)).keys()].find(
      (address) => !stage.replicas.some((replica) => replica.address === address),
    )!;
    const api = `http://${host.replace(/:\d+$/, '')}:8474`;
    const toxics = `${api}/proxies/link/toxics`;
    await post(stage, toxics, { name: 'slow', type: 'latency', attributes: { latency: 200, jitter: 50 } });
    await pause(10_000);
    for (let i = 0; i < 10; i++) {
      await post(stage, `${api}/reset`, {});
      await stage.ready(stage.replicas.length);
      await loads.answered(100);
      await post(stage, toxics, { name: 'reset', type: 'reset_peer', attributes: { timeout: 0 } });
      await stage.ready(stage.replicas.length - 1);
    }
    await post(stage, `${api}/reset`, {});
    await stage.ready(stage.replicas.length);
    await loads.answered(200);
    return [];
  },
};

export const scale: Drill = {
  name: 'scale 2, 4, 2',
  cases: [48],
  fault: 'two replicas more behind the DNS name, then two less: out of the name first, then SIGTERM',
  needsNamespaces: true,
  stage: { services: { recommendation: 2 } },
  countedBy: 'routers',
  run: async (stage, loads) => {
    const added = [await stage.addReplica(), await stage.addReplica()];
    await stage.ready(4);
    const before = await callsByAddress(stage);
    await loads.answered(3_000);
    const after = await callsByAddress(stage);
    const sums = stage.replicas.map(({ address }) => (after.get(address) ?? 0) - (before.get(address) ?? 0));
    const all = sums.reduce((sum, each) => sum + each, 0);
    const share = added.map(({ address }) => ((after.get(address) ?? 0) - (before.get(address) ?? 0)) / all);
    if (Math.min(...share) < 0.125) throw new Error(`new replicas got ${share.join(' and ')} of the calls`);
    for (const replica of added) await stage.removeReplica(replica);
    await stage.ready(2);
    await loads.answered(500);
    return [`the new ones got ${share.map((each) => `${Math.round(100 * each)} %`).join(' and ')} of the calls`];
  },
};

export const dnsOutage: Drill = {
  name: 'DNS outage',
  cases: [40],
  fault: 'the DNS server is silent for 60 s; a replica is added meanwhile, and found afterwards',
  needsNamespaces: true,
  countedBy: 'routers',
  run: async (stage, loads) => {
    const count = stage.replicas.length;
    stage.silenceDns(true);
    const silentMs = performance.now();
    await stage.addReplica();
    await pause(outageMs - (performance.now() - silentMs));
    // Whoever has not been told cannot know.
    await stage.ready(count);
    const backMs = performance.now();
    stage.silenceDns(false);
    await stage.ready(count + 1);
    const foundMs = performance.now() - backMs;
    await loads.answered(500);
    return [`the new replica gets calls ${(foundMs / 1000).toFixed(1)} s after DNS is back`];
  },
};

/** What the answer was; undefined where nobody answered. */
function post(stage: Stage, url: string, body: unknown): Promise<string | undefined> {
  return stage.vantage.post(url, JSON.stringify(body)).catch(() => undefined);
}
