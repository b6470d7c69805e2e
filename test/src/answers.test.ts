import { describe, expect, it } from '@jest/globals';
import { loadExamples, runExample } from '@tributary/cli';
import { grpc } from '@tributary/contract';
import { floats, loadGolden } from './support/golden';
import { models, services, useSystem } from './support/system';

const shipped = [
  ['image', 'efficientnet-lite0'],
  ['nlp', 'bge-small-en'],
  ['nlp', 'sentiment'],
  ['recommendation', 'movies'],
] as const;

describe('the whole system', () => {
  const system = useSystem();
  const examples = loadExamples(models, services);

  it.each(examples.map((example) => [example.model, example] as const))(
    'answers %s as its source model does, through the router and on the port of its own service',
    async (_model, example) => {
      const service = services.find((name) => example.folder.includes(`/${name}/`))!;
      for (const process of ['router', service] as const) {
        const { faults } = await runExample(system.client(process), example);
        expect({ process, faults }).toEqual({ process, faults: [] });
      }
    },
  );

  it.each(shipped)('answers tensors for %s/%s as Python onnxruntime does', async (service, name) => {
    const { cases, tolerance } = loadGolden(service, name);
    expect(cases.length).toBeGreaterThan(0);
    for (const { inputs, outputs } of cases) {
      for (const process of ['router', service] as const) {
        const answer = await system.client(process).infer({ model: name, inputs });
        for (const [output, { shape, values }] of outputs) {
          const tensor = answer.outputs.get(output)!;
          expect(tensor.shape).toEqual(shape);
          const got = floats(tensor);
          const worst = values.reduce((most, value, i) => Math.max(most, Math.abs(value - (got[i] ?? Infinity))), 0);
          expect(worst).toBeLessThanOrEqual(tolerance);
        }
      }
    }
  });

  it('uses the default model of an RPC when none is named, and says which one answered', async () => {
    const router = system.client('router');
    const { response, trailers } = await router.exchange('tributary.nlp.v1.NlpService/Classify', {
      texts: ['What a lovely day!'],
    });
    expect(response).toMatchObject({ modelName: 'sentiment', modelVersion: '1' });
    expect(response.results[0]?.labels[0]?.label).toBe('positive');
    expect(Number(response.timing?.inferenceUs)).toBeGreaterThan(0);
    expect(response.timing?.batchSize).toBeGreaterThanOrEqual(1);
    expect(trailers.get('server-timing')).toBeUndefined();
  });

  it('tells the timing of a tensor call in server-timing, also through the router', async () => {
    const { cases } = loadGolden('recommendation', 'movies');
    const [first] = cases;
    const inputs = [...first!.inputs];
    const { trailers } = await system.client('router').exchange('inference.GRPCInferenceService/ModelInfer', {
      modelName: 'movies',
      inputs: inputs.map(([name, { datatype, shape }]) => ({ name, datatype, shape: [...shape] })),
      rawInputContents: inputs.map(([, { bytes }]) => bytes),
    });
    expect(String(trailers.get('server-timing')?.[0])).toMatch(/queue;dur=[\d.]+.*inference;dur=[\d.]+/);
  });

  it('lists every model with its upstream and methods', async () => {
    const { routes, upstreams } = await system
      .client('router')
      .call('tributary.router.v1.RouterService/ListRoutes', {});
    expect(routes.map((route) => [route.modelName, route.modelVersion, ...route.upstreams])).toEqual(
      [...shipped]
        .sort(([, a], [, b]) => (a < b ? -1 : 1))
        .map(([service, name]) => [name, '1', system.address(service)]),
    );
    expect(routes.find((route) => route.modelName === 'sentiment')?.defaultOf).toEqual([
      'tributary.nlp.v1.NlpService/Classify',
    ]);
    expect(upstreams.map((upstream) => upstream.service).sort()).toEqual([...services]);
  });

  it('gives the state of the process, of each gRPC service and of each model as health', async () => {
    const { SERVING } = grpc.health.v1.HealthCheckResponse.ServingStatus;
    const names = [
      '',
      'liveness',
      'readiness',
      'inference.GRPCInferenceService',
      'tributary.image.v1.ImageService',
      'tributary.nlp.v1.NlpService',
      'tributary.recommendation.v1.RecommendationService',
      'tributary.router.v1.RouterService',
      ...shipped.map(([, name]) => `model/${name}`),
    ];
    for (const service of names) {
      const { status } = await system.client('router').call('grpc.health.v1.Health/Check', { service });
      expect({ service, status }).toEqual({ service, status: SERVING });
    }
    await expect(
      system.client('router').call('grpc.health.v1.Health/Check', { service: 'model/none' }),
    ).rejects.toMatchObject({ code: 5 });
  });

  it.each(['router', ...services] as const)('%s shows its metrics', async (process) => {
    const page = await (await fetch(`http://127.0.0.1:${system.ports(process).metricsPort}/metrics`)).text();
    expect(page).toContain('tributary_');
    if (process !== 'router') expect(page).toMatch(/nv_inference_request_success\{[^}]*model="/);
  });
});
