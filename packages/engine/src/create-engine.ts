import { planCpus } from './cpu/plan-cpus';
import type { Engine, EngineLog, EngineOptions } from './engine';
import { defaultMaxOutputBytes, LocalEngine, type EngineParts } from './local-engine';
import { scanRepository } from './models/repository/scan-repository';
import { GraphThread } from './onnx/graph-thread';
import { openSessionHost } from './sessions/open-session-host';
import { disableOrtTelemetry } from './sessions/ort-environment';
import { loadTasks } from './tasks/load-tasks';
import { taskScript } from './tasks/task-lane';

const silentLog: EngineLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** An engine that serves, and the end of its first loads. */
export interface OpenedEngine {
  readonly engine: Engine;
  /**
   * Resolves when each version that was found serves or has failed. Rejects with a TributaryError where `strict` is set and one has
   * failed, or where `signal` aborted; then the engine is closed.
   */
  readonly loaded: Promise<void>;
}

/**
 * Opens an engine over a repository. It serves from the start: each version as soon as it is loaded, whatever becomes of the others.
 * @throws RepositoryError where the repository cannot be read; Error where the tasks module cannot be loaded
 */
export function openEngine(options: EngineOptions): Promise<OpenedEngine> {
  return assembleEngine(options, {});
}

/**
 * Loads every version of every model of a repository and serves them.
 * Resolves when each serves or has failed, and what is not needed for a first answer is found out.
 * @throws what openEngine throws, and what its `loaded` rejects with
 */
export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { engine, loaded } = await openEngine(options);
  await loaded;
  await engine.settled();
  return engine;
}

/** openEngine with some of its parts given. */
export async function assembleEngine(options: EngineOptions, given: Partial<EngineParts>): Promise<OpenedEngine> {
  disableOrtTelemetry();
  const { versions, ignored } = await scanRepository(options.repository);
  const log = options.log ?? silentLog;
  for (const { folder, why } of ignored) log.warn({ folder }, `passed over: ${why}`);
  // Before any thread starts: a module that fails leaves nothing behind.
  const definitions = options.tasksModule === undefined ? [] : loadTasks(options.tasksModule);
  const plan = planCpus({
    ...(options.cpuBudget !== undefined && { cpuBudget: options.cpuBudget }),
    hasTasks: options.tasksModule !== undefined,
  });
  const engine = new LocalEngine(options, {
    ...{ plan, definitions, taskScript, log, graphs: new GraphThread() },
    openHost: (events) =>
      openSessionHost({
        isolation: options.isolation ?? 'runner',
        lanes: plan.sessionLanes,
        maxOutputBytes: options.maxOutputBytes ?? defaultMaxOutputBytes,
        runMemoryBytes: options.runMemoryBytes,
        ...{ events, log },
      }),
    ...given,
  });
  const loaded = engine.begin(versions).catch(async (error: unknown) => {
    await engine.close();
    throw error;
  });
  // Whoever waits hears of it; nobody has to.
  loaded.catch(() => undefined);
  return { engine, loaded };
}
