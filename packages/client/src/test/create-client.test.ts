import { afterEach, describe, expect, it } from '@jest/globals';
import { Metadata, status } from '@grpc/grpc-js';
import {
  encodeStatusDetails,
  grpc,
  inference,
  refusal,
  rpcMethods,
  serverStreamRpcs,
  Status,
  tributary,
  unaryRpcs,
} from '@tributary/contract';
import { CallError } from '../call-error';
import { createClient, type Client } from '../create-client';
import { startBytesServer } from './bytes-server';

const closers: (() => void)[] = [];

afterEach(() => {
  for (const close of closers.splice(0)) close();
});

async function clientOf(methods: Parameters<typeof startBytesServer>[0], port = 0): Promise<Client> {
  const { server, address } = await startBytesServer(methods, port);
  const client = createClient(address);
  closers.push(() => {
    client.close();
    server.forceShutdown();
  });
  return client;
}

const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;

const buffer = (message: { finish(): Uint8Array }): Buffer => Buffer.from(message.finish());

describe('createClient', () => {
  it('knows every RPC of the contract by its messages, except reflection', () => {
    const packages = { grpc, inference, tributary };
    const classOf = (name: string): unknown =>
      name.split('.').reduce<unknown>((scope, part) => (scope as Record<string, unknown>)[part], packages);
    const rows = new Map<string, { request: unknown; response: unknown }>(
      Object.entries({ ...unaryRpcs, ...serverStreamRpcs }).map(([name, row]) => [`/${name}`, row]),
    );
    for (const method of rpcMethods.values()) {
      if (method.requestStream) continue;
      expect(rows.get(method.path)?.request).toBe(classOf(method.requestType));
      expect(rows.get(method.path)?.response).toBe(classOf(method.responseType));
      rows.delete(method.path);
    }
    expect([...rows.keys()]).toEqual([]);
  });

  it('encodes requests and decodes answers, with their metadata', async () => {
    const { EmbedRequest, EmbedResponse } = tributary.nlp.v1;
    const client = await clientOf({
      '/tributary.nlp.v1.NlpService/Embed': {
        unary: (call, callback) => {
          const { texts } = EmbedRequest.decode(call.request);
          const trailers = new Metadata();
          trailers.set('server-timing', 'queue;dur=1');
          const embeddings = texts.map((text) => ({ values: [text.length, 0.5] }));
          callback(null, buffer(EmbedResponse.encode({ modelName: 'm', embeddings })), trailers);
        },
      },
    });
    const { response, trailers } = await client.exchange('tributary.nlp.v1.NlpService/Embed', { texts: ['a', 'bcd'] });
    expect(response.modelName).toBe('m');
    expect(response.embeddings.map(({ values }) => values)).toEqual([
      [1, 0.5],
      [3, 0.5],
    ]);
    expect(response.timing).toBeNull();
    expect(trailers.get('server-timing')).toEqual(['queue;dur=1']);
  });

  it('carries tensors raw', async () => {
    const { ModelInferRequest, ModelInferResponse } = inference;
    const client = await clientOf({
      '/inference.GRPCInferenceService/ModelInfer': {
        unary: (call, callback) => {
          const { modelName, modelVersion, id, inputs, rawInputContents } = ModelInferRequest.decode(call.request);
          const outputs = inputs.map((input) => ({ ...input, name: `${input.name}'` }));
          const answer = { modelName, modelVersion, id, outputs, rawOutputContents: rawInputContents };
          callback(null, buffer(ModelInferResponse.encode(answer)));
        },
      },
    });
    const bytes = new Uint8Array(new Float32Array([1.5, -2]).buffer);
    const answer = await client.infer({
      model: 'm',
      version: '7',
      id: 'x',
      inputs: new Map([['in', { datatype: 'FP32', shape: [1, 2], bytes }]]),
    });
    expect(answer).toMatchObject({ model: 'm', version: '7', id: 'x' });
    const tensor = answer.outputs.get("in'");
    expect(tensor).toMatchObject({ datatype: 'FP32', shape: [1, 2] });
    expect([...(tensor?.bytes ?? [])]).toEqual([...bytes]);
  });

  it('turns refusals into CallError with reason and field', async () => {
    const error = refusal('MODEL_NOT_FOUND', { model: 'nobody' }, { field: 'model_name', retryDelayMs: 250 });
    const client = await clientOf({
      '/tributary.nlp.v1.NlpService/Embed': {
        unary: (_call, callback) => {
          const metadata = new Metadata();
          metadata.set('grpc-status-details-bin', encodeStatusDetails(error));
          callback({ code: status.NOT_FOUND, details: error.message, metadata });
        },
      },
    });
    const failed = client.call('tributary.nlp.v1.NlpService/Embed', { modelName: 'nobody' });
    await expect(failed).rejects.toBeInstanceOf(CallError);
    await expect(failed).rejects.toMatchObject({
      code: Status.NOT_FOUND,
      details: "Request for unknown model: 'nobody' is not found",
      reason: 'MODEL_NOT_FOUND',
      field: 'model_name',
      retryDelayMs: 250,
    });
  });

  it('streams until the caller leaves', async () => {
    const { HealthCheckRequest, HealthCheckResponse } = grpc.health.v1;
    let cancelled = (): void => undefined;
    const cancellation = new Promise<void>((resolve) => (cancelled = resolve));
    const client = await clientOf({
      '/grpc.health.v1.Health/Watch': {
        stream: (call) => {
          call.on('cancelled', cancelled);
          expect(HealthCheckRequest.decode(call.request).service).toBe('model/m');
          for (const current of [NOT_SERVING, SERVING, NOT_SERVING]) {
            call.write(buffer(HealthCheckResponse.encode({ status: current })));
          }
        },
      },
    });
    const seen: number[] = [];
    for await (const { status: current } of client.stream('grpc.health.v1.Health/Watch', { service: 'model/m' })) {
      seen.push(current);
      if (seen.length === 3) break;
    }
    expect(seen).toEqual([2, 1, 2]);
    await cancellation;
  });

  it('waits until the server is there and serving', async () => {
    const { server, address } = await startBytesServer({});
    server.forceShutdown();
    const client = createClient(address);
    closers.push(() => {
      client.close();
    });
    let finished = false;
    const ready = client.waitUntilReady().then(() => (finished = true));
    let serve = (): void => undefined;
    const watched = new Promise<void>((resolve) => {
      void clientOf(
        {
          '/grpc.health.v1.Health/Watch': {
            stream: (call) => {
              const write = (current: grpc.health.v1.HealthCheckResponse.ServingStatus): void => {
                call.write(buffer(grpc.health.v1.HealthCheckResponse.encode({ status: current })));
              };
              write(NOT_SERVING);
              serve = () => {
                write(SERVING);
              };
              resolve();
            },
          },
        },
        Number(address.split(':')[1]),
      );
    });
    await watched;
    expect(finished).toBe(false);
    serve();
    await ready;
  });

  it('stops waiting when it is told to', async () => {
    const client = createClient('127.0.0.1:1');
    closers.push(() => {
      client.close();
    });
    const controller = new AbortController();
    const ready = client.waitUntilReady(controller.signal);
    controller.abort(new Error('enough'));
    await expect(ready).rejects.toThrow('enough');
  });
});
