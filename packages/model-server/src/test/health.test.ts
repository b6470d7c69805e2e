import { afterEach, describe, expect, it } from '@jest/globals';
import { grpc } from '@tributary/contract';
import { identity } from '@tributary/engine/testing';
import { refusalOf, startTestServer, temporaryRepository, type TemporaryRepository, type TestServer } from '../testing';

const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;

const good = { model: identity('FP32', ['n']) };
const bad = { model: Buffer.from('no model at all') };

let repository: TemporaryRepository;
let server: TestServer | undefined;

async function start(models: Record<string, { model: Uint8Array }>, strict = false): Promise<TestServer> {
  repository = temporaryRepository(models);
  server = await startTestServer({ repository: repository.folder, strict });
  return server;
}

afterEach(async () => {
  await server?.close();
  server = undefined;
  repository.remove();
});

const check = async (service: string): Promise<number> =>
  (await server!.client.call('grpc.health.v1.Health/Check', { service })).status;

describe('health', () => {
  it('case 51: of three models one is bad; two serve, the third is NOT_SERVING, and the process is not ready', async () => {
    const { client } = await start({ one: good, two: good, three: bad });
    expect(await check('')).toBe(SERVING);
    expect(await check('readiness')).toBe(NOT_SERVING);
    expect(await client.call('inference.GRPCInferenceService/ServerReady', {})).toMatchObject({ ready: false });
    expect(await check('model/one')).toBe(SERVING);
    expect(await check('model/two')).toBe(SERVING);
    expect(await check('model/three')).toBe(NOT_SERVING);
  });

  it('case 51: strict, a bad model stops the start and is named', async () => {
    const starting = start({ one: good, three: bad }, true);
    await expect(starting).rejects.toMatchObject({ name: 'TributaryError' });
  });

  it('is not ready where no model answers, but lives', async () => {
    const { client } = await start({ three: bad });
    expect(await check('')).toBe(NOT_SERVING);
    expect(await check('liveness')).toBe(SERVING);
    expect(await client.call('inference.GRPCInferenceService/ServerReady', {})).toMatchObject({ ready: false });
    expect(await client.call('inference.GRPCInferenceService/ServerLive', {})).toMatchObject({ live: true });
  });

  it('knows its gRPC services, and no other name', async () => {
    await start({ one: good });
    expect(await check('inference.GRPCInferenceService')).toBe(SERVING);
    expect(await check('tributary.model.v1.ModelService')).toBe(SERVING);
    for (const service of ['model/nobody', 'model/', 'something']) {
      const call = server!.client.call('grpc.health.v1.Health/Check', { service });
      expect(await refusalOf(call)).toMatchObject({ status: 'NOT_FOUND', reason: 'SERVICE_UNKNOWN' });
    }
  });
});
