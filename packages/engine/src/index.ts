export { createEngine, openEngine, type OpenedEngine } from './create-engine';
export { planCpus, type CpuPlanOptions } from './cpu/plan-cpus';
export { loadTasks } from './tasks/load-tasks';
export { renderModelPlanMarkdown } from './models/model-plan';
export { renderModelSettingsMarkdown } from './models/repository/model-settings';
export { RepositoryError } from './models/repository/scan-repository';
export type * from './engine';
export type * from './cpu/cpu-plan';
export type * from './tasks/task';
