import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { HopAnswer } from '@tributary/client';
import { Status, tributary } from '@tributary/contract';
import { inferRequest, modelInfer } from './load';
import { endAll, startRouter, startServedUpstream } from './router-process';

afterEach(endAll);

const { Hop } = tributary.router.v1;

interface Seen {
  readonly requestId: string;
  readonly metadata: Readonly<Record<string, readonly string[]>>;
}

/** What the service saw of a call. */
function seenOf(answer: HopAnswer): Seen {
  return JSON.parse(String(answer.trailers.get('x-seen')?.[0])) as Seen;
}

const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
const tracestate = 'vendor=1,other=2';

describe.each([
  ['the relay', [], Hop.HOP_RELAY],
  ['the plain hop', ['--hop', 'plain'], Hop.HOP_PLAIN],
])('over %s', (_name, flags, hop) => {
  const start = async () => {
    const upstream = await startServedUpstream();
    const router = await startRouter([upstream.address], flags);
    await router.untilReady(1);
    expect((await router.routes()).upstreams).toMatchObject([{ hop }]);
    return { ...router, upstream };
  };

  it('request id and W3C trace context reach the service as they are, and nothing else does', async () => {
    const { client } = await start();
    const metadata = { 'x-request-id': 'mine-1', traceparent, tracestate, authorization: 'secret', baggage: 'a=b' };
    const answer = await client.callBytes(modelInfer, inferRequest('echo'), { metadata });
    const { requestId, metadata: seen } = seenOf(answer);
    expect(requestId).toBe('mine-1');
    expect(seen).toMatchObject({ 'x-request-id': ['mine-1'], traceparent: [traceparent], tracestate: [tracestate] });
    expect(seen).not.toHaveProperty('authorization');
    expect(seen).not.toHaveProperty('baggage');
    expect(answer.headers.get('x-request-id')).toEqual(['mine-1']);
  });

  it('a caller without a request id is told the one under which the service logs', async () => {
    const { client, upstream } = await start();
    const good = await client.callBytes(modelInfer, inferRequest('echo'));
    expect(good.headers.get('x-request-id')).toEqual([seenOf(good).requestId]);
    const bad = await client.callBytes(modelInfer, inferRequest('defect'));
    expect(bad.code).toBe(Status.INTERNAL);
    while (upstream.logged.length === 0) await pause(5);
    const told = [...bad.headers.entries(), ...bad.trailers.entries()].find(([key]) => key === 'x-request-id')?.[1];
    expect(told).toEqual([upstream.logged[0]?.requestId]);
  });
});

describe('a router that traces', () => {
  const attemptOf = (seen: Seen): string => String(seen.metadata.traceparent?.[0]);

  it('gives each attempt a span of its own in the trace of the caller', async () => {
    const upstream = await startServedUpstream();
    const router = await startRouter([upstream.address], ['--traces-endpoint', 'http://127.0.0.1:1']);
    await router.untilReady(1);
    const ask = async (metadata: Readonly<Record<string, string>>): Promise<string> =>
      attemptOf(seenOf(await router.client.callBytes(modelInfer, inferRequest('echo'), { metadata })));
    const [one, two] = [await ask({ traceparent }), await ask({ traceparent })];
    for (const attempt of [one, two]) {
      expect(attempt).toMatch(/^00-4bf92f3577b34da6a3ce929d0e0e4736-[0-9a-f]{16}-01$/);
      expect(attempt).not.toBe(traceparent);
    }
    expect(one).not.toBe(two);
  });

  it('tells services of calls that it does not trace, and leaves the word of a caller as it is', async () => {
    const upstream = await startServedUpstream();
    const flags = ['--traces-endpoint', 'http://127.0.0.1:1', '--traces-sampling', '0'];
    const router = await startRouter([upstream.address], flags);
    await router.untilReady(1);
    const ask = async (metadata: Readonly<Record<string, string>>): Promise<string> =>
      attemptOf(seenOf(await router.client.callBytes(modelInfer, inferRequest('echo'), { metadata })));
    expect(await ask({})).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
    const unsampled = traceparent.replace(/01$/, '00');
    expect(await ask({ traceparent: unsampled })).toBe(unsampled);
    expect(await ask({ traceparent: 'nonsense' })).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/);
  });
});
