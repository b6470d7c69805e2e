import { afterEach, describe, expect, it } from '@jest/globals';
import { grpc, Status } from '@tributary/contract';
import { maxWatchers } from '../health/health-service';
import { answerOf, frame } from './raw-client';
import { echo, gate, startServing, type Serving } from './serving';

const { HealthCheckRequest, HealthCheckResponse } = grpc.health.v1;
const { SERVING, NOT_SERVING, SERVICE_UNKNOWN } = HealthCheckResponse.ServingStatus;
const checkPath = '/grpc.health.v1.Health/Check';
const watchPath = '/grpc.health.v1.Health/Watch';

let serving: Serving | undefined;

async function start(...args: Parameters<typeof startServing>): Promise<Serving> {
  serving = await startServing(...args);
  return serving;
}

afterEach(async () => {
  await serving?.close();
  serving = undefined;
});

/** The status of a name, or the gRPC code of the refusal. */
async function check({ client }: Serving, service: string): Promise<unknown> {
  const { code, messages } = await client.call(checkPath, HealthCheckRequest.encode({ service }).finish());
  return code === Status.OK ? HealthCheckResponse.decode(messages[0]!).status : `code ${code}`;
}

/** A Watch call whose statuses are awaited one by one. */
function watch({ client }: Serving, service: string) {
  const stream = client.open(watchPath);
  stream.end(frame(HealthCheckRequest.encode({ service }).finish()));
  const statuses: unknown[] = [];
  let arrived = gate();
  stream.on('data', (chunk: Buffer) => {
    for (let at = 0; at < chunk.length; at += 5 + chunk.readUInt32BE(at + 1)) {
      statuses.push(HealthCheckResponse.decode(chunk.subarray(at + 5, at + 5 + chunk.readUInt32BE(at + 1))).status);
    }
    arrived.open();
    arrived = gate();
  });
  const ended = answerOf(stream);
  return {
    ended,
    stream,
    async next(): Promise<unknown> {
      while (statuses.length === 0) await arrived.passed;
      return statuses.shift();
    },
  };
}

describe('health', () => {
  it('case 52: Check answers for the process, its services and the names of its source', async () => {
    const running = await start();
    running.health.statuses.set('model/a', 'SERVING').set('model/b', 'NOT_SERVING');
    for (const name of ['', 'readiness', 'liveness', 'demo.Demo', 'grpc.health.v1.Health', 'model/a']) {
      expect([name, await check(running, name)]).toEqual([name, SERVING]);
    }
    expect(await check(running, 'model/b')).toBe(NOT_SERVING);
    expect(await check(running, 'model/c')).toBe(`code ${Status.NOT_FOUND}`);
    running.health.set(false);
    expect(await check(running, '')).toBe(NOT_SERVING);
    expect(await check(running, 'readiness')).toBe(NOT_SERVING);
    expect(await check(running, 'demo.Demo')).toBe(NOT_SERVING);
    expect(await check(running, 'liveness')).toBe(SERVING);
  });

  it('case 52: Watch tells of changes, and of an unknown name once it is known', async () => {
    const running = await start();
    const overall = watch(running, '');
    const unknown = watch(running, 'model/later');
    expect([await overall.next(), await unknown.next()]).toEqual([SERVING, SERVICE_UNKNOWN]);
    running.health.statuses.set('model/later', 'SERVING');
    running.health.set(false);
    expect([await overall.next(), await unknown.next()]).toEqual([NOT_SERVING, SERVING]);
  });

  it('case 52: at the drain watchers see NOT_SERVING while calls are still taken, then their streams end', async () => {
    const running = await start([echo], { drainDelayMs: 200 });
    const overall = watch(running, '');
    expect(await overall.next()).toBe(SERVING);
    const drained = running.server.drain();
    expect(await overall.next()).toBe(NOT_SERVING);
    const call = await running.connect().call('/demo.Demo/Echo', Buffer.from('late'));
    expect(call.code).toBe(Status.OK);
    expect(await check(running, 'liveness')).toBe(SERVING);
    const end = await overall.ended;
    expect([end.code, end.details?.reason]).toEqual([Status.UNAVAILABLE, 'SHUTTING_DOWN']);
    expect(await drained).toEqual({ cutOff: 0 });
    expect(running.health.listenerCount).toBe(0);
  });

  it('a Watch outlives the longest deadline of calls', async () => {
    const running = await start(
      [echo, { path: '/demo.Demo/Never', kind: 'unary', handler: () => new Promise(() => undefined) }],
      {
        maxDeadlineMs: 10,
        drainTimeoutMs: 100,
      },
    );
    const overall = watch(running, '');
    expect(await overall.next()).toBe(SERVING);
    const other = await running.client.call('/demo.Demo/Never', Buffer.alloc(0));
    expect(other.code).toBe(Status.DEADLINE_EXCEEDED);
    running.health.set(false);
    expect(await overall.next()).toBe(NOT_SERVING);
  });

  it('case 67: watches are bounded, unique names leave nothing behind, long names are not looked up', async () => {
    const running = await start();
    // A connection may have 256 calls open.
    const connections = Array.from({ length: 6 }, () => running.connect());
    const open = Array.from({ length: maxWatchers }, (_, index) =>
      watch({ ...running, client: connections[index % connections.length]! }, `name-${index}`),
    );
    await Promise.all(open.map((one) => one.next()));
    const refused = await watch(running, 'one-more').ended;
    expect([refused.code, refused.details?.reason]).toEqual([Status.RESOURCE_EXHAUSTED, 'WATCHERS_LIMIT']);
    const ended = open.map((one) => one.ended);
    for (const one of open) one.stream.close(8);
    await Promise.all(ended);
    // Places are free again once the server has seen the cancellations, all of them in order on each connection.
    const again = watch({ ...running, client: connections[0]! }, 'x'.repeat(300));
    expect(await again.next()).toBe(SERVICE_UNKNOWN);
    expect(running.health.asked.some((name) => name.length > 256)).toBe(false);
    expect(await running.metricsText()).not.toContain('name-1');
  });
});
