import { refusal, TributaryError } from '@tributary/contract';
import { abortError } from './abort';
import type { CpuPlan } from './cpu/cpu-plan';
import type {
  Engine,
  EngineLog,
  EngineObserver,
  EngineOptions,
  InferHead,
  InferRequest,
  InferResult,
  ModelInfo,
  RescanResult,
  TaskCall,
} from './engine';
import { LifeCycle } from './life-cycle';
import { ModelLoader } from './models/model-loader';
import { ModelRegistry } from './models/model-registry';
import type { ModelVersion } from './models/model-version';
import type { RepositoryVersion } from './models/repository/scan-repository';
import { VersionSettler } from './models/version-settler';
import { Observers } from './observers';
import type { GraphThread } from './onnx/graph-thread';
import { Scheduler } from './scheduling/scheduler';
import { defaultPrepackBudgetBytes, PrepackBudget } from './sessions/prepack-budget';
import type { SessionHost, SessionHostEvents } from './sessions/session-host';
import type { TaskTable } from './tasks/task';
import { TaskRuntime } from './tasks/task-runtime';
import { toError } from './to-error';

const defaultRunTimeoutMs = 30_000;
const defaultLoadTimeoutMs = 120_000;
const defaultMaxCallsPerTaskLane = 4;
export const defaultMaxOutputBytes = 256 * 2 ** 20;

/** What an engine is put together from. */
export interface EngineParts {
  readonly plan: CpuPlan;
  readonly graphs: GraphThread;
  /** Opens the host of sessions, which tells the engine of what happens to it. */
  readonly openHost: (events: SessionHostEvents) => SessionHost;
  readonly definitions: TaskTable;
  /** Program of a task lane's thread. */
  readonly taskScript: string;
  readonly log: EngineLog;
}

/** An engine in this process. */
export class LocalEngine implements Engine {
  readonly plan: CpuPlan;
  private readonly observers = new Observers();
  private readonly registry = new ModelRegistry();
  private readonly host: SessionHost;
  private readonly scheduler: Scheduler;
  private readonly tasks: TaskRuntime | undefined;
  private readonly settler: VersionSettler;
  private readonly life: LifeCycle;
  private readonly signal: AbortSignal;
  private readonly log: EngineLog;
  private loaded: Promise<void> = Promise.resolve();
  private isClosing = false;
  private isStuck = false;
  private closed: Promise<void> | undefined;

  constructor(
    private readonly options: EngineOptions,
    private readonly parts: EngineParts,
  ) {
    const { plan, log, graphs } = parts;
    this.plan = plan;
    this.log = log;
    this.signal = options.signal ?? new AbortController().signal;
    const maxOutputBytes = options.maxOutputBytes ?? defaultMaxOutputBytes;
    const onChanged = (): void => this.modelsChanged();
    this.host = parts.openHost({
      onLanesChanged: () => this.scheduler.lanesChanged(),
      onDeath: (reason, problem) => this.reportDeath(reason, problem),
      onSessionLost: (session, problem) => this.reportLost(session, problem),
    });
    this.scheduler = new Scheduler({
      ...{ host: this.host, maxOutputBytes, observers: this.observers, log },
      runTimeoutMs: options.runTimeoutMs ?? defaultRunTimeoutMs,
      onStuck: (version, error) => this.reportStuck(version, error),
      onCrashing: (version, restMs) => this.life.rest(version, restMs, 'RUN_CRASHED'),
    });
    this.tasks = this.makeTaskRuntime();
    const prepacks = new PrepackBudget(options.prepackBudgetBytes ?? defaultPrepackBudgetBytes);
    const loader = new ModelLoader({ host: this.host, graphs, plan, log, prepacks, maxOutputBytes });
    this.settler = new VersionSettler({
      ...{ inlineLane: this.scheduler.inlineLane, onChanged, log },
      isIsolated: this.host.isolation === 'process',
      whenIdle: () => this.scheduler.drained(),
      onCosts: (version, costs) => this.scheduler.seedCosts(version, costs),
    });
    let tellLoading = options.onLoading;
    this.life = new LifeCycle({
      ...{ registry: this.registry, loader, settler: this.settler, scheduler: this.scheduler, tasks: this.tasks },
      ...{ repository: options.repository, log, onChanged, signal: this.signal },
      loadTimeoutMs: options.loadTimeoutMs ?? defaultLoadTimeoutMs,
      onLoading: () => {
        tellLoading?.();
        tellLoading = undefined;
      },
    });
  }

  /**
   * Begins to load what was found in the repository; each version serves as soon as it can.
   * @returns resolves when each serves or has failed; rejects where loading was stopped, or `strict` is set and one has failed
   */
  begin(found: readonly RepositoryVersion[]): Promise<void> {
    const versions = found.map((source) => this.life.found(source));
    // Where nobody waits for task code, its threads would only hold up the first model.
    if (versions.some(({ settings }) => settings.task !== '')) this.tasks?.wake();
    this.loaded = this.loadAll(versions);
    return this.loaded;
  }

  async settled(): Promise<void> {
    await this.loaded;
    await this.settler.settled();
  }

  models(): readonly ModelInfo[] {
    return this.registry.list();
  }

  resolve(model: string, version = ''): ModelInfo {
    return this.registry.infoOf(this.registry.find(model, version));
  }

  defaultModel(method: string): string {
    for (const task of this.tasks?.tasksOf(method) ?? []) {
      const model = this.registry.defaultOf(task);
      if (model !== undefined) return model.name;
    }
    throw refusal('MODEL_NO_DEFAULT', { method });
  }

  assertRoom(head: InferHead): void {
    const version = this.isClosing ? undefined : this.registry.findReady(head.model, head.version ?? '');
    if (version !== undefined) this.scheduler.assertRoom(version, head);
  }

  infer(request: InferRequest): Promise<InferResult> {
    try {
      this.assertOpen();
      return this.scheduler.infer(this.registry.find(request.model, request.version ?? ''), request);
    } catch (error) {
      return Promise.reject(toError(error));
    }
  }

  perform(call: TaskCall, onAnswer: (answer: Uint8Array) => void | Promise<void>): Promise<void> {
    try {
      this.assertOpen();
      const version = this.registry.find(call.model, call.version ?? '');
      if (this.tasks === undefined) throw refusal('TASK_UNSUPPORTED', { model: call.model, method: call.method });
      return this.tasks.perform(version, call, onAnswer);
    } catch (error) {
      return Promise.reject(toError(error));
    }
  }

  async rescan(): Promise<RescanResult> {
    this.assertOpen();
    return this.life.rescan();
  }

  async load(model: string, version = ''): Promise<void> {
    this.assertOpen();
    await this.life.loadModel(model, version);
  }

  async unload(model: string, version = ''): Promise<void> {
    this.assertOpen();
    const versions = this.registry.versions.filter(({ name }) => name === model);
    if (versions.length === 0) throw refusal('MODEL_NOT_FOUND', { model }, { field: 'model_name' });
    const wanted = versions.filter((candidate) => version === '' || candidate.version === version);
    if (wanted.length === 0) throw refusal('MODEL_VERSION_NOT_FOUND', { model, version }, { field: 'model_version' });
    await Promise.all(wanted.map((candidate) => this.life.unload(candidate)));
  }

  observe(observer: EngineObserver): () => void {
    return this.observers.add(observer);
  }

  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private assertOpen(): void {
    if (this.isClosing) throw refusal('SHUTTING_DOWN', {});
  }

  private async loadAll(versions: readonly ModelVersion[]): Promise<void> {
    await this.life.load(versions);
    this.tasks?.wake();
    if (this.signal.aborted) throw abortError(this.signal);
    const failure = this.options.strict === true ? this.life.firstFailure(versions) : undefined;
    if (failure !== undefined) throw namingModel(failure.version, failure.error);
  }

  private async shutDown(): Promise<void> {
    this.isClosing = true;
    this.life.close();
    // Tasks first: while they finish they may ask models.
    await this.tasks?.drained();
    // A run in a process of its own that does not give way ends with it.
    await (this.host.isolation === 'process' ? this.scheduler.answered() : this.scheduler.drained());
    await this.tasks?.close();
    await this.scheduler.close();
    if (!this.isStuck) await this.host.close();
    await this.parts.graphs.close();
  }

  private makeTaskRuntime(): TaskRuntime | undefined {
    const { tasksModule, maxCallsPerTaskLane } = this.options;
    if (tasksModule === undefined) return undefined;
    return new TaskRuntime({
      definitions: this.parts.definitions,
      tasksModule,
      lanes: this.plan.taskLanes,
      laneScript: this.parts.taskScript,
      maxCallsPerLane: maxCallsPerTaskLane ?? defaultMaxCallsPerTaskLane,
      hangTimeoutMs: this.options.runTimeoutMs ?? defaultRunTimeoutMs,
      laneHeapMb: this.options.taskLaneHeapMb,
      infer: (from, request) => this.inferForTask(from, request),
      models: () => this.models(),
      onLost: (version, error) => this.life.takeDown(version, error, version.notReady()),
      onCrashing: (version, restMs) => this.life.rest(version, restMs, 'WORKER_CRASHED'),
      observers: this.observers,
      log: this.log,
    });
  }

  /** As infer, but also while shutting down, and of versions that are loaded though not ready: their warm-up comes this way. */
  private async inferForTask(from: ModelVersion, request: InferRequest): Promise<InferResult> {
    const version =
      request.model === '' || request.model === from.name
        ? from
        : this.registry.find(request.model, '', ({ hasSession }) => hasSession);
    if (!version.isAlive) throw version.notReady();
    return this.scheduler.infer(version, request);
  }

  private modelsChanged(): void {
    this.registry.forgetList();
    this.tasks?.announceModels();
    this.observers.tell((observer) => observer.modelsChanged?.());
  }

  private reportDeath(reason: string, problem: string): void {
    this.log.error({ reason, problem }, 'what held the session lanes died; it is being replaced');
    this.observers.tell((observer) => observer.laneRestarted?.({ kind: 'session', reason }));
  }

  private reportLost(session: number, problem: string): void {
    const version = this.registry.versions.find(({ id }) => id === session);
    if (version === undefined) return;
    this.log.error({ model: version.name, version: version.version, problem }, 'a model could not be loaded again');
    this.life.takeDown(
      version,
      refusal('MODEL_LOAD_CRASHED', { problem: 'it could not be loaded again' }),
      version.notReady(),
    );
  }

  /** Nothing can end the run: who started this process must end it (onStuck). */
  private reportStuck(version: ModelVersion, error: TributaryError): void {
    this.life.takeDown(version, error, error);
    if (this.isStuck) return;
    this.isStuck = true;
    this.options.onStuck?.(version.name);
  }
}

/** Says which of the models it was, where the error is all that is seen of it. */
function namingModel({ name, version }: ModelVersion, error: unknown): unknown {
  if (!(error instanceof TributaryError)) return error;
  const message = `model ${name}, version ${version}: ${error.message}`;
  return new TributaryError(error.reason, message, error.details, { cause: error });
}
