import { tributary } from '@tributary/contract';
import type { Engine, ModelInfo, TaskTable } from '@tributary/engine';
import type { Method } from '@tributary/serve';
import { wireBatching, wireFile } from './model-file';
import { defaultMethodsOf, methodsOf } from './model-methods';
import { shownModels, shownReason, shownState, type ShownState } from './model-states';

const { ListModelsResponse, ModelState: WireState, WatchModelsResponse } = tributary.model.v1;

const states: Readonly<Record<ShownState, tributary.model.v1.ModelState>> = {
  LOADING: WireState.MODEL_STATE_LOADING,
  READY: WireState.MODEL_STATE_READY,
  UNAVAILABLE: WireState.MODEL_STATE_UNAVAILABLE,
};

/** `tributary.model.v1.ModelService`: what this process serves, for routers and people. `service` is the process's kind. */
export function modelServiceMethods(engine: Engine, service: string, tasks: TaskTable): Method[] {
  const answer = (): { service: string; models: tributary.model.v1.Model.$Properties[] } => ({
    service,
    models: shownModels(engine).map((model) => wireModel(model, tasks)),
  });
  return [
    {
      path: '/tributary.model.v1.ModelService/ListModels',
      kind: 'unary',
      role: 'observe',
      handler: () => Promise.resolve(ListModelsResponse.encode(answer()).finish()),
    },
    {
      path: '/tributary.model.v1.ModelService/WatchModels',
      kind: 'serverStream',
      role: 'observe',
      openEnded: true,
      handler: async (_request, { signal }, write) => {
        const changes = new Changes(engine, signal);
        try {
          // Whatever changes while one answer is written makes one more answer, however often it changes.
          do await write(WatchModelsResponse.encode(answer()).finish());
          while (await changes.next());
          throw signal.reason;
        } finally {
          changes.stop();
        }
      },
    },
  ];
}

function wireModel(model: ModelInfo, tasks: TaskTable): tributary.model.v1.Model.$Properties {
  return {
    name: model.name,
    version: model.version,
    task: model.task,
    state: states[shownState(model.state)],
    reason: shownReason(model),
    methods: [...methodsOf(model, tasks)],
    defaultOf: [...defaultMethodsOf(model, tasks)],
    loadMs: Math.round(model.loadMs),
    fileBytes: model.fileBytes,
    memoryBytes: Math.max(0, Math.round(model.memoryBytes)),
    servedByDefault: model.servedByDefault,
    ...(model.inputs.length + model.outputs.length > 0 && { file: wireFile(model) }),
    ...(model.state === 'READY' && { batching: wireBatching(model) }),
  };
}

/** Waits for the engine's models to change, until the call ends. */
class Changes {
  private pending = false;
  private wake: (() => void) | undefined;
  private readonly stopObserving: () => void;
  private readonly onAbort = (): void => this.wake?.();

  constructor(
    engine: Engine,
    private readonly signal: AbortSignal,
  ) {
    this.stopObserving = engine.observe({
      modelsChanged: () => {
        this.pending = true;
        this.wake?.();
      },
    });
    signal.addEventListener('abort', this.onAbort);
  }

  /** True: something changed since the last time; false: the call is over. */
  async next(): Promise<boolean> {
    while (!this.pending && !this.signal.aborted) await new Promise<void>((resolve) => (this.wake = resolve));
    this.pending = false;
    return !this.signal.aborted;
  }

  stop(): void {
    this.stopObserving();
    this.signal.removeEventListener('abort', this.onAbort);
  }
}
