import { afterEach, describe, expect, it } from '@jest/globals';
import { createClient } from '@tributary/client';
import { grpc } from '@tributary/contract';
import { createEngine, planCpus, type Engine } from '@tributary/engine';
import { fp32, identity } from '@tributary/engine/testing';
import { createLog, loadSettings, Registry, serve } from '@tributary/serve';
import { LoadingEngine } from '../loading-engine';
import { createModelServer } from '../model-server';
import { modelServiceSettings } from '../model-service-settings';
import { refusalOf, temporaryRepository } from '../testing';

const { SERVING, NOT_SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;

const undo: (() => unknown)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

describe('while models are loaded', () => {
  it('case 52: the process listens, is not ready, refuses calls, and tells watchers when it is ready', async () => {
    const repository = temporaryRepository({ good: { model: identity('FP32', ['n']) } });
    undo.push(() => repository.remove());
    const engine = new LoadingEngine(planCpus());
    undo.push(() => engine.close());
    const registry = new Registry();
    const server = createModelServer({ engine, name: 'test', tasks: [], registry });
    const definition = modelServiceSettings({
      name: 'test',
      summary: '',
      tasksModule: '',
      ports: { grpc: 0, metrics: 0 },
      repository: repository.folder,
    });
    const { log } = createLog({ name: 'test', logLevel: 'fatal', logFormat: 'json' });
    const settings = loadSettings(definition, { argv: [], env: {} });
    const running = await serve({ ...server, name: 'test', settings, log, registry });
    undo.push(() => running.drain());
    const client = createClient(`127.0.0.1:${running.grpcPort}`);
    undo.push(() => client.close());

    const inputs = new Map([['input', fp32([1], [1])]]);
    expect(await refusalOf(client.infer({ model: 'good', inputs }))).toMatchObject({
      status: 'UNAVAILABLE',
      reason: 'SERVER_STARTING',
    });
    const { models } = await client.call('inference.GRPCInferenceService/RepositoryIndex', {});
    expect(models).toEqual([]);

    const watched: number[] = [];
    const watching = (async () => {
      for await (const answer of client.stream('tributary.model.v1.ModelService/WatchModels', {})) {
        watched.push(answer.models.length);
        if (answer.models.length > 0) break;
      }
    })();

    let loaded: Promise<void> | undefined;
    const statuses: number[] = [];
    for await (const { status } of client.stream('grpc.health.v1.Health/Watch', { service: 'readiness' })) {
      statuses.push(status);
      if (status === SERVING) break;
      loaded ??= createEngine({ repository: repository.folder }).then((opened: Engine) => engine.become(opened));
    }
    await loaded;
    await watching;
    expect(statuses).toEqual([NOT_SERVING, SERVING]);
    expect(watched).toEqual([0, 1]);
    expect((await client.infer({ model: 'good', inputs })).version).toBe('1');
    const metrics = await registry.metrics();
    expect(metrics).toContain('nv_inference_count{model="good",version="1"} 1');
  });
});
