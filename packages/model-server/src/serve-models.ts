import { setTimeout as pause } from 'node:timers/promises';
import { TributaryError } from '@tributary/contract';
import { loadTasks, RepositoryError, type CpuPlan, type ModelInfo } from '@tributary/engine';
import { endEarlyRunner } from '@tributary/engine/early';
import { runProcess, serve, StartError, type ProcessContext } from '@tributary/serve';
import type { EarlyEngine, ModelServiceValues } from './early-engine';
import { LoadingEngine } from './loading-engine';
import { createModelServer } from './model-server';
import { modelServiceSettings, type ModelServiceDefinition } from './model-service-settings';
import { shownModels } from './model-states';
import { planFor } from './native-pool';

/** From a run that does not end to the end of the process: time for the answers that can still be given. */
const stuckGraceMs = 1000;

/**
 * The main program of a service with models: settings, log, engine, server, drain. It listens while the models are loading (health
 * says NOT_SERVING, calls are refused with SERVER_STARTING), so that a port in use is found soon and probes are answered.
 * @param early the engine that is being loaded; undefined where the settings are faulty, which runProcess explains
 */
export function serveModels(definition: ModelServiceDefinition, early: EarlyEngine | undefined): void {
  runProcess(modelServiceSettings(definition), (context) => {
    if (early === undefined) throw new Error('the settings changed while they were read');
    return runService(definition, context, early);
  });
}

async function runService(
  definition: ModelServiceDefinition,
  context: ProcessContext<ModelServiceValues>,
  early: EarlyEngine,
): Promise<void> {
  const { name, tasksModule } = definition;
  const { settings, log, registry, tracer, signal } = context;
  const plan = planFor(settings);
  log.info({ plan }, describePlan(plan));
  const engine = new LoadingEngine(plan);
  const server = createModelServer({
    engine,
    name,
    tasks: loadTasks(tasksModule),
    registry,
    readiness: settings.readiness,
  });
  const { methods, services, health } = server;
  early.attach({
    log,
    signal,
    onStuck: (model) => {
      server.markStuck();
      log.error({ model }, 'a run does not end');
      void pause(stuckGraceMs).then(() => context.kill(`a run of model ${model} does not end`));
    },
  });
  context.onReload(async () => {
    log.info('SIGHUP: reading the repository again');
    const { failed, ...done } = await engine.rescan();
    const failures = failed.map(({ model, reason }) => ({ model, reason }));
    if (failures.length > 0) log.warn({ failed: failures }, 'versions could not be loaded');
    log.info(done, 'the repository was read again');
  });
  const running = await serve({ name, settings, log, registry, tracer, methods, services, health }).catch(
    async (error: unknown) => {
      await early.abandon();
      throw error;
    },
  );
  try {
    const opened = await early.opened;
    engine.become(opened.engine);
    await opened.loaded;
    log.info(describeModels(shownModels(engine)), 'ready for calls');
    const missing = server.missing();
    if (missing.length > 0) log.warn({ missing, readiness: settings.readiness }, 'models that should answer do not');
    context.announce(running);
    await context.stopped;
  } catch (error) {
    throw signal.aborted ? error : startError(error);
  } finally {
    server.markExiting();
    await running.drain();
    await engine.close();
    // Where the engine failed before it used it.
    endEarlyRunner();
  }
}

/** What the operator can mend is said in one line. */
function startError(error: unknown): unknown {
  if (error instanceof RepositoryError) return new StartError(error.message, { cause: error });
  if (error instanceof TributaryError)
    return new StartError(`${error.message} (without --strict the others would serve)`, { cause: error });
  return error;
}

function describeModels(models: readonly ModelInfo[]): { ready: string[]; unavailable: string[] } {
  const names = (ready: boolean): string[] =>
    models.filter(({ state }) => (state === 'READY') === ready).map(({ name, version }) => `${name}/${version}`);
  return { ready: names(true), unavailable: names(false) };
}

function describePlan({ cpuBudget, source, sessionLanes, intraOpThreads, taskLanes, nativeThreads }: CpuPlan): string {
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return (
    `${count(cpuBudget, 'core')} (${source}): ${count(sessionLanes, 'session lane')} of ${count(intraOpThreads, 'thread')}, ` +
    `${count(taskLanes, 'task lane')}, ${count(nativeThreads, 'thread')} for native work`
  );
}
