import type { TaskTable } from './task';

/**
 * Requires a service's tasks module.
 * @throws Error where it does not export `tasks`
 */
export function loadTasks(path: string): TaskTable {
  // The path is given at run time.
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { tasks } = require(path) as { tasks?: TaskTable | undefined };
  if (typeof tasks?.[Symbol.iterator] !== 'function') throw new TypeError(`${path} does not export tasks: TaskTable`);
  return tasks;
}
