import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { createClient, type Client } from '@tributary/client';
import { tributary } from '@tributary/contract';
import { loadGolden } from './support/golden';
import { startProcess, type StartedProcess } from './support/process';
import { hasRelease, installRelease } from './support/release';
import { models, root } from './support/system';

const closers: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

async function start(...args: Parameters<typeof startProcess>): Promise<StartedProcess> {
  const started = await startProcess(...args);
  closers.push(() => started.stop());
  return started;
}

function connect(address: string): Client {
  const client = createClient(address);
  closers.push(() => client.close());
  return client;
}

const similar = '/tributary.recommendation.v1.RecommendationService/SimilarItems';

/** Calls of several kinds and sizes; all of them must be answered. */
async function callAll(client: Client): Promise<void> {
  const [golden] = loadGolden('recommendation', 'movies').cases;
  const small = Array.from({ length: 200 }, () => client.callBytes(similar, Buffer.from([0x18, 0xbe, 0x02])));
  const inferred = client.infer({ model: 'movies', inputs: golden!.inputs });
  const refused = client.infer({ model: 'nobody', inputs: new Map() });
  await expect(refused).rejects.toMatchObject({ code: 5, reason: 'MODEL_NOT_FOUND' });
  for (const answer of await Promise.all(small)) expect(answer).toMatchObject({ code: 0, answered: true });
  expect((await inferred).outputs.size).toBeGreaterThan(0);
}

const fallback = 'no relay here: calls go by the plain hop';

/** Lines of a log that say that an upstream is called plainly. */
function fallbacks({ lines }: StartedProcess): Record<string, unknown>[] {
  return lines.filter((line) => line.includes(fallback)).map((line) => JSON.parse(line) as Record<string, unknown>);
}

/** Resolves once the router has (or has not) an upstream that gets calls. */
async function untilReady(client: Client, wanted = true): Promise<void> {
  const isReady = async (): Promise<boolean> => {
    const { upstreams } = await client.call('tributary.router.v1.RouterService/ListRoutes', {});
    return upstreams.some(({ state }) => state === tributary.router.v1.UpstreamState.UPSTREAM_STATE_READY);
  };
  while ((await isReady()) !== wanted) await pause(5);
}

if (!hasRelease) process.stderr.write('skipped: this clone lacks the commit of version 0.1.0; git fetch --unshallow\n');

(hasRelease ? describe : describe.skip)('case 69: a router and a service of different versions', () => {
  let old: string;
  beforeAll(async () => {
    old = await installRelease();
  }, 600_000);
  const repository = `--repository=${join(models, 'recommendation')}`;

  it('a newer router answers for an older service, by the plain hop, and says why', async () => {
    const service = await start(old, 'recommendation', [repository]);
    const router = await start(root, 'router', [`--upstreams=${service.address}`]);
    const client = connect(router.address);
    await untilReady(client);
    await callAll(client);
    expect(fallbacks(router)).toEqual([
      expect.objectContaining({
        upstream: service.address,
        // On Node 22 that release lost what it refused before a request was over.
        reason: expect.stringMatching(/the relay was answered with status 12|the connection was lost/),
      }),
    ]);
  });

  it('an older router answers for a newer service', async () => {
    const service = await start(root, 'recommendation', [repository]);
    const router = await start(old, 'router', [`--upstreams=${service.address}`]);
    const client = connect(router.address);
    await untilReady(client);
    await callAll(client);
  });

  it('a service that is replaced in place by a newer one is found to have the relay, and back', async () => {
    const first = await start(old, 'recommendation', [repository]);
    const router = await start(root, 'router', [`--upstreams=${first.address}`]);
    const client = connect(router.address);
    await untilReady(client);
    await callAll(client);
    expect(fallbacks(router)).toHaveLength(1);
    await first.stop();
    await untilReady(client, false);

    const second = await start(root, 'recommendation', [repository], first.port);
    await untilReady(client);
    await callAll(client);
    expect(await second.metric('tributary_relay_streams')).toBe(1);
    expect(fallbacks(router)).toHaveLength(1);
    await second.stop();
    await untilReady(client, false);

    await start(old, 'recommendation', [repository], first.port);
    await untilReady(client);
    await callAll(client);
    expect(fallbacks(router)).toHaveLength(2);
  });
});
