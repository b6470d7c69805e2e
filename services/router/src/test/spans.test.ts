import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { Status } from '@tributary/contract';
import { createOtlpReceiver, type ReceivedSpan } from '@tributary/serve/testing';
import { inferRequest, modelInfer } from './load';
import { endAll, hopsUnderTest } from './router-process';

afterEach(endAll);

const models = [{ name: 'echo' }, { name: 'hang' }, { name: 'code-14' }];
/** As OTLP numbers them. */
const [SERVER, CLIENT] = [2, 3];
const [UNSET, ERROR] = [0, 2];

/** A trace of its own for each call. */
const traceOf = (call: number): string => call.toString(16).padStart(32, 'a');
const callerSpan = 'b'.repeat(16);
const traced = (call: number, flags = '01') => ({ traceparent: `00-${traceOf(call)}-${callerSpan}-${flags}` });

describe.each(hopsUnderTest)('the spans of a router, %s:', (_name, { startRouter, startUpstream }) => {
  const receiver = createOtlpReceiver();
  beforeAll(() => receiver.start());
  afterAll(() => receiver.stop());
  const spansOf = (call: number, kind: number): ReceivedSpan[] =>
    receiver.spans
      .filter((span) => span.traceId === traceOf(call) && span.kind === kind)
      .sort((a, b) => Number(a.attributes['tributary.attempt']) - Number(b.attributes['tributary.attempt']));
  const untilEnded = (call: number): Promise<void> => receiver.until(() => spansOf(call, SERVER).length > 0);

  const start = async (...upstreams: readonly { readonly address: string }[]) => startWith([], ...upstreams);
  const startWith = async (moreFlags: readonly string[], ...upstreams: readonly { readonly address: string }[]) => {
    const flags = ['--traces-endpoint', receiver.url, '--traces-sampling', '1', ...moreFlags];
    const router = await startRouter(
      upstreams.map(({ address }) => address),
      flags,
      { ...process.env, OTEL_BSP_SCHEDULE_DELAY: '50' },
    );
    await router.untilReady(upstreams.length);
    return router;
  };

  /** The span of the call, and those of its attempts below it, each ended. */
  async function callAndAttempts(call: number): Promise<[ReceivedSpan, ReceivedSpan[]]> {
    await untilEnded(call);
    const [server, ...more] = spansOf(call, SERVER);
    const attempts = spansOf(call, CLIENT);
    expect([server!.parentSpanId, more]).toEqual([callerSpan, []]);
    for (const { parentSpanId } of attempts) expect(parentSpanId).toBe(server!.spanId);
    for (const { startTimeUnixNano, endTimeUnixNano } of [server!, ...attempts])
      expect(BigInt(endTimeUnixNano)).toBeGreaterThan(BigInt(startTimeUnixNano));
    return [server!, attempts];
  }

  it('a retry has a span for each attempt below that of the call, with upstream and status of each', async () => {
    const victim = await startUpstream({ models });
    const sound = await startUpstream({ models });
    const { client, untilRoutes } = await start(victim, sound);
    victim.signal('SIGSTOP');
    const calls = [0, 1, 2, 3].map((call) =>
      client.callBytes(modelInfer, inferRequest('echo'), { metadata: traced(call) }),
    );
    // The sound one has answered, the other cannot.
    await untilRoutes(({ upstreams }) =>
      upstreams.every(({ address, outstanding }) => outstanding > 0 === (address === victim.address)),
    );
    victim.signal('SIGKILL');
    for (const { code } of await Promise.all(calls)) expect(code).toBe(Status.OK);
    let retried = 0;
    for (const call of calls.keys()) {
      const [server, attempts] = await callAndAttempts(call);
      expect(server).toMatchObject({ status: { code: UNSET }, attributes: { 'rpc.grpc.status_code': Status.OK } });
      const last = { 'server.port': sound.port, 'rpc.grpc.status_code': Status.OK };
      if (attempts.length === 1) {
        expect(attempts).toMatchObject([{ status: { code: UNSET }, attributes: { ...last, 'tributary.attempt': 1 } }]);
        continue;
      }
      retried += 1;
      const first = { 'server.port': victim.port, 'rpc.grpc.status_code': Status.UNAVAILABLE };
      expect(attempts).toMatchObject([
        {
          status: { code: ERROR },
          attributes: { ...first, 'tributary.attempt': 1, 'error.type': 'UNAVAILABLE', 'server.address': '127.0.0.1' },
        },
        { status: { code: UNSET }, attributes: { ...last, 'tributary.attempt': 2 } },
      ]);
    }
    expect(retried).toBeGreaterThan(0);
  });

  it('a call that no upstream can answer shows each that was tried, and fails', async () => {
    const upstreams = [await startUpstream({ models }), await startUpstream({ models })];
    const { client } = await start(...upstreams);
    const answer = await client.callBytes(modelInfer, inferRequest('code-14'), { metadata: traced(16) });
    expect(answer.code).toBe(Status.UNAVAILABLE);
    const [server, attempts] = await callAndAttempts(16);
    expect(server).toMatchObject({
      status: { code: ERROR },
      attributes: { 'rpc.grpc.status_code': Status.UNAVAILABLE, 'tributary.model.name': 'code-14' },
    });
    expect(attempts.map(({ attributes }) => attributes['server.port']).sort()).toEqual(
      upstreams.map(({ port }) => port).sort(),
    );
    expect(attempts.map(({ status }) => status.code)).toEqual([ERROR, ERROR]);
  });

  it('a call that its caller cancels has ended spans that say so, and is nobody else’s fault', async () => {
    const upstream = await startUpstream({ models });
    const { client } = await start(upstream);
    const cancel = new AbortController();
    const options = { metadata: traced(32), signal: cancel.signal };
    const call = client.callBytes(modelInfer, inferRequest('hang'), options);
    await upstream.called(1);
    cancel.abort();
    expect((await call).code).toBe(Status.CANCELLED);
    const [server, attempts] = await callAndAttempts(32);
    const cancelled = { 'rpc.grpc.status_code': Status.CANCELLED, 'error.type': 'CANCELLED' };
    expect(server).toMatchObject({ status: { code: UNSET }, attributes: cancelled });
    expect(attempts).toMatchObject([{ status: { code: ERROR }, attributes: cancelled }]);
  });

  it('a call that is over its deadline has ended spans that say so', async () => {
    const upstream = await startUpstream({ models });
    // Of the router's own making: the caller's timer could come first, and cancel.
    const { client } = await startWith(['--max-deadline', '300ms'], upstream);
    const options = { metadata: traced(48) };
    expect((await client.callBytes(modelInfer, inferRequest('hang'), options)).code).toBe(Status.DEADLINE_EXCEEDED);
    const [server, attempts] = await callAndAttempts(48);
    const expired = { 'rpc.grpc.status_code': Status.DEADLINE_EXCEEDED, 'error.type': 'DEADLINE_EXCEEDED' };
    expect(server).toMatchObject({ status: { code: ERROR }, attributes: expired });
    expect(attempts).toMatchObject([{ status: { code: ERROR }, attributes: expired }]);
  });

  it('a call that its caller does not trace has none, whatever the router would draw, and one after it has', async () => {
    const { client } = await start(await startUpstream({ models }));
    for (const [call, flags] of [
      [64, '00'],
      [65, '01'],
    ] as const) {
      await client.callBytes(modelInfer, inferRequest('echo'), { metadata: traced(call, flags) });
    }
    await callAndAttempts(65);
    expect(receiver.spans.filter(({ traceId }) => traceId === traceOf(64))).toEqual([]);
  });
});
