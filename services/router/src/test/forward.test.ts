import { EventEmitter, once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '@tributary/client';
import { inference, Status, tributary } from '@tributary/contract';
import { attemptsOf, endAll, hopsUnderTest } from './router-process';
import { inferRequest, modelInfer } from './load';
import { callRaw, frame } from './raw-call';

afterEach(endAll);

/** A way to a port that takes connections at once and passes nothing on until it is opened. */
async function startGate(port: number): Promise<{ address: string; open: () => void; close: () => void }> {
  const opened = new EventEmitter();
  const sockets: Socket[] = [];
  let isOpen = false;
  const server = createServer((socket) => {
    sockets.push(socket);
    const pass = (): void => {
      const onwards = connect(port, '127.0.0.1');
      sockets.push(onwards);
      socket.pipe(onwards).pipe(socket);
    };
    if (isOpen) pass();
    else opened.once('open', pass);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    open: () => {
      isOpen = true;
      opened.emit('open');
    },
    close: () => {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

const embed = 'tributary.nlp.v1.NlpService/Embed';
const noModel = 'Request for unknown model';

describe.each(hopsUnderTest)('the router, %s', (_name, { startRouter, startUpstream }) => {
  it('passes bytes, headers and trailers unchanged, and only the metadata that is allowed', async () => {
    const upstream = await startUpstream({ models: [{ name: 'echo' }] });
    const { client, untilReady } = await startRouter(
      [upstream.address],
      ['--forward-metadata', 'traceparent,x-tenant'],
    );
    await untilReady(1);
    const request = inferRequest('echo', 'an id', Buffer.from([0, 1, 255]));
    const metadata = {
      'x-request-id': 'r-1',
      traceparent: '00-1-2-01',
      'x-tenant': 'a',
      authorization: 'secret',
      'x-other': 'b',
    };
    const answer = await client.callBytes(modelInfer, request, { metadata });
    expect(answer.code).toBe(Status.OK);
    expect(Buffer.from(answer.message ?? [])).toEqual(Buffer.from(request));
    expect(answer.headers.get('x-upstream')).toEqual([upstream.address]);
    expect(answer.headers.get('x-request-id')).toEqual(['r-1']);
    expect(answer.trailers.get('server-timing')).toEqual(['queue;dur=0.5']);
    expect(String(answer.trailers.get('x-metadata'))).toBe('traceparent x-request-id x-tenant');
  });

  it('dispatches by the model, also for task RPCs without a name', async () => {
    const models = [{ name: 'm', methods: [embed], defaultOf: [embed] }];
    const nlp = await startUpstream({ service: 'nlp', models });
    const image = await startUpstream({ service: 'image', models: [{ name: 'picture' }] });
    const { client, untilReady } = await startRouter([nlp.address, image.address]);
    await untilReady(2);
    const upstreamOf = async (path: string, request: Uint8Array): Promise<unknown> =>
      (await client.callBytes(path, request)).headers.get('x-upstream')?.[0];
    const { EmbedRequest } = tributary.nlp.v1;
    expect(await upstreamOf(modelInfer, inferRequest('picture'))).toBe(image.address);
    expect(await upstreamOf(modelInfer, inferRequest('m'))).toBe(nlp.address);
    expect(await upstreamOf(`/${embed}`, EmbedRequest.encode({ modelName: 'm' }).finish())).toBe(nlp.address);
    expect(await upstreamOf(`/${embed}`, EmbedRequest.encode({ texts: ['hello'] }).finish())).toBe(nlp.address);
  });

  it('passes the time that is left and the cancellation on', async () => {
    const upstream = await startUpstream({ models: [{ name: 'hang' }] });
    const { client, untilReady, metrics } = await startRouter([upstream.address]);
    await untilReady(1);
    const late = await client.callBytes(modelInfer, inferRequest('hang'), { timeoutMs: 100 });
    expect(late.code).toBe(Status.DEADLINE_EXCEEDED);
    const controller = new AbortController();
    const cancelled = client.callBytes(modelInfer, inferRequest('hang'), { signal: controller.signal });
    await upstream.called(2);
    controller.abort();
    expect((await cancelled).code).toBe(Status.CANCELLED);
    while (!(await metrics()).includes('upstream_outstanding_calls{upstream="' + upstream.address + '"} 0')) {
      // Both calls leave the upstream as soon as the router hears of the cancellation.
    }
  });

  it("refuses in Triton's words, with reason and field", async () => {
    const upstream = await startUpstream({
      models: [
        { name: 'm', version: '2' },
        { name: 'm', version: '1', servedByDefault: false },
        { name: 'loading', state: 'LOADING', servedByDefault: false },
        { name: 'broken', state: 'UNAVAILABLE', servedByDefault: false },
      ],
    });
    const { client, untilReady } = await startRouter([upstream.address]);
    await untilReady(1);
    const infer = (modelName: string, modelVersion = '') =>
      client.call('inference.GRPCInferenceService/ModelInfer', { modelName, modelVersion });
    const refused = (code: number, reason: string, details: string) => ({ code, reason, details });
    const notFound = Status.NOT_FOUND;
    await expect(infer('no')).rejects.toMatchObject(
      refused(notFound, 'MODEL_NOT_FOUND', `${noModel}: 'no' is not found`),
    );
    await expect(infer('no')).rejects.toMatchObject({ field: 'model_name' });
    await expect(infer('m', '9')).rejects.toMatchObject(
      refused(notFound, 'MODEL_VERSION_NOT_FOUND', `${noModel}: 'm' version 9 is not found`),
    );
    await expect(infer('loading')).rejects.toMatchObject(
      refused(Status.UNAVAILABLE, 'MODEL_NOT_READY', `${noModel}: 'loading' version 1 is not at ready state`),
    );
    await expect(infer('broken')).rejects.toMatchObject(
      refused(Status.UNAVAILABLE, 'MODEL_NOT_READY', `${noModel}: 'broken' version 1 is not at ready state`),
    );
    await expect(infer('')).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT, reason: 'MODEL_NAME_MISSING' });
    await expect(infer('../m')).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT, reason: 'MODEL_NAME_INVALID' });
    await expect(infer('__proto__')).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
    await expect(infer('constructor')).rejects.toMatchObject({ code: notFound });
    await expect(infer('m', 'x')).rejects.toMatchObject({
      code: Status.INVALID_ARGUMENT,
      reason: 'MODEL_VERSION_INVALID',
    });
    await expect(infer('m', '-1')).rejects.toMatchObject({ code: Status.INVALID_ARGUMENT });
    await expect(client.call(embed, { modelName: 'm' })).rejects.toMatchObject({
      code: Status.INVALID_ARGUMENT,
      reason: 'TASK_UNSUPPORTED',
      field: 'model_name',
    });
    await expect(client.call(embed, {})).rejects.toMatchObject({ code: notFound, reason: 'MODEL_NO_DEFAULT' });
    expect(upstream.calls()).toBe(0);
  });

  it('is ready only when it knows what each upstream serves, so that no served model is said to be unknown', async () => {
    const quick = await startUpstream({ models: [{ name: 'a' }] });
    const slow = await startUpstream({ models: [{ name: 'b' }] });
    const gate = await startGate(slow.port);
    const { client, untilReady } = await startRouter([quick.address, gate.address]);
    await untilReady(1);
    const { ready } = await client.call('inference.GRPCInferenceService/ServerReady', {});
    gate.open();
    await client.waitUntilReady();
    const answer = await client.callBytes(modelInfer, inferRequest('b'));
    gate.close();
    expect([ready, answer.code]).toEqual([false, Status.OK]);
  });

  it('case 72: looks again for what it does not find before it has seen each upstream, since callers come as soon as it listens', async () => {
    const quick = await startUpstream({ models: [{ name: 'a' }] });
    const slow = await startUpstream({ models: [{ name: 'b' }] });
    const gate = await startGate(slow.port);
    const { client, untilReady } = await startRouter([quick.address, gate.address]);
    await untilReady(1);
    const early = client.callBytes(modelInfer, inferRequest('b'));
    const short = await client.callBytes(modelInfer, inferRequest('b'), { timeoutMs: 50 });
    gate.open();
    const answer = await early;
    const unknown = await client.callBytes(modelInfer, inferRequest('c'));
    gate.close();
    expect([short.code, answer.code, unknown.code]).toEqual([Status.DEADLINE_EXCEEDED, Status.OK, Status.NOT_FOUND]);
  });

  it('answers for itself: live, ready, metadata, index, routes', async () => {
    const upstream = await startUpstream({
      service: 'nlp',
      models: [
        {
          ...{ name: 'b', version: '10', methods: [embed], defaultOf: [embed] },
          batching: { by: 'not batched', reason: 'ReduceMax over the row axis' },
        },
        { name: 'b', version: '9', servedByDefault: false, batching: { by: 'proved' } },
        { name: 'a', state: 'LOADING', servedByDefault: false },
      ],
    });
    const { client, untilReady, routes } = await startRouter([upstream.address, '127.0.0.1:1']);
    await untilReady(1);
    // One that never speaks delays the start, and no more than that.
    await client.waitUntilReady();
    const oip = 'inference.GRPCInferenceService';
    expect(await client.call(`${oip}/ServerLive`, {})).toMatchObject({ live: true });
    expect(await client.call(`${oip}/ServerReady`, {})).toMatchObject({ ready: true });
    const metadata = await client.call(`${oip}/ServerMetadata`, {});
    expect(metadata).toMatchObject({ name: 'tributary-router', version: '0.1.0' });
    expect(metadata.extensions).toContain('binary_tensor_data');
    expect(await client.call(`${oip}/ModelReady`, { name: 'b' })).toMatchObject({ ready: true });
    expect(await client.call(`${oip}/ModelReady`, { name: 'a' })).toMatchObject({ ready: false });
    await expect(client.call(`${oip}/ModelReady`, { name: 'c' })).rejects.toMatchObject({ code: Status.NOT_FOUND });
    const index = await client.call(`${oip}/RepositoryIndex`, {});
    expect(index.models.map(({ name, version, state, reason }) => [name, version, state, reason])).toEqual([
      ['a', '1', 'LOADING', ''],
      ['b', '9', 'READY', ''],
      ['b', '10', 'READY', 'not batched: ReduceMax over the row axis'],
    ]);
    expect((await client.call(`${oip}/RepositoryIndex`, { ready: true })).models).toHaveLength(2);
    const { routes: list, upstreams } = await routes();
    expect(list.at(-1)).toMatchObject({
      modelName: 'b',
      modelVersion: '10',
      upstreams: [upstream.address],
      methods: [embed],
      defaultOf: [embed],
      refused: '',
      batching: 'not batched: ReduceMax over the row axis',
    });
    const { UPSTREAM_STATE_CONNECTING, UPSTREAM_STATE_READY } = tributary.router.v1.UpstreamState;
    expect(upstreams.map(({ address, service, state }) => [address, service, state])).toEqual(
      [
        [upstream.address, 'nlp', UPSTREAM_STATE_READY],
        ['127.0.0.1:1', '', UPSTREAM_STATE_CONNECTING],
      ].sort(),
    );
  });

  it('works in front of servers of other makers', async () => {
    const upstream = await startUpstream({
      service: 'triton',
      foreign: true,
      relay: false,
      models: [{ name: 'echo', version: '3' }],
    });
    const { client, untilReady } = await startRouter([upstream.address]);
    await untilReady(1);
    const answer = await client.callBytes(modelInfer, inferRequest('echo', 'x', undefined, '3'));
    expect(answer.headers.get('x-upstream')).toEqual([upstream.address]);
  });

  it('case 12: answers malformed messages with INVALID_ARGUMENT and skips what it does not know', async () => {
    const upstream = await startUpstream({ models: [{ name: 'echo' }] });
    const { client, untilReady } = await startRouter([upstream.address]);
    await untilReady(1);
    const good = inferRequest('echo', 'x');
    const codeOf = async (request: Uint8Array): Promise<number> => (await client.callBytes(modelInfer, request)).code;
    const malformed = [
      good.subarray(0, 3), // cut off inside the name
      Buffer.from([0xff, 0xff, 0xff, 0xff]),
      Buffer.from([10, 2, 0xed, 0xa0]), // not UTF-8
      Buffer.from([10, 0x80, 0x80, 0x80, 0x80, 0x10, 1]), // longer than the message
      Buffer.alloc(5_000, 0x0b), // groups, nested 5,000 deep
    ];
    for (const request of malformed) expect(await codeOf(request)).toBe(Status.INVALID_ARGUMENT);
    const unknownField = Buffer.from([0xba, 0x3e, 2, 1, 2]);
    const nameAsNumber = Buffer.from([8, 5]);
    expect(await codeOf(Buffer.concat([unknownField, good, nameAsNumber]))).toBe(Status.OK);
    expect(await codeOf(nameAsNumber)).toBe(Status.INVALID_ARGUMENT);
    expect(await codeOf(good)).toBe(Status.OK);
    await upstream.called(2);
    expect(upstream.calls()).toBe(2);
  });

  it('case 13: takes compressed requests, and refuses what is too large or not what it claims', async () => {
    const upstream = await startUpstream({ models: [{ name: 'echo' }] });
    const { address, client, untilReady } = await startRouter([upstream.address], ['--max-message-bytes', '64KiB']);
    await untilReady(1);
    const request = inferRequest('echo', 'x', Buffer.alloc(1_000, 1));
    const codeOf = async (body: Uint8Array, encoding: string): Promise<number> =>
      (await callRaw(address, body, encoding)).code;
    const good = await callRaw(address, frame(gzipSync(request), true), 'gzip');
    expect(good).toEqual({ code: Status.OK, body: frame(request, false) });
    expect(await codeOf(frame(gzipSync(Buffer.alloc(20_000_000)), true), 'gzip')).toBe(Status.RESOURCE_EXHAUSTED);
    expect(await codeOf(frame(Buffer.alloc(100_000), false), 'identity')).toBe(Status.RESOURCE_EXHAUSTED);
    expect(await codeOf(frame(request, false, 0xffffffff), 'identity')).toBe(Status.RESOURCE_EXHAUSTED);
    expect(await codeOf(frame(Buffer.from('no gzip at all'), true), 'gzip')).toBe(Status.INTERNAL);
    expect(await codeOf(frame(request, true), 'snappy')).toBe(Status.UNIMPLEMENTED);
    expect((await client.callBytes(modelInfer, request)).code).toBe(Status.OK);
    await upstream.called(2);
    expect(upstream.calls()).toBe(2);
  });

  it('says UNAVAILABLE rather than NOT_FOUND while a service is still loading its models', async () => {
    const loading = await startUpstream({ service: 'nlp', serving: false });
    const ready = await startUpstream({ service: 'image', models: [{ name: 'picture' }] });
    const { client, untilReady, untilRoutes } = await startRouter([loading.address, ready.address]);
    await untilReady(1);
    await untilRoutes(({ upstreams }) => upstreams.every(({ service }) => service !== ''));
    const infer = () => client.infer({ model: 'text', inputs: new Map() });
    await expect(infer()).rejects.toMatchObject({ code: Status.UNAVAILABLE, reason: 'NO_UPSTREAM' });
    loading.setModels([{ name: 'other' }]);
    await untilRoutes(({ routes }) => routes.length === 2);
    await expect(infer()).rejects.toMatchObject({ code: Status.NOT_FOUND, reason: 'MODEL_NOT_FOUND' });
  });

  it('case 32: passes every code with its details and trailers; only UNAVAILABLE and CANCELLED are its own matter', async () => {
    const models = Array.from({ length: 16 }, (_, i) => ({ name: `code-${i + 1}` }));
    const first = await startUpstream({ models });
    const second = await startUpstream({ models });
    const { client, untilReady, metrics } = await startRouter([first.address, second.address]);
    await untilReady(2);
    for (let code = 1; code <= 16; code++) {
      const answer = await client.callBytes(modelInfer, inferRequest(`code-${code}`));
      expect(answer.trailers.get('server-timing')).toEqual(['queue;dur=0.5']);
      if (code === Status.CANCELLED) {
        expect(answer).toMatchObject({ code: Status.UNAVAILABLE });
        continue;
      }
      expect(answer).toMatchObject({ code, details: `details of ${code}`, answered: true });
      expect(answer.trailers.get('grpc-status-details-bin')).toEqual([Buffer.from([8, code])]);
    }
    // Two codes were tried at both.
    expect(await attemptsOf(metrics)).toBe(16 + 2);
  });

  it("case 64: an answer over the caller's limit is RESOURCE_EXHAUSTED, without retry or ejection", async () => {
    const models = [{ name: 'bytes-5000000' }, { name: 'bytes-2000000' }];
    const first = await startUpstream({ models });
    const second = await startUpstream({ models });
    const { address, client, untilReady, routes, metrics } = await startRouter(
      [first.address, second.address],
      ['--max-answer-bytes', '4MiB'],
    );
    await untilReady(2);
    const modest = createClient(address, { maxAnswerBytes: 1_000_000 });
    const refusedByCaller = await modest.callBytes(modelInfer, inferRequest('bytes-2000000'));
    modest.close();
    expect(refusedByCaller.code).toBe(Status.RESOURCE_EXHAUSTED);
    expect(await attemptsOf(metrics)).toBe(1);
    expect((await client.callBytes(modelInfer, inferRequest('bytes-2000000'))).code).toBe(Status.OK);
    const refusedByRouter = await client.callBytes(modelInfer, inferRequest('bytes-5000000'));
    expect(refusedByRouter).toMatchObject({
      code: Status.RESOURCE_EXHAUSTED,
      details: 'the answer of the service is larger than 4194304 bytes',
    });
    expect(await attemptsOf(metrics)).toBe(3);
    expect((await routes()).upstreams.map(({ state }) => state)).toEqual([2, 2]);
  });

  it('case 67: names that nobody lists reach neither metrics nor answers of health', async () => {
    const upstream = await startUpstream({ models: [{ name: 'echo' }] });
    const { client, untilReady, metrics } = await startRouter([upstream.address]);
    await untilReady(1);
    const hostile = ['unlisted-name', 'no body"\n', '__proto__', 'constructor', 'x'.repeat(10_000), 'étrange'];
    for (const name of hostile) {
      const { code } = await client.callBytes(modelInfer, inferRequest(name));
      expect([Status.NOT_FOUND, Status.INVALID_ARGUMENT]).toContain(code);
      const health = client.call('grpc.health.v1.Health/Check', { service: `model/${name}` });
      await expect(health).rejects.toMatchObject({ code: Status.NOT_FOUND });
    }
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
    const text = await metrics();
    const models = [...text.matchAll(/model="([^"]*)"/g)].map(([, name]) => name);
    expect(new Set(models)).toEqual(new Set(['echo']));
    for (const name of hostile) expect(text).not.toContain(name);
  });

  it('case 68: refuses a name that services of different kinds claim', async () => {
    const nlp = await startUpstream({ service: 'nlp', models: [{ name: 'm' }, { name: 'other' }] });
    const image = await startUpstream({ service: 'image', models: [{ name: 'm' }] });
    const { client, untilReady, routes, untilRoutes } = await startRouter([nlp.address, image.address]);
    await untilReady(2);
    const infer = (modelName: string) => client.callBytes(modelInfer, inferRequest(modelName));
    await expect(client.infer({ model: 'm', inputs: new Map() })).rejects.toMatchObject({ reason: 'MODEL_CONFLICT' });
    expect((await infer('other')).code).toBe(Status.OK);
    expect((await routes()).routes.find(({ modelName }) => modelName === 'm')?.refused).toBe('CONFLICT');
    const health = await client.call('grpc.health.v1.Health/Check', { service: 'model/m' });
    expect(health.status).toBe(2);
    image.setModels([]);
    await untilRoutes(({ routes: list }) => list.every(({ refused }) => refused === ''));
    expect((await infer('m')).headers.get('x-upstream')).toEqual([nlp.address]);
  });

  it('case 68: a call that names a version goes only where that version is', async () => {
    const old = await startUpstream({ models: [{ name: 'm', version: '1' }] });
    const both = await startUpstream({
      models: [
        { name: 'm', version: '1', servedByDefault: false },
        { name: 'm', version: '2' },
      ],
    });
    const { client, untilReady } = await startRouter([old.address, both.address]);
    await untilReady(2);
    const upstreamsOf = async (version: string): Promise<Set<unknown>> => {
      const answers = await Promise.all(
        Array.from({ length: 60 }, () => client.callBytes(modelInfer, inferRequest('m', '', undefined, version))),
      );
      return new Set(answers.map(({ headers }) => headers.get('x-upstream')?.[0]));
    };
    expect(await upstreamsOf('2')).toEqual(new Set([both.address]));
    expect(await upstreamsOf('1')).toEqual(new Set([old.address, both.address]));
    // Without a version, every replica answers with its own default.
    expect(await upstreamsOf('')).toEqual(new Set([old.address, both.address]));
  });

  it('case 71: goes straight to its upstreams whatever proxy the environment names', async () => {
    const upstream = await startUpstream({ models: [{ name: 'echo' }] });
    const proxy = {
      grpc_proxy: 'http://127.0.0.1:1',
      http_proxy: 'http://127.0.0.1:1',
      https_proxy: 'http://127.0.0.1:1',
    };
    const { client, untilReady } = await startRouter([upstream.address], [], {
      ...proxy,
      no_proxy: '',
      no_grpc_proxy: '',
    });
    await untilReady(1);
    expect((await client.callBytes(modelInfer, inferRequest('echo'))).code).toBe(Status.OK);
  });

  it('keeps unknown fields of requests for the service', async () => {
    const upstream = await startUpstream({ models: [{ name: 'echo' }] });
    const { client, untilReady } = await startRouter([upstream.address]);
    await untilReady(1);
    const request = Buffer.concat([Buffer.from([0xba, 0x3e, 3, 1, 2, 3]), inferRequest('echo')]);
    const answer = await client.callBytes(modelInfer, request);
    expect(Buffer.from(answer.message ?? [])).toEqual(request);
    expect(inference.ModelInferRequest.decode(request).modelName).toBe('echo');
  });
});
