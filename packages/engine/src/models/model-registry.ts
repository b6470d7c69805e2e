import { chooseVersion } from '@tributary/contract';
import type { ModelInfo } from '../engine';
import type { ModelVersion } from './model-version';
import { resolveModel } from './resolve-model';

/** Every version of every model that is known now, and what can be asked of them together. */
export class ModelRegistry {
  /** By name; each ascending by version as a number. */
  private readonly versionsOf = new Map<string, ModelVersion[]>();
  private infos: ReadonlyMap<ModelVersion, ModelInfo> | undefined;
  private listed: readonly ModelInfo[] | undefined;
  /** Default model by task, as far as it was asked for. */
  private readonly defaults = new Map<string, ModelVersion | undefined>();

  /** By name, then by version as a number. */
  get versions(): ModelVersion[] {
    return [...this.versionsOf.keys()].sort().flatMap((name) => this.versionsOf.get(name)!);
  }

  add(version: ModelVersion): void {
    const versions = this.versionsOf.get(version.name) ?? [];
    const number = numberOf(version);
    const position = versions.findLastIndex((other) => numberOf(other) <= number) + 1;
    versions.splice(position, 0, version);
    this.versionsOf.set(version.name, versions);
    this.forgetList();
  }

  remove(version: ModelVersion): void {
    const versions = this.versionsOf.get(version.name);
    const position = versions?.indexOf(version) ?? -1;
    if (versions === undefined || position === -1) return;
    versions.splice(position, 1);
    if (versions.length === 0) this.versionsOf.delete(version.name);
    this.forgetList();
  }

  /** The version that lies in this folder of the repository, as it is now. */
  get(name: string, version: string): ModelVersion | undefined {
    return this.versionsOf.get(name)?.find((candidate) => candidate.version === version);
  }

  /** See resolveModel. */
  find(model: string, version: string, isUsable?: (candidate: ModelVersion) => boolean): ModelVersion {
    return resolveModel((name) => this.versionsOf.get(name), model, version, isUsable);
  }

  /** As `find`, without its reasons: undefined where nothing answers, or the version is written otherwise than in the repository. */
  findReady(model: string, version: string): ModelVersion | undefined {
    return chooseVersion(this.versionsOf.get(model) ?? [], version === '' ? undefined : version, isReady);
  }

  /** Everything known of every version; the same list until something changes. */
  list(): readonly ModelInfo[] {
    this.listed ??= [...this.known().values()];
    return this.listed;
  }

  /** What is known of one version. */
  infoOf(version: ModelVersion): ModelInfo {
    return this.known().get(version) ?? this.describe(version);
  }

  private known(): ReadonlyMap<ModelVersion, ModelInfo> {
    this.infos ??= new Map(this.versions.map((version) => [version, this.describe(version)]));
    return this.infos;
  }

  private describe(version: ModelVersion): ModelInfo {
    const highest = chooseVersion(this.versionsOf.get(version.name) ?? [], undefined, isReady);
    return version.info(this.isDefaultOfTask(version, version.settings.task), version === highest);
  }

  /** Something about a version is not as it was. */
  forgetList(): void {
    this.infos = undefined;
    this.listed = undefined;
    this.defaults.clear();
  }

  /** The model that answers for a task where none is named: the one that says so, or the only one. */
  defaultOf(task: string): ModelVersion | undefined {
    if (!this.defaults.has(task))
      this.defaults.set(
        task,
        this.versions.find((version) => this.isDefaultOfTask(version, task)),
      );
    return this.defaults.get(task);
  }

  private isDefaultOfTask(version: ModelVersion, task: string): boolean {
    if (task === '' || version.settings.task !== task) return false;
    const names = new Set(
      this.versions.filter(({ settings }) => settings.task === task).map(({ name }) => name),
    );
    return version.settings.default || names.size === 1;
  }
}

function isReady({ state }: ModelVersion): boolean {
  return state === 'READY';
}

/** 0 for a model without any version. */
function numberOf({ version }: ModelVersion): bigint {
  return BigInt(version === '' ? 0 : version);
}
