import type { Engine, EngineLog, EngineOptions } from './engine';
import { sessionScript } from './sessions/early-thread';
import { loadTasks } from './tasks/load-tasks';
import { taskScript } from './tasks/task-lane';
import { disableOrtTelemetry } from './sessions/ort-environment';
import { LocalEngine, type LaneScripts } from './local-engine';
import { scanRepository } from './models/repository/scan-repository';
import { ServedModel } from './models/served-model';

const silentLog: EngineLog = { info: () => undefined, warn: () => undefined, error: () => undefined };

const laneScripts: LaneScripts = { session: sessionScript, task: taskScript };

/**
 * Loads every version of every model of a repository and serves them.
 * Resolves when each is READY or UNAVAILABLE.
 * @throws RepositoryError where the repository cannot be read; Error where the tasks module cannot be loaded; TributaryError
 *   where `strict` is set and a model cannot be loaded, or where `signal` aborted
 */
export function createEngine(options: EngineOptions): Promise<Engine> {
  return assembleEngine(options, laneScripts);
}

/** createEngine with the threads' scripts given. */
export async function assembleEngine(options: EngineOptions, scripts: LaneScripts): Promise<Engine> {
  disableOrtTelemetry();
  const { versions, ignored } = await scanRepository(options.repository);
  const log = options.log ?? silentLog;
  for (const { folder, why } of ignored) log.warn({ folder }, `passed over: ${why}`);
  const models = versions.map((version, index) => new ServedModel(index, version));
  // Before any thread starts: a module that fails leaves nothing behind.
  const tasks = options.tasksModule === undefined ? [] : loadTasks(options.tasksModule);
  const engine = new LocalEngine(options, scripts, models, tasks, log);
  try {
    await engine.load();
    return engine;
  } catch (error) {
    await engine.close();
    throw error;
  }
}
