import { afterEach, describe, expect, it } from '@jest/globals';
import { createChannelHop, type Hop, type HopOpening, type HopStream } from '@tributary/client';
import { demoKind, floodBytes, floodMessages, type DemoCounts } from '@tributary/client/testing';
import { Status } from '@tributary/contract';
import { endAll, startDemo, startRouter, type DemoUpstream, type RouterProcess } from './router-process';

/** What may lie between one end and the other while nobody reads: windows and buffers of sockets of two connections, and a little. */
const maxUnreadBytes = 20 * 2 ** 20;

const hops: Hop[] = [];

afterEach(async () => {
  for (const hop of hops.splice(0)) hop.close();
  await endAll();
});

describe.each([
  ['auto', 'served'],
  ['plain', 'foreign'],
] as const)('streams through the router, with --hop %s before a %s upstream:', (hopSetting, variant) => {
  async function start(
    flags: readonly string[] = [],
    demoFlags: readonly string[] = [],
  ): Promise<{ demo: DemoUpstream; router: RouterProcess; caller: Hop }> {
    const demo = await startDemo(variant, demoFlags);
    const own = ['--hop', hopSetting, '--pass-through', `demo.Demo=${demoKind}`];
    const router = await startRouter([demo.address], [...own, ...flags]);
    await router.untilReady(1);
    return { demo, router, caller: callerOf(router.address) };
  }

  function callerOf(address: string): Hop {
    const hop = createChannelHop(address);
    hops.push(hop);
    return hop;
  }

  const opening = (method: string, timeoutMs = 60_000): HopOpening => ({
    path: `/demo.Demo/${method}`,
    metadata: new Map(),
    timeoutMs,
  });

  async function flood(caller: Hop): Promise<HopStream> {
    const stream = caller.open(opening('Flood'));
    await stream.write(Buffer.from('x'));
    stream.end();
    return stream;
  }

  async function unary(caller: Hop, method: string): Promise<Uint8Array> {
    const answer = await caller.call({ ...opening(method), request: [Buffer.from('x')] });
    expect([answer.code, answer.details]).toEqual([Status.OK, answer.details]);
    return answer.message!;
  }

  async function countsOf(caller: Hop): Promise<DemoCounts> {
    return JSON.parse(Buffer.from(await unary(caller, 'Counts')).toString()) as DemoCounts;
  }

  /** No call is open at the upstream, and none is outstanding at the router or in flight at its door. */
  async function untilNothingIsLeft({ demo, router }: { demo?: DemoUpstream; router: RouterProcess }): Promise<void> {
    if (demo !== undefined) {
      const direct = callerOf(demo.address);
      while ((await countsOf(direct)).open > 0);
    }
    await router.untilRoutes(({ upstreams }) => upstreams.every(({ outstanding }) => outstanding === 0));
    while (!/^tributary_grpc_calls_in_flight 0$/m.test(await router.metrics()));
  }

  const text = (message: Uint8Array | undefined): string | undefined =>
    message === undefined ? undefined : Buffer.from(message).toString();

  it('a call that is cancelled in the middle ends at once on every side', async () => {
    const started = await start();
    const stream = started.caller.open(opening('Both'));
    await stream.write(Buffer.from('a'));
    expect(text(await stream.next())).toBe('a');
    stream.cancel();
    expect((await stream.ended).code).toBe(Status.CANCELLED);
    await untilNothingIsLeft(started);
  });

  it('a deadline that passes in the middle ends the call on every side', async () => {
    const started = await start();
    const stream = started.caller.open(opening('Both', 300));
    await stream.write(Buffer.from('a'));
    while ((await stream.next()) !== undefined);
    expect((await stream.ended).code).toBe(Status.DEADLINE_EXCEEDED);
    await untilNothingIsLeft(started);
  });

  it('a call without a deadline ends after maxDeadlineMs', async () => {
    const started = await start(['--max-deadline', '300ms']);
    const stream = started.caller.open(opening('Both', Infinity));
    await stream.write(Buffer.from('a'));
    while ((await stream.next()) !== undefined);
    expect((await stream.ended).code).toBe(Status.DEADLINE_EXCEEDED);
    await untilNothingIsLeft(started);
  });

  it('a slow reader holds the upstream back, and loses nothing', async () => {
    const started = await start();
    const stream = await flood(started.caller);
    expect((await stream.next())?.length).toBe(floodBytes);
    for (let call = 0; call < 200; call += 1) await unary(started.caller, 'Echo');
    expect((await countsOf(started.caller)).flooded).toBeLessThan(maxUnreadBytes);
    let messages = 1;
    while ((await stream.next()) !== undefined) messages += 1;
    expect([messages, (await stream.ended).code]).toEqual([floodMessages, Status.OK]);
    await untilNothingIsLeft(started);
  });

  it('a slow upstream holds the caller back, and loses nothing', async () => {
    const started = await start();
    const stream = started.caller.open(opening('Slow'));
    const message = Buffer.alloc(floodBytes, 2);
    let sent = 0;
    const sending = (async () => {
      for (; sent < floodMessages; sent += 1) await stream.write(message);
      stream.end();
    })();
    for (let call = 0; call < 200; call += 1) await unary(started.caller, 'Echo');
    expect(sent * floodBytes).toBeLessThan(maxUnreadBytes);
    await unary(started.caller, 'Release');
    await sending;
    expect(text(await stream.next())).toBe(String(floodBytes * floodMessages));
    expect(await stream.next()).toBeUndefined();
    expect((await stream.ended).code).toBe(Status.OK);
    await untilNothingIsLeft(started);
  });

  it('a caller who leaves with answers unread leaves nothing behind', async () => {
    const started = await start();
    const leaving = callerOf(started.router.address);
    const streams = await Promise.all(Array.from({ length: 8 }, () => flood(leaving)));
    for (const stream of streams) expect((await stream.next())?.length).toBe(floodBytes);
    leaving.close();
    for (const stream of streams) expect((await stream.ended).code).toBe(Status.UNAVAILABLE);
    await untilNothingIsLeft(started);
  });

  it('each message counts among the bytes that went to the upstream and came from it', async () => {
    const { caller, router } = await start();
    const stream = caller.open(opening('Both'));
    for (const word of ['a', 'bcd', '']) {
      await stream.write(Buffer.from(word));
      expect(text(await stream.next())).toBe(word);
    }
    stream.end();
    expect(await stream.next()).toBeUndefined();
    await stream.ended;
    await router.untilRoutes(({ upstreams }) => upstreams[0]!.outstanding === 0);
    const [upstream] = (await router.routes()).upstreams;
    expect([Number(upstream?.sentBytes), Number(upstream?.receivedBytes)]).toEqual([4, 4]);
  });

  it('a status comes after the messages before it', async () => {
    const started = await start();
    const stream = started.caller.open(opening('Stream'));
    await stream.write(Buffer.from(variant === 'served' ? 'failing' : 'plain'));
    stream.end();
    const messages: (string | undefined)[] = [];
    for (let next = await stream.next(); next !== undefined; next = await stream.next()) messages.push(text(next));
    const { code, details, answered } = await stream.ended;
    expect(messages).toHaveLength(4);
    if (variant === 'served') {
      expect([code, details, answered]).toEqual([Status.DATA_LOSS, 'after four', true]);
    } else {
      expect(code).toBe(Status.OK);
    }
  });

  it('a message over the limit ends the call, and the upstream does not take what came before for all of it', async () => {
    const started = await start(['--max-message-bytes', '64KiB']);
    const stream = started.caller.open(opening('Both'));
    await stream.write(Buffer.from('a'));
    expect(text(await stream.next())).toBe('a');
    void stream.write(Buffer.alloc(65 * 1024));
    expect(await stream.next()).toBeUndefined();
    expect(await stream.ended).toMatchObject({ code: Status.RESOURCE_EXHAUSTED });
    await untilNothingIsLeft(started);
  });

  it('an answer over the limit ends the call with the reason', async () => {
    const started = await start(['--max-answer-bytes', '32KiB']);
    const stream = await flood(started.caller);
    expect(await stream.next()).toBeUndefined();
    expect((await stream.ended).code).toBe(Status.RESOURCE_EXHAUSTED);
    await untilNothingIsLeft(started);
  });

  it('a service that drains finishes its streams', async () => {
    const { demo, router, caller } = await start();
    const stream = caller.open(opening('Both'));
    await stream.write(Buffer.from('a'));
    expect(text(await stream.next())).toBe('a');
    const stopped = demo.stop();
    await router.untilReady(0);
    await stream.write(Buffer.from('b'));
    expect(text(await stream.next())).toBe('b');
    stream.end();
    expect(await stream.next()).toBeUndefined();
    expect((await stream.ended).code).toBe(Status.OK);
    expect(await stopped).toBe(0);
    await untilNothingIsLeft({ router });
  });

  it('a router that drains finishes its streams', async () => {
    const { demo, router, caller } = await start();
    const stream = caller.open(opening('Both'));
    await stream.write(Buffer.from('a'));
    expect(text(await stream.next())).toBe('a');
    const stopped = router.stop();
    for (const word of ['b', 'c']) {
      await stream.write(Buffer.from(word));
      expect(text(await stream.next())).toBe(word);
    }
    stream.end();
    expect(await stream.next()).toBeUndefined();
    expect((await stream.ended).code).toBe(Status.OK);
    expect(await stopped).toBe(0);
    expect((await countsOf(callerOf(demo.address))).open).toBe(0);
  });

  it('a router whose drain takes too long ends its streams with SHUTTING_DOWN, at the upstream too', async () => {
    const { demo, router, caller } = await start(['--drain-timeout', '200ms']);
    const stream = caller.open(opening('Both'));
    await stream.write(Buffer.from('a'));
    expect(text(await stream.next())).toBe('a');
    const stopped = router.stop();
    expect(await stream.next()).toBeUndefined();
    const { code, details } = await stream.ended;
    expect([code, details]).toEqual([Status.UNAVAILABLE, expect.stringContaining('shutting down')]);
    await stopped;
    const direct = callerOf(demo.address);
    while ((await countsOf(direct)).open > 0);
  });

  it('an upstream that dies ends its streams with UPSTREAM_LOST', async () => {
    const { demo, router, caller } = await start();
    const streams = Array.from({ length: 4 }, () => caller.open(opening('Both')));
    for (const stream of streams) {
      await stream.write(Buffer.from('a'));
      expect(text(await stream.next())).toBe('a');
    }
    demo.signal('SIGKILL');
    for (const stream of streams) {
      expect(await stream.next()).toBeUndefined();
      const { code, details } = await stream.ended;
      expect([code, details]).toEqual([Status.UNAVAILABLE, 'the connection to the service broke before it answered']);
    }
    await untilNothingIsLeft({ router });
    const after = caller.open(opening('Both'));
    expect((await after.ended).code).toBe(Status.UNAVAILABLE);
  });
});
