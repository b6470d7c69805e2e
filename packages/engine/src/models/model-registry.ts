import type { ModelInfo } from '../engine';
import { resolveModel } from './resolve-model';
import type { ServedModel } from './served-model';

/** Every version of every model, and what can be asked of them together. */
export class ModelRegistry {
  private readonly versionsOf = new Map<string, ServedModel[]>();
  private infos: readonly ModelInfo[] | undefined;

  /** @param models by name, then by version as a number; each at the position of its session number */
  constructor(readonly models: readonly ServedModel[]) {
    for (const model of models) {
      const versions = this.versionsOf.get(model.name);
      if (versions === undefined) this.versionsOf.set(model.name, [model]);
      else versions.push(model);
    }
  }

  /** See resolveModel. */
  find(model: string, version: string, isUsable?: (candidate: ServedModel) => boolean): ServedModel {
    return resolveModel((name) => this.versionsOf.get(name), model, version, isUsable);
  }

  /** As `find`, without its reasons: undefined where nothing answers, or the version is written otherwise than in the repository. */
  findReady(model: string, version: string): ServedModel | undefined {
    const isWanted = (candidate: ServedModel): boolean =>
      candidate.state === 'READY' && (version === '' || candidate.version === version);
    return this.versionsOf.get(model)?.findLast(isWanted);
  }

  /** Everything known of every version; the same list until something changes. */
  list(): readonly ModelInfo[] {
    this.infos ??= this.models.map((model) => this.describe(model));
    return this.infos;
  }

  /** Something about a model is not as it was. */
  forgetList(): void {
    this.infos = undefined;
  }

  /** The model that answers for a task where none is named: the one that says so, or the only one. */
  defaultOf(task: string): ServedModel | undefined {
    return this.models.find((model) => this.isDefaultOfTask(model, task));
  }

  private describe(model: ServedModel): ModelInfo {
    const highest = this.versionsOf.get(model.name)?.findLast((version) => version.state === 'READY');
    return model.info(this.isDefaultOfTask(model, model.settings.task), model === highest);
  }

  private isDefaultOfTask(model: ServedModel, task: string): boolean {
    if (task === '' || model.settings.task !== task) return false;
    const names = new Set(this.models.filter((other) => other.settings.task === task).map((other) => other.name));
    return model.settings.default || names.size === 1;
  }
}
