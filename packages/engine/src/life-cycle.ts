import { refusal, TributaryError } from '@tributary/contract';
import { abortError } from './abort';
import type { EngineLog, RescanResult } from './engine';
import { LoadQueue } from './models/load-queue';
import type { ModelLoader } from './models/model-loader';
import type { ModelRegistry } from './models/model-registry';
import { ModelVersion } from './models/model-version';
import type { VersionSettler } from './models/version-settler';
import { fingerprintOf } from './models/repository/fingerprint';
import { scanRepository, type RepositoryVersion } from './models/repository/scan-repository';
import type { Scheduler } from './scheduling/scheduler';
import type { TaskRuntime } from './tasks/task-runtime';

/** What the life cycle works with. */
export interface LifeCycleOptions {
  readonly repository: string;
  readonly registry: ModelRegistry;
  readonly loader: ModelLoader;
  readonly settler: VersionSettler;
  readonly scheduler: Scheduler;
  readonly tasks: TaskRuntime | undefined;
  readonly loadTimeoutMs: number;
  readonly log: EngineLog;
  /** `models()` gives another answer now. */
  readonly onChanged: () => void;
  /** A load has begun on a thread or process of its own. */
  readonly onLoading: () => void;
  readonly signal: AbortSignal;
}

/** Brings versions through their states: loads, replaces, rests and unloads them, each on its own. */
export class LifeCycle {
  private readonly loads = new LoadQueue();
  private readonly fingerprints = new Map<ModelVersion, string>();
  /** Ends what is still tried of a version that is being unloaded. */
  private readonly controllers = new Map<ModelVersion, AbortController>();
  private readonly restTimers = new Set<NodeJS.Timeout>();
  /** The rescan that runs now, and those behind it: one at a time. */
  private rescans: Promise<unknown> = Promise.resolve();
  private nextId = 1;
  /** Why versions that are known could not be loaded. */
  private readonly failures = new Map<ModelVersion, unknown>();

  constructor(private readonly options: LifeCycleOptions) {}

  /** The first of the versions that could not be loaded, and why. */
  firstFailure(
    versions: readonly ModelVersion[],
  ): { readonly version: ModelVersion; readonly error: unknown } | undefined {
    const version = versions.find((one) => this.failures.has(one));
    return version && { version, error: this.failures.get(version) };
  }

  /** Makes a version known that was found in the repository. */
  found(source: RepositoryVersion): ModelVersion {
    const version = new ModelVersion(this.nextId++, source);
    this.options.registry.add(version);
    return version;
  }

  /** Loads versions; resolves when each serves or has failed. Does not reject. */
  async load(versions: readonly ModelVersion[]): Promise<void> {
    if (versions.length === 0) this.options.onLoading();
    await this.loads.run(versions, {
      loadSession: (version, position) => this.loadSession(version, position, versions.length),
      loadTask: (version, isLastTry) => this.loadTask(version, isLastTry),
    });
  }

  /**
   * Reads the repository again: loads what is new, replaces what changed, tries again what failed, unloads what is gone. What serves goes
   * on serving until its successor is ready.
   * @throws RepositoryError where the repository cannot be read
   */
  rescan(): Promise<RescanResult> {
    const next = this.rescans.then(() => this.rescanNow(() => true));
    this.rescans = next.catch(() => undefined);
    return next;
  }

  /** Loads the versions of one model that the repository has and that do not serve, or have changed. @throws TributaryError */
  async loadModel(name: string, version: string): Promise<void> {
    const isWanted = (source: RepositoryVersion): boolean =>
      source.name === name && (version === '' || source.version === version);
    const next = this.rescans.then(() => this.rescanNow(isWanted));
    this.rescans = next.catch(() => undefined);
    const { failed, seen } = await next;
    if (seen === 0) {
      if (version === '') throw refusal('MODEL_NOT_FOUND', { model: name }, { field: 'model_name' });
      throw refusal('MODEL_VERSION_NOT_FOUND', { model: name, version }, { field: 'model_version' });
    }
    const [failure] = failed;
    if (failure !== undefined) throw failure.error;
  }

  /** Finishes what a version has accepted, then lets go of it. Resolves when its memory is free. */
  async unload(version: ModelVersion): Promise<void> {
    const { registry, scheduler, tasks, loader, onChanged } = this.options;
    this.controllers.get(version)?.abort(version.notReady());
    await this.loads.ended(version);
    if (version.state === 'READY' || version.state === 'RESTING') {
      version.become('DRAINING');
      registry.forgetList();
      onChanged();
      // Tasks first: while they finish they may ask the model.
      await tasks?.drained(version);
      await scheduler.drained(version);
    }
    await this.letGo(version, loader);
    version.become('UNLOADED');
    registry.remove(version);
    this.fingerprints.delete(version);
    this.failures.delete(version);
    onChanged();
  }

  /** Takes a version out of service for a while, so that it cannot crash for ever; the others go on. */
  rest(version: ModelVersion, restMs: number, reason: 'RUN_CRASHED' | 'WORKER_CRASHED'): void {
    if (version.state !== 'READY') return;
    const what = reason === 'RUN_CRASHED' ? 'runs of the model crashed' : 'workers died while they ran its task';
    const sentence = `${what} three times in a row; it is tried again in ${restMs / 1000} s`;
    const wake = version.rest(new TributaryError(reason, sentence));
    this.dropCalls(version, version.notReady());
    const timer = setTimeout(() => {
      this.restTimers.delete(timer);
      if (!wake()) return;
      this.options.onChanged();
      this.options.tasks?.resume();
      this.options.scheduler.lanesChanged();
    }, restMs);
    this.restTimers.add(timer);
  }

  /** Marks a version as not to be served, and fails what waits for it. */
  takeDown(version: ModelVersion, why: TributaryError, toCallers: TributaryError): void {
    if (version.state === 'FAILED' || version.state === 'UNLOADED' || version.state === 'DRAINING') return;
    version.fail(why);
    this.dropCalls(version, toCallers);
  }

  /** Stops what is being tried; nothing is loaded any more. */
  close(): void {
    for (const timer of this.restTimers) clearTimeout(timer);
    for (const [version, controller] of this.controllers) controller.abort(version.notReady());
  }

  private dropCalls(version: ModelVersion, error: TributaryError): void {
    this.options.scheduler.drop(version, error);
    this.options.tasks?.drop(version, error);
    this.options.onChanged();
  }

  private async rescanNow(
    isWanted: (source: RepositoryVersion) => boolean,
  ): Promise<RescanResult & { readonly seen: number }> {
    const { registry, repository, log } = this.options;
    const { versions: sources, ignored } = await scanRepository(repository);
    for (const { folder, why } of ignored) log.warn({ folder }, `passed over: ${why}`);
    const wanted = sources.filter(isWanted);
    const fresh: ModelVersion[] = [];
    const successors: { readonly before: ModelVersion; readonly after: ModelVersion }[] = [];
    for (const source of wanted) {
      const before = registry.get(source.name, source.version);
      if (before === undefined) fresh.push(this.found(source));
      else if (before.state === 'FAILED' || (await this.hasChanged(before, source)))
        successors.push({ before, after: new ModelVersion(this.nextId++, source) });
    }
    const kept = new Set(sources.map(keyOf));
    const gone = registry.versions.filter((version) => isWanted(version.source) && !kept.has(keyOf(version.source)));
    await this.load([...fresh, ...successors.map(({ after }) => after)]);
    const failed = this.failuresOf(fresh);
    const replaced: string[] = [];
    for (const { before, after } of successors) {
      failed.push(...this.failuresOf([after]));
      // What failed before is better known by its newest reason; what serves goes on.
      if (after.state !== 'READY' && before.state !== 'FAILED') continue;
      registry.remove(before);
      registry.add(after);
      this.options.onChanged();
      if (after.state === 'READY') replaced.push(nameOf(after));
      await this.unload(before);
    }
    for (const version of gone) await this.unload(version);
    return {
      loaded: fresh.filter(({ state }) => state === 'READY').map(nameOf),
      replaced,
      unloaded: gone.map(nameOf),
      failed,
      seen: wanted.length,
    };
  }

  private async hasChanged(version: ModelVersion, source: RepositoryVersion): Promise<boolean> {
    const known = this.fingerprints.get(version);
    return known !== undefined && known !== (await fingerprintOf(source.folder));
  }

  private failuresOf(versions: readonly ModelVersion[]): { model: string; reason: string; error: TributaryError }[] {
    return versions.flatMap((version) => {
      const error = this.failures.get(version);
      return error === undefined ? [] : [{ model: nameOf(version), reason: version.reason, error: toRefusal(error) }];
    });
  }

  /** First half of a load: the session. @returns whether a task is to be loaded too */
  private async loadSession(version: ModelVersion, position: number, count: number): Promise<boolean> {
    const { scheduler, loader, log, signal, onLoading, settler } = this.options;
    const { name } = version;
    log.info({ model: name, version: version.version }, `loading ${name} (${position + 1} of ${count})`);
    log.flush?.();
    const startedAtMs = performance.now();
    const controller = new AbortController();
    this.controllers.set(version, controller);
    try {
      if (signal.aborted) throw abortError(signal);
      version.become('LOADING');
      this.options.onChanged();
      this.fingerprints.set(version, await fingerprintOf(version.source.folder));
      scheduler.add(version);
      const loaded = await this.inTime(version, signal, (bounded) => {
        const loading = loader.load(version, (inputs) => scheduler.runTrial(version, inputs, bounded), bounded);
        onLoading();
        return loading;
      });
      settler.add(loaded, controller.signal);
      if (this.hasTask(version)) return true;
      this.serve(version);
    } catch (error) {
      await this.fail(version, error);
    } finally {
      version.loadMs += performance.now() - startedAtMs;
      this.options.onChanged();
    }
    return false;
  }

  /**
   * Second half of a load: the task, whose warm-up may ask other models.
   * @returns true where it failed and may be tried again when other models have been loaded
   */
  private async loadTask(version: ModelVersion, isLastTry: boolean): Promise<boolean> {
    const startedAtMs = performance.now();
    try {
      await this.inTime(version, this.options.signal, async (bounded) => this.options.tasks?.load(version, bounded));
      this.serve(version);
    } catch (error) {
      if (!isLastTry && !this.options.signal.aborted) return true;
      await this.fail(version, error);
    } finally {
      version.loadMs += performance.now() - startedAtMs;
      this.options.onChanged();
    }
    return false;
  }

  /** Bounds a step of a load; what runs on after its time is stopped. */
  private async inTime<T>(
    version: ModelVersion,
    signal: AbortSignal,
    step: (bounded: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const { loadTimeoutMs } = this.options;
    const timeout = new AbortController();
    const timer = setTimeout(() => {
      timeout.abort(refusal('MODEL_LOAD_TIMEOUT', { seconds: loadTimeoutMs / 1000 }));
    }, loadTimeoutMs);
    const own = this.controllers.get(version)!.signal;
    try {
      return await step(AbortSignal.any([signal, timeout.signal, own]));
    } finally {
      clearTimeout(timer);
    }
  }

  private serve(version: ModelVersion): void {
    // Its session may have been lost while its task was loaded.
    if (version.state !== 'LOADING') return;
    version.become('READY');
    this.options.registry.forgetList();
    this.options.settler.start(version);
  }

  private async fail(version: ModelVersion, error: unknown): Promise<void> {
    const { log, signal, loader } = this.options;
    this.failures.set(version, error);
    if (version.state !== 'FAILED') version.fail(toRefusal(error));
    await this.letGo(version, loader);
    if (signal.aborted) return;
    const problem = error instanceof TributaryError ? error.cause : error;
    log.error(
      { model: version.name, version: version.version, problem },
      `${version.name} cannot be served: ${version.reason}`,
    );
  }

  private async letGo(version: ModelVersion, loader: ModelLoader): Promise<void> {
    this.controllers.get(version)?.abort(version.notReady());
    this.controllers.delete(version);
    await this.options.settler.ended(version);
    this.options.tasks?.unload(version);
    this.options.scheduler.remove(version);
    await loader.release(version);
  }

  private hasTask({ settings }: ModelVersion): boolean {
    return this.options.tasks !== undefined && settings.task !== '';
  }
}

function keyOf({ name, version }: Pick<RepositoryVersion, 'name' | 'version'>): string {
  return `${name}/${version}`;
}

function nameOf(version: ModelVersion): string {
  return keyOf(version.source);
}

/** A sentence for callers; a library's own words are for the log. */
function toRefusal(error: unknown): TributaryError {
  return error instanceof TributaryError ? error : refusal('MODEL_LOAD_FAILED', { problem: 'an internal error' });
}
