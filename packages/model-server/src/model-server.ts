import { rpcMethods } from '@tributary/contract';
import type { Engine, TaskTable } from '@tributary/engine';
import type { createMetrics, HealthSource, Method, UnaryHandler } from '@tributary/serve';
import { EngineHealth, type Readiness } from './engine-health';
import { InferenceMetrics } from './metrics/inference-metrics';
import { modelServiceMethods } from './model-service';
import { modelInfer } from './open-inference/model-infer';
import { modelMetadata, modelReady, repositoryIndex } from './open-inference/model-rpcs';
import { serverLive, serverMetadata, serverReady } from './open-inference/server-rpcs';
import { taskMethods } from './task-methods';

/** Services that every process with models has, whatever its models are for. */
const openInferenceService = 'inference.GRPCInferenceService';
const commonServices = [openInferenceService, 'tributary.model.v1.ModelService'];

/** What a model server is made of. */
export interface ModelServerOptions {
  readonly engine: Engine;
  /** Kind of service in ListModels, e.g. `nlp`. */
  readonly name: string;
  /** The service's tasks, as on the engine's task lanes; empty: tensors only. */
  readonly tasks: TaskTable;
  readonly registry: Parameters<typeof createMetrics>[0];
  /** When the process counts as ready; default: once every model answers. */
  readonly readiness?: Readiness;
}

/** An engine as seen from gRPC: what serve() needs of it. */
export interface ModelServer {
  readonly methods: readonly Method[];
  readonly services: readonly string[];
  readonly health: HealthSource;
  /** Names of the models that should answer and do not. */
  missing(): readonly string[];
  /** From now on nothing here is serving: a run does not end, and the process is about to. */
  markStuck(): void;
  /** From now on ServerLive and ServerReady say that the server exits. */
  markExiting(): void;
}

/** Puts Open Inference, the task RPCs, the list of models, health and metrics over an engine. */
export function createModelServer({ engine, name, tasks, registry, readiness }: ModelServerOptions): ModelServer {
  const taskRpcs = taskMethods(engine, tasks);
  const services = [...commonServices, ...new Set(taskRpcs.map(({ path }) => rpcMethods.get(path)!.service))];
  const health = new EngineHealth(engine, services, readiness);
  new InferenceMetrics(engine, registry);
  const state = { exiting: false, ready: () => health.ready() };
  return {
    methods: [
      openInference('ServerLive', serverLive(state)),
      openInference('ServerReady', serverReady(state)),
      openInference('ServerMetadata', serverMetadata),
      openInference('ModelReady', modelReady(engine)),
      openInference('ModelMetadata', modelMetadata(engine)),
      {
        path: `/${openInferenceService}/ModelInfer`,
        kind: 'unaryInPieces',
        role: 'infer',
        handler: modelInfer(engine),
      },
      openInference('RepositoryIndex', repositoryIndex(engine)),
      ...modelServiceMethods(engine, name, tasks),
      ...taskRpcs,
    ],
    services,
    health,
    missing: () => health.missing(),
    markStuck: () => health.markStuck(),
    markExiting: () => {
      state.exiting = true;
    },
  };
}

function openInference(rpc: string, handler: UnaryHandler): Method {
  return { path: `/${openInferenceService}/${rpc}`, kind: 'unary', role: 'observe', handler };
}
