import { afterEach, describe, expect, it } from '@jest/globals';
import { createBalancer, createChannelHop, createClient, createRetryBudget, createUpstreams } from '@tributary/client';
import { Status } from '@tributary/contract';
import { inferRequest, modelInfer, startLoad } from './load';
import { attemptsOf, endAll, hopsUnderTest, startServedUpstream } from './router-process';

afterEach(endAll);

const models = [{ name: 'echo' }, { name: 'hang' }];

describe.each(hopsUnderTest)('the router under faults, %s', (_name, { startRouter, startUpstream }) => {
  it.each([
    ['case 29: loses no call', 0, 16, 2_000],
    ['case 30: loses no call of 4 MB', 4_000_000, 4, 60],
  ])('%s when one of three upstreams is killed, and takes it back', async (_case, bytes, inFlight, calls) => {
    const victim = await startUpstream({ models });
    const others = await Promise.all([startUpstream({ models }), startUpstream({ models })]);
    const router = await startRouter([victim, ...others].map(({ address }) => address));
    const { client, untilReady, metrics } = router;
    await untilReady(3);
    const load = startLoad(client, 'echo', inFlight, bytes);
    await load.reached(calls / 4);
    // Killed while it has calls.
    await router.untilRoutes(({ upstreams: list }) =>
      list.some(({ address, outstanding }) => address === victim.address && outstanding > 0),
    );
    await victim.kill();
    await untilReady(2);
    await load.reached(calls / 2);
    const back = await startUpstream({ models, port: victim.port });
    await untilReady(3);
    await back.called(1);
    await load.reached(calls);
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
    expect(calls).toBeLessThanOrEqual(await attemptsOf(metrics));
  });

  it('case 31: leaves a frozen upstream within keepalive time and timeout, and takes it back as it is', async () => {
    const frozen = await startUpstream({ models });
    const sound = await startUpstream({ models });
    // The sound one must be able to answer in time on a busy machine too.
    const keepalive = ['--keepalive-time', '200ms', '--keepalive-timeout', '2s'];
    const { client, untilReady, untilRoutes } = await startRouter([frozen.address, sound.address], keepalive);
    await untilReady(2);
    const leaving = new AbortController();
    const { signal } = leaving;
    const hang = (): Promise<unknown> => client.callBytes(modelInfer, inferRequest('hang'), { signal });
    const waiting = Promise.all(Array.from({ length: 8 }, hang));
    await untilRoutes(({ upstreams }) => upstreams.reduce((sum, { outstanding }) => sum + outstanding, 0) === 8);
    frozen.signal('SIGSTOP');
    const load = startLoad(client, 'echo', 4);
    await untilReady(1);
    await load.reached(200);
    const { failures } = await load.stop();
    expect(failures).toEqual([]);
    frozen.signal('SIGCONT');
    await untilReady(2);
    leaving.abort();
    await waiting;
  });

  it('case 35: says UNAVAILABLE where the only upstream dies with the call, and works again once it is back', async () => {
    const upstream = await startUpstream({ models });
    const { client, untilReady } = await startRouter([upstream.address]);
    await untilReady(1);
    const call = client.call('inference.GRPCInferenceService/ModelInfer', { modelName: 'hang' });
    await upstream.called(1);
    void upstream.kill();
    await expect(call).rejects.toMatchObject({ code: Status.UNAVAILABLE, reason: 'UPSTREAM_LOST' });
    await startUpstream({ models, port: upstream.port });
    await untilReady(1);
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
  });

  it('sends a call that its upstream died of to one other, and no further, whoever repeats it', async () => {
    const dying = [{ name: 'die' }, { name: 'echo' }];
    const upstreams = [1, 2, 3, 4].map(() => startUpstream({ models: dying }));
    const started = await Promise.all(upstreams);
    const { address, untilReady } = await startRouter(started.map((upstream) => upstream.address));
    await untilReady(4);
    // A client that repeats what is UNAVAILABLE, as every gRPC client is told to.
    const client = createClient(address);
    try {
      await expect(
        client.call('inference.GRPCInferenceService/ModelInfer', { modelName: 'die' }),
      ).rejects.toMatchObject({
        code: Status.UNAVAILABLE,
        reason: 'UPSTREAM_LOST',
        details: expect.stringContaining('it is not sent again'),
      });
      await untilReady(2);
      expect(started.filter((upstream) => upstream.isUp())).toHaveLength(2);
      // A router that is told that a connection has died under the call before.
      const metadata = { 'grpc-previous-rpc-attempts': '1' };
      const repeated = await client.callBytes(modelInfer, inferRequest('die'), { metadata });
      expect([repeated.code, repeated.trailers.get('grpc-retry-pushback-ms')]).toEqual([Status.UNAVAILABLE, ['-1']]);
      await untilReady(1);
      expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
    } finally {
      client.close();
    }
  });

  it('never sends a call again whose run crashed, and passes the reason on', async () => {
    const crashing = [{ name: 'crash' }];
    const [first, second] = [await startUpstream({ models: crashing }), await startUpstream({ models: crashing })];
    const { address, untilReady, metrics } = await startRouter([first.address, second.address]);
    await untilReady(2);
    const client = createClient(address);
    try {
      await expect(
        client.call('inference.GRPCInferenceService/ModelInfer', { modelName: 'crash' }),
      ).rejects.toMatchObject({ code: Status.INTERNAL, reason: 'RUN_CRASHED' });
    } finally {
      client.close();
    }
    expect(await attemptsOf(metrics)).toBe(1);
  });

  it('case 65: says UNAVAILABLE at once while every upstream of a model is down, and recovers', async () => {
    const first = await startUpstream({ models });
    const second = await startUpstream({ models });
    const { client, untilReady, metrics } = await startRouter([first.address, second.address]);
    await untilReady(2);
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
    await Promise.all([first.kill(), second.kill()]);
    const calls = 2_000;
    const before = await attemptsOf(metrics);
    for (let i = 0; i < calls / 50; i++) {
      const batch = Array.from({ length: 50 }, () => client.callBytes(modelInfer, inferRequest('echo')));
      for (const { code } of await Promise.all(batch)) expect(code).toBe(Status.UNAVAILABLE);
    }
    expect((await attemptsOf(metrics)) - before).toBeLessThanOrEqual(calls * 1.2);
    await expect(client.infer({ model: 'echo', inputs: new Map() })).rejects.toMatchObject({ reason: 'NO_UPSTREAM' });
    const health = await client.call('grpc.health.v1.Health/Check', { service: 'model/echo' });
    expect(health.status).toBe(2);
    await startUpstream({ models, port: second.port });
    await untilReady(1);
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
  });

  it('case 65: adds at most a fifth to the load while every upstream says UNAVAILABLE', async () => {
    const failing = [{ name: 'code-14' }];
    const first = await startUpstream({ models: failing });
    const second = await startUpstream({ models: failing });
    const { client, untilReady, metrics } = await startRouter([first.address, second.address]);
    await untilReady(2);
    const calls = 2_000;
    for (let i = 0; i < calls / 50; i++) {
      await Promise.all(Array.from({ length: 50 }, () => client.callBytes(modelInfer, inferRequest('code-14'))));
    }
    const attempts = await attemptsOf(metrics);
    expect(attempts).toBeGreaterThan(calls);
    expect(attempts).toBeLessThanOrEqual(calls * 1.2);
  });

  it('case 65: calls no model unknown while a name among its upstreams has no address yet', async () => {
    const upstream = await startUpstream({ models });
    // As a headless Service whose pods are all still starting.
    const { client, untilReady } = await startRouter([upstream.address, 'no-pod-yet.invalid:8001']);
    await untilReady(1);
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
    await expect(client.infer({ model: 'of-that-service', inputs: new Map() })).rejects.toMatchObject({
      code: Status.UNAVAILABLE,
      reason: 'NO_UPSTREAM',
    });
  });

  it('case 65: works once its upstreams come, however late', async () => {
    const gone = await startUpstream();
    await gone.kill();
    const { client, untilReady } = await startRouter([gone.address]);
    await expect(client.infer({ model: 'echo', inputs: new Map() })).rejects.toMatchObject({
      code: Status.UNAVAILABLE,
      reason: 'NO_UPSTREAM',
    });
    expect(await client.call('inference.GRPCInferenceService/ServerReady', {})).toMatchObject({ ready: false });
    await startUpstream({ models, port: gone.port });
    await untilReady(1);
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
  });

  it('case 52: says NOT_SERVING for a model that has no upstream left, and tells watchers', async () => {
    const nlp = await startUpstream({ service: 'nlp', models: [{ name: 'text' }] });
    const image = await startUpstream({ service: 'image', models: [{ name: 'picture' }] });
    const { client, untilReady } = await startRouter([nlp.address, image.address]);
    await untilReady(2);
    const seen: number[] = [];
    for await (const { status } of client.stream('grpc.health.v1.Health/Watch', { service: 'model/text' })) {
      seen.push(status);
      if (seen.length === 1) void nlp.kill();
      if (seen.length === 2) void startUpstream({ service: 'nlp', models: [{ name: 'text' }], port: nlp.port });
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([1, 2, 1]);
    const other = await client.call('grpc.health.v1.Health/Check', { service: 'model/picture' });
    expect(other.status).toBe(1);
  });

  it('case 48: loses no call while every upstream in turn drains and is replaced', async () => {
    const upstreams = [await startUpstream({ models }), await startUpstream({ models })];
    const { client, untilReady } = await startRouter(upstreams.map(({ address }) => address));
    await untilReady(2);
    const load = startLoad(client, 'echo', 16);
    for (const upstream of upstreams) {
      await load.reached(200);
      upstream.setServing(false);
      await untilReady(1);
      await upstream.drain();
      const fresh = await startUpstream({ models, port: upstream.port });
      await untilReady(2);
      await fresh.called(1);
    }
    expect((await load.stop()).failures).toEqual([]);
  });

  it('loses no call of its only upstream while that renews its connections', async () => {
    const upstream = await startUpstream({ models, connectionAgeMs: 300 });
    const { client, untilReady } = await startRouter([upstream.address]);
    await untilReady(1);
    const load = startLoad(client, 'echo', 8);
    const fourAges = performance.now() + 4 * 2 * 300;
    for (let calls = 100; performance.now() < fourAges; calls += 100) await load.reached(calls);
    expect((await load.stop()).failures).toEqual([]);
  });

  it('case 44: loses no call when one of two services is told to stop, and takes it back', async () => {
    const services = [await startServedUpstream(), await startServedUpstream()];
    const { client, untilReady } = await startRouter(services.map(({ address }) => address));
    await untilReady(2);
    const load = startLoad(client, 'echo', 32);
    for (const service of services) {
      await load.reached(300);
      expect(await service.stop()).toBe(0);
      await untilReady(1);
      await startServedUpstream(service.port);
      await untilReady(2);
    }
    expect((await load.stop()).failures).toEqual([]);
  });

  it('case 44: the router itself answers what is under way after SIGTERM and exits with 0', async () => {
    const upstream = await startUpstream({ models });
    const router = await startRouter([upstream.address]);
    await router.untilReady(1);
    const load = startLoad(router.client, 'echo', 8);
    await load.reached(100);
    const exit = router.stop();
    expect(await exit).toBe(0);
    const { failures } = await load.stop();
    // Calls that began after the end find nobody; none that had begun was lost.
    for (const failure of failures) expect(failure).toMatch(/^14 /);
  });

  it('case 72: clients that know two routers lose no call when one is killed', async () => {
    const upstream = await startUpstream({ models });
    const routers = [await startRouter([upstream.address]), await startRouter([upstream.address])];
    await Promise.all(routers.map((router) => router.untilReady(1)));
    let wake = (): void => undefined;
    const both = createUpstreams({
      targets: routers.map(({ address }) => address),
      createHop: (address) => createChannelHop(address),
      onChange: () => {
        wake();
      },
      onRemoved: () => undefined,
    });
    const ready = () => both.list().filter(({ state }) => state === 'READY');
    while (ready().length < 2) await new Promise<void>((resolve) => (wake = resolve));
    const balancer = createBalancer({ budget: createRetryBudget() });
    let calls = 0;
    const codes = new Set<number | undefined>();
    const worker = async (): Promise<void> => {
      while (calls < 1_000) {
        calls += 1;
        if (calls === 300) routers[0]?.child.kill('SIGKILL');
        const { signal } = new AbortController();
        const call = { path: modelInfer, request: [inferRequest('echo')], metadata: new Map(), signal };
        codes.add((await balancer.call(ready, { ...call, remainingMs: () => 10_000 }))?.code);
      }
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    both.close();
    expect([...codes]).toEqual([Status.OK]);
  });
});
