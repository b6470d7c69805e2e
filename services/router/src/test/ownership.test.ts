import { afterEach, expect, it } from '@jest/globals';
import { createRelayHop } from '@tributary/client';
import { Status } from '@tributary/contract';
import { inferRequest, modelInfer } from './load';
import { endAll, startRouter, startUpstream } from './router-process';

afterEach(endAll);

it('case 66: of 100,000 calls with cancellations, deaths and retries, nobody receives the answer of another', async () => {
  const models = [{ name: 'echo' }];
  const upstreams = await Promise.all(Array.from({ length: 3 }, () => startUpstream({ models, relay: true })));
  const { address, untilReady } = await startRouter(upstreams.map((upstream) => upstream.address));
  await untilReady(3);
  const hop = createRelayHop(address);
  let begun = 0;
  let answered = 0;
  const faults: string[] = [];
  const worker = async (name: number): Promise<void> => {
    while (begun < 100_000) {
      begun += 1;
      const request = inferRequest('echo', `${name}-${begun}`, Buffer.alloc(begun % 300, begun));
      const controller = new AbortController();
      const isCancelled = begun % 17 === 0;
      const call = { path: modelInfer, request: [request], metadata: new Map(), timeoutMs: 30_000 };
      const answer = hop.call({ ...call, signal: controller.signal });
      if (isCancelled) setImmediate(() => controller.abort());
      const { code, message, details } = await answer;
      if (message !== undefined) {
        answered += 1;
        if (!Buffer.from(message).equals(request)) faults.push('the answer of another');
      } else if (!isCancelled || code !== Status.CANCELLED) faults.push(`${code} ${details}`);
    }
  };
  const workers = Promise.all(Array.from({ length: 64 }, (_, name) => worker(name)));
  for (const upstream of upstreams) {
    const until = begun + 15_000;
    while (begun < until) await new Promise((resolve) => setTimeout(resolve, 5));
    await upstream.kill();
    await startUpstream({ models, relay: true, port: upstream.port });
    await untilReady(3);
  }
  await workers;
  hop.close();
  expect(faults).toEqual([]);
  expect(answered).toBeGreaterThan(90_000);
});
