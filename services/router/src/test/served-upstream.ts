// An upstream behind the same door as the services, for what depends on how that door drains. SIGTERM drains it.
import { inference, tributary } from '@tributary/contract';
import { defineSettings, runProcess, serve, serveSettingsShape } from '@tributary/serve';
import { modelInfer } from './load';

const { WatchModelsResponse, ModelState } = tributary.model.v1;
const models = ['echo', 'defect'].map((name) => ({
  name,
  version: '1',
  state: ModelState.MODEL_STATE_READY,
  servedByDefault: true,
}));
const definition = defineSettings({
  name: 'echo',
  summary: 'Answers requests with themselves, a little later, and with the metadata that came in the trailer x-seen.',
  shape: serveSettingsShape({ grpc: 0, metrics: 0 }),
});

runProcess(definition, async (context) => {
  const { settings, log, registry } = context;
  const server = await serve({
    name: 'echo',
    settings,
    log,
    registry,
    methods: [
      {
        path: modelInfer,
        kind: 'unary',
        role: 'infer',
        handler: async (request, context) => {
          const metadata = Object.fromEntries([...context.metadata].filter(([key]) => !key.startsWith('grpc-')));
          context.setTrailer('x-seen', JSON.stringify({ requestId: context.requestId, metadata }));
          if (inference.ModelInferRequest.decode(request).modelName === 'defect') throw new Error('a defect');
          return new Promise((resolve) => setTimeout(resolve, 5, request));
        },
      },
      {
        path: '/tributary.model.v1.ModelService/WatchModels',
        kind: 'serverStream',
        role: 'observe',
        openEnded: true,
        handler: async (_request, { signal }, write) => {
          await write(WatchModelsResponse.encode({ service: 'echo', models }).finish());
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    ],
    services: ['inference.GRPCInferenceService'],
    health: { ready: () => true, status: () => undefined, onChange: () => () => undefined },
  });
  context.announce(server);
  await context.stopped;
  await server.drain();
});
