import { tributary } from '@tributary/contract';
import { createLog, defineSettings, loadSettings, Registry, serve, serveSettingsShape } from '@tributary/serve';
import { answerParent } from '../process/child-program';
import { modelInferPath } from '../workloads/tensor-workload';
import type { FleetProgram } from './fleet';

const { WatchModelsResponse, ModelState } = tributary.model.v1;

let answered = 0;

const settings = loadSettings(
  defineSettings({
    name: 'fleet',
    summary: 'Many servers that answer one model each.',
    shape: serveSettingsShape({ grpc: 0, metrics: 0 }),
  }),
  { argv: ['--grpc-port=0', '--metrics-port=0', '--log-level=warn'], env: {} },
);
const { log } = createLog({ name: 'fleet', logLevel: settings.logLevel, logFormat: settings.logFormat });
const model = { name: 'echo', version: '1', state: ModelState.MODEL_STATE_READY, servedByDefault: true };
const models = WatchModelsResponse.encode({ service: 'fleet', models: [model] }).finish();

/** Our server with all it does for a call, its health and its watch of models, and no work behind it. */
async function startOne(answer: Uint8Array): Promise<number> {
  const server = await serve({
    name: 'fleet',
    settings,
    log,
    registry: new Registry(),
    methods: [
      {
        path: modelInferPath,
        kind: 'unaryInPieces',
        handler: () => {
          answered++;
          return Promise.resolve(answer);
        },
      },
      {
        path: '/tributary.model.v1.ModelService/WatchModels',
        kind: 'serverStream',
        openEnded: true,
        handler: async (_request, { signal }, write) => {
          await write(models);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
        },
      },
    ],
    health: { ready: () => true, status: () => undefined, onChange: () => () => undefined },
    services: [],
  });
  return server.grpcPort;
}

async function listen({ count, answer }: { readonly count: number; readonly answer: Uint8Array }): Promise<number[]> {
  const ports: number[] = [];
  for (let i = 0; i < count; i++) ports.push(await startOne(Buffer.from(answer)));
  return ports;
}

answerParent<FleetProgram>({ listen, answered: () => Promise.resolve(answered) });
