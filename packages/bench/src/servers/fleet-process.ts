import { setTimeout as wait } from 'node:timers/promises';
import { tributary } from '@tributary/contract';
import { createLog, defineSettings, loadSettings, Registry, serve, serveSettingsShape } from '@tributary/serve';
import { answerParent } from '../process/child-program';
import { modelInferPath } from '../workloads/tensor-workload';
import type { FleetChanges, FleetProgram } from './fleet';

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

function modelsIn(state: tributary.model.v1.ModelState): Uint8Array {
  const model = { name: 'echo', version: '1', state, servedByDefault: true };
  return WatchModelsResponse.encode({ service: 'fleet', models: [model] }).finish();
}

const ready = modelsIn(ModelState.MODEL_STATE_READY);
const unavailable = modelsIn(ModelState.MODEL_STATE_UNAVAILABLE);

/** One of the servers. */
interface FleetServer {
  models: Uint8Array;
  /** Who watches its models. */
  readonly watchers: Set<(message: Uint8Array) => Promise<void>>;
}

const servers: FleetServer[] = [];

/** Our server with all it does for a call, its health and its watch of models, and no work behind it. */
async function startOne(answer: Uint8Array): Promise<number> {
  const own: FleetServer = { models: ready, watchers: new Set() };
  servers.push(own);
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
          await write(own.models);
          own.watchers.add(write);
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          own.watchers.delete(write);
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

async function change({ count, pauseMs }: FleetChanges): Promise<void> {
  for (let i = 0; i < count; i++) {
    const server = servers[i % servers.length]!;
    server.models = server.models === ready ? unavailable : ready;
    await Promise.all([...server.watchers].map((write) => write(server.models)));
    await wait(pauseMs);
  }
}

answerParent<FleetProgram>({ listen, answered: () => Promise.resolve(answered), change });
