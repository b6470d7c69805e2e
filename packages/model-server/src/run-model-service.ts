import { setFlagsFromString } from 'node:v8';
import { endEarlyRunner, startEarlyRunner } from '@tributary/engine/early';
import type * as EarlyEngineModule from './early-engine';
import type { ModelServiceDefinition } from './model-service-settings';
import type * as ServeModelsModule from './serve-models';

/**
 * The main program of a service with models, importable as `@tributary/model-server/run`. What takes longest at a start is begun
 * first: the runner, which loads ONNX Runtime, then the model in it, and only then, while both work, all that serving needs.
 */
export function runModelService(definition: ModelServiceDefinition): void {
  // Requests are memory outside of V8's heap, and beside a heap of 14 MB those that wait look like growth: V8 would collect all of it
  // every 30 calls of 602 KB, for a tenth of what a call costs. Set here and not later:
  // once the models were loaded it had no effect.
  setFlagsFromString('--heap-growing-percent=400');
  startEarlyRunner();
  void run(definition);
}

async function run(definition: ModelServiceDefinition): Promise<void> {
  /* eslint-disable @typescript-eslint/no-require-imports -- in this order */
  const { beginLoading } = require('./early-engine') as typeof EarlyEngineModule;
  const early = beginLoading(definition);
  // Requiring holds this thread: the first model should be on its way before.
  if (early === undefined) endEarlyRunner();
  else await early.loading;
  const { serveModels } = require('./serve-models') as typeof ServeModelsModule;
  /* eslint-enable @typescript-eslint/no-require-imports */
  serveModels(definition, early);
}
