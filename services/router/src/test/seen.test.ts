import { afterEach, describe, expect, it } from '@jest/globals';
import { createRetryBudget, UpstreamCounts, type Upstream } from '@tributary/client';
import { Status, tributary } from '@tributary/contract';
import { Registry } from '@tributary/serve';
import { createRouterMetrics } from '../router-metrics';
import { plainReason } from '../plain-reason';
import { inferRequest, modelInfer } from './load';
import { endAll, startRouter, startServedUpstream, startUpstream } from './router-process';

afterEach(endAll);

const { Hop, UpstreamState } = tributary.router.v1;

/** Value of a sample, by its name and labels as they are written. */
function sampleOf(metrics: string, series: string): number | undefined {
  const line = metrics.split('\n').find((each) => each.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

describe('what the router shows of its upstreams', () => {
  it('counts calls, bytes, and how many calls share a message of the relay', async () => {
    const upstream = await startServedUpstream();
    const { client, untilReady, metrics, routes } = await startRouter([upstream.address]);
    await untilReady(1);
    const request = inferRequest('echo', '', Buffer.alloc(100));
    await Promise.all(Array.from({ length: 64 }, () => client.callBytes(modelInfer, request)));
    // Too long for the relay.
    const long = inferRequest('echo', '', Buffer.alloc(2 * 2 ** 20));
    expect((await client.callBytes(modelInfer, long)).code).toBe(Status.OK);
    const bytes = 64 * request.length + long.length;
    const text = await metrics();
    const of = (name: string, labels = ''): number | undefined =>
      sampleOf(text, `tributary_router_${name}{upstream="${upstream.address}"${labels}}`);
    expect(of('upstream_calls_total', ',code="OK"')).toBe(65);
    expect(of('retries_total')).toBe(0);
    expect(of('upstream_sent_bytes_total')).toBe(bytes);
    expect(of('upstream_received_bytes_total')).toBe(bytes);
    expect(of('upstream_relayed_calls_total')).toBe(64);
    const messages = of('upstream_relay_messages_sent_total') ?? 0;
    expect(messages).toBeGreaterThan(0);
    expect(messages).toBeLessThan(64);
    expect(of('upstream_hop', ',hop="relay"')).toBe(1);
    expect(of('upstream_hop', ',hop="plain"')).toBe(0);
    const [shown] = (await routes()).upstreams;
    const { calls, retries, relayedCalls, relayMessages, sentBytes, receivedBytes } = shown ?? {};
    expect([calls, retries, relayedCalls, relayMessages, sentBytes, receivedBytes].map(Number)).toEqual([
      65,
      0,
      64,
      messages,
      bytes,
      bytes,
    ]);
  });

  it('says which hop each upstream has, and why it is the plain one', async () => {
    const served = await startServedUpstream();
    const foreign = await startUpstream({ models: [{ name: 'm' }] });
    const seen = async (flags: string[]) => {
      const { untilReady, routes } = await startRouter([served.address, foreign.address, '127.0.0.1:1'], flags);
      await untilReady(2);
      const { upstreams } = await routes();
      return Object.fromEntries(upstreams.map(({ address, hop, plainReason: why }) => [address, [hop, why]]));
    };
    const nowhere = { '127.0.0.1:1': [Hop.HOP_UNSPECIFIED, ''] };
    expect(await seen([])).toEqual({
      ...nowhere,
      [served.address]: [Hop.HOP_RELAY, ''],
      [foreign.address]: [Hop.HOP_PLAIN, 'the upstream has no relay'],
    });
    const told = [Hop.HOP_PLAIN, 'set so by hop=plain'];
    expect(await seen(['--hop', 'plain'])).toEqual({ ...nowhere, [served.address]: told, [foreign.address]: told });
  });

  it('tells who watches the routes what they are, and again after every change, until it drains', async () => {
    const a = await startUpstream({ models: [{ name: 'm' }] });
    const { client, untilReady, stop } = await startRouter([a.address]);
    await untilReady(1);
    const watch = client.stream('tributary.router.v1.RouterService/WatchRoutes', {});
    const next = async () => (await watch.next()).value ?? { routes: [], upstreams: [] };
    expect(await next()).toMatchObject({ routes: [{ modelName: 'm', upstreams: [a.address] }] });
    a.setModels([{ name: 'n' }]);
    expect(await next()).toMatchObject({ routes: [{ modelName: 'n', upstreams: [a.address] }] });
    a.setServing(false);
    expect(await next()).toMatchObject({ upstreams: [{ state: UpstreamState.UPSTREAM_STATE_NOT_SERVING }] });
    const stopped = stop();
    await expect(watch.next()).rejects.toMatchObject({ code: Status.UNAVAILABLE });
    expect(await stopped).toBe(0);
  });

  it('forgets the series of an upstream that is gone, and of a model that nobody lists any more', async () => {
    const upstream: Upstream = {
      address: 'x:1',
      service: 's',
      state: 'READY',
      models: [],
      outstanding: 0,
      hop: 'plain',
      counts: new UpstreamCounts(),
      relayed: undefined,
      call: () => Promise.reject(new Error('not called here')),
      open: () => {
        throw new Error('not called here');
      },
    };
    upstream.counts.callEnded(Status.OK);
    upstream.counts.callEnded(99);
    const registry = new Registry();
    let upstreams = [upstream];
    let listed = true;
    const metrics = createRouterMetrics(
      registry,
      () => upstreams,
      () => listed,
      createRetryBudget(),
    );
    metrics.callEnded('m', Status.OK);
    const before = await registry.metrics();
    expect(sampleOf(before, 'tributary_router_upstream_calls_total{upstream="x:1",code="UNKNOWN"}')).toBe(1);
    expect(before).toContain('model="m"');
    upstreams = [];
    listed = false;
    expect(await registry.metrics()).not.toMatch(/x:1|model="m"/);
  });
});

describe('plainReason', () => {
  it('says nothing in the words of an upstream, which may name addresses', () => {
    const refused = 'the relay was answered with status';
    expect(plainReason(`${refused} 12 unknown service at 10.0.0.7:80`)).toBe('the upstream has no relay');
    expect(plainReason(`${refused} 7 no, says 10.0.0.7`)).toBe('the relay was answered with PERMISSION_DENIED');
    expect(plainReason(`${refused} HTTP 502 proxy.internal`)).toBe('the relay was answered with HTTP 502');
    expect(plainReason('the connection was lost')).toBe('the connection was lost');
    expect(plainReason('connect ECONNREFUSED 10.0.0.7:80')).toBe('the relay could not be opened');
  });
});
