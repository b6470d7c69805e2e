import type { ModelInfo, TaskTable } from '@tributary/engine';

/** Full names of the task RPCs that a model answers, from the task that model.json gives it. */
export function methodsOf(model: ModelInfo, tasks: TaskTable): readonly string[] {
  return tasks.find((task) => task.name === model.task)?.methods ?? [];
}

/** Those RPCs of a model that it answers when a call names no model. */
export function defaultMethodsOf(model: ModelInfo, tasks: TaskTable): readonly string[] {
  return model.defaultOfTask ? methodsOf(model, tasks) : [];
}
