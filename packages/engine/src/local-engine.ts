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
  TaskCall,
} from './engine';
import { loadSessions } from './models/model-loader';
import { ModelRegistry } from './models/model-registry';
import { Observers } from './observers';
import { defaultPrepackBudgetBytes, PrepackBudget } from './sessions/prepack-budget';
import { planCpus } from './cpu/plan-cpus';
import { Scheduler } from './scheduling/scheduler';
import type { ServedModel } from './models/served-model';
import type { TaskTable } from './tasks/task';
import { TaskRuntime } from './tasks/task-runtime';
import { toError } from './to-error';

const defaultRunTimeoutMs = 30_000;
const defaultMaxCallsPerTaskLane = 4;
const defaultMaxOutputBytes = 256 * 2 ** 20;

/** Threads' programs; tests put faulty ones in their place. */
export interface LaneScripts {
  readonly session: string;
  readonly task: string;
}

/** An engine in this process. */
export class LocalEngine implements Engine {
  readonly plan: CpuPlan;
  private readonly observers = new Observers();
  private readonly scheduler: Scheduler;
  private readonly tasks: TaskRuntime | undefined;
  private readonly registry: ModelRegistry;
  private readonly signal: AbortSignal;
  private readonly restTimers = new Set<NodeJS.Timeout>();
  private isClosing = false;
  private isStuck = false;
  private closed: Promise<void> | undefined;

  constructor(
    private readonly options: EngineOptions,
    scripts: LaneScripts,
    models: readonly ServedModel[],
    private readonly definitions: TaskTable,
    private readonly log: EngineLog,
  ) {
    this.registry = new ModelRegistry(models);
    this.plan = planCpus({
      ...(options.cpuBudget !== undefined && { cpuBudget: options.cpuBudget }),
      hasTasks: options.tasksModule !== undefined,
    });
    this.signal = options.signal ?? new AbortController().signal;
    this.scheduler = new Scheduler({
      lanes: this.plan.sessionLanes,
      laneScript: scripts.session,
      runTimeoutMs: options.runTimeoutMs ?? defaultRunTimeoutMs,
      maxOutputBytes: options.maxOutputBytes ?? defaultMaxOutputBytes,
      onStuck: (model, error) => this.reportStuck(model, error),
      onLost: (model, error) => this.takeDown(model, error, model.notReady()),
      onCrashing: (model, restMs) => this.rest(model, restMs),
      observers: this.observers,
      log,
    });
    this.tasks = this.makeTaskRuntime(scripts.task);
    for (const model of models) this.scheduler.add(model);
  }

  /**
   * Loads all models one after another, so that what each adds to the memory of the process can be told: first a session of each,
   * then the tasks, whose warm-up may ask other models than their own. Further lanes are still loading when it resolves.
   */
  async load(): Promise<void> {
    const { lanes, inlineLane } = this.scheduler;
    let tellLoading = this.options.onLoading;
    const onLoading = (): void => {
      tellLoading?.();
      tellLoading = undefined;
    };
    const prepacks = new PrepackBudget(this.options.prepackBudgetBytes ?? defaultPrepackBudgetBytes);
    const context = { lanes, inlineLane, plan: this.plan, log: this.log, signal: this.signal, prepacks, onLoading };
    const further: (() => Promise<void>)[] = [];
    // Where nobody waits for task code, its threads would only hold up the first model.
    if (this.registry.models.some((model) => this.hasTask(model))) this.tasks?.wake();
    await this.forEachModel(async (model, position) => {
      this.log.info(
        { model: model.name, version: model.version },
        `loading ${model.name} (${position + 1} of ${this.registry.models.length})`,
      );
      further.push(await loadSessions(model, position, context));
      if (!this.hasTask(model)) model.state = 'READY';
    });
    onLoading();
    // One by one: each is made on all task lanes at the same time, and one that kills its lane takes no other with it.
    await this.forEachModel(async (model) => {
      if (!model.hasSessions || model.state !== 'LOADING') return;
      await this.tasks?.load(model, this.signal);
      model.state = 'READY';
    });
    this.tasks?.wake();
    void this.loadFurther(further);
  }

  /** Brings models onto their further lanes, one model after another, while the first ones answer already. */
  private async loadFurther(further: readonly (() => Promise<void>)[]): Promise<void> {
    for (const load of further) {
      if (this.isClosing) return;
      await load();
      this.modelsChanged();
    }
  }

  models(): readonly ModelInfo[] {
    return this.registry.list();
  }

  resolve(model: string, version = ''): ModelInfo {
    return this.models()[this.registry.find(model, version).session]!;
  }

  defaultModel(method: string): string {
    for (const task of this.tasks?.tasksOf(method) ?? []) {
      const model = this.registry.defaultOf(task);
      if (model !== undefined) return model.name;
    }
    throw refusal('MODEL_NO_DEFAULT', { method });
  }

  assertRoom(head: InferHead): void {
    const model = this.isClosing ? undefined : this.registry.findReady(head.model, head.version ?? '');
    if (model !== undefined) this.scheduler.assertRoom(model, head);
  }

  infer(request: InferRequest): Promise<InferResult> {
    try {
      if (this.isClosing) throw refusal('SHUTTING_DOWN', {});
      return this.scheduler.infer(this.registry.find(request.model, request.version ?? ''), request);
    } catch (error) {
      return Promise.reject(toError(error));
    }
  }

  perform(call: TaskCall, onAnswer: (answer: Uint8Array) => void | Promise<void>): Promise<void> {
    try {
      if (this.isClosing) throw refusal('SHUTTING_DOWN', {});
      const model = this.registry.find(call.model, call.version ?? '');
      if (this.tasks === undefined) throw refusal('TASK_UNSUPPORTED', { model: call.model, method: call.method });
      return this.tasks.perform(model, call, onAnswer);
    } catch (error) {
      return Promise.reject(toError(error));
    }
  }

  observe(observer: EngineObserver): () => void {
    return this.observers.add(observer);
  }

  close(): Promise<void> {
    this.closed ??= this.shutDown();
    return this.closed;
  }

  private async shutDown(): Promise<void> {
    this.isClosing = true;
    // Tasks first: while they finish they may ask models.
    await this.tasks?.drained();
    await this.scheduler.drained();
    await this.tasks?.close();
    await this.scheduler.close();
    for (const timer of this.restTimers) clearTimeout(timer);
  }

  private makeTaskRuntime(laneScript: string): TaskRuntime | undefined {
    const { tasksModule, maxCallsPerTaskLane } = this.options;
    if (tasksModule === undefined) return undefined;
    return new TaskRuntime({
      definitions: this.definitions,
      tasksModule,
      lanes: this.plan.taskLanes,
      laneScript,
      maxCallsPerLane: maxCallsPerTaskLane ?? defaultMaxCallsPerTaskLane,
      hangTimeoutMs: this.options.runTimeoutMs ?? defaultRunTimeoutMs,
      laneHeapMb: this.options.taskLaneHeapMb,
      infer: (from, request) => this.inferForTask(from, request),
      models: () => this.models(),
      onLost: (model, error) => this.takeDown(model, error, model.notReady()),
      onCrashing: (model, restMs) => this.rest(model, restMs),
      observers: this.observers,
      log: this.log,
    });
  }

  /** As infer, but also while shutting down, and of models that are loaded though not ready: their warm-up comes this way. */
  private async inferForTask(from: ServedModel, request: InferRequest): Promise<InferResult> {
    const isUsable = (model: ServedModel): boolean => model.hasSessions && model.state !== 'UNAVAILABLE';
    const model =
      request.model === '' || request.model === from.name ? from : this.registry.find(request.model, '', isUsable);
    if (!isUsable(model)) throw model.notReady();
    return this.scheduler.infer(model, request);
  }

  private hasTask(model: ServedModel): boolean {
    return this.tasks !== undefined && model.settings.task !== '';
  }

  /** Works on every model in turn; a failure is the model's own unless `strict` is set. */
  private async forEachModel(work: (model: ServedModel, position: number) => Promise<void>): Promise<void> {
    for (const [position, model] of this.registry.models.entries()) {
      const startedAtMs = performance.now();
      try {
        await work(model, position);
      } catch (error) {
        this.reportLoadFailure(model, error);
        if (this.signal.aborted) throw abortError(this.signal);
        if (this.options.strict === true) throw namingModel(model, error);
      } finally {
        model.loadMs += performance.now() - startedAtMs;
        this.modelsChanged();
      }
    }
  }

  private reportLoadFailure(model: ServedModel, error: unknown): void {
    // A stuck model has its reason already.
    if (model.state !== 'UNAVAILABLE') {
      model.failWith(
        error instanceof TributaryError ? error : refusal('MODEL_LOAD_FAILED', { problem: 'an internal error' }),
      );
    }
    if (this.signal.aborted) return;
    const problem = error instanceof TributaryError ? error.cause : error;
    this.log.error(
      { model: model.name, version: model.version, problem },
      `${model.name} cannot be served: ${model.reason}`,
    );
  }

  private modelsChanged(): void {
    this.registry.forgetList();
    this.tasks?.announceModels();
    this.observers.tell((observer) => observer.modelsChanged?.());
  }

  /** Nothing can end the run: who started this process must end it (onStuck). */
  private reportStuck(model: ServedModel, error: TributaryError): void {
    this.takeDown(model, error, error);
    if (this.isStuck) return;
    this.isStuck = true;
    this.options.onStuck?.(model.name);
  }

  /** Takes a model out of service for a while, so that it cannot kill workers for ever; the others go on. */
  private rest(model: ServedModel, restMs: number): void {
    if (model.state !== 'READY') return;
    const sentence = `workers died three times in a row while they ran the model; it is tried again in ${restMs / 1000} s`;
    const why = new TributaryError('WORKER_CRASHED', sentence);
    this.takeDown(model, why, model.notReady());
    const { reason } = model;
    const timer = setTimeout(() => {
      this.restTimers.delete(timer);
      if (model.reason !== reason) return;
      model.state = 'READY';
      model.reason = '';
      this.modelsChanged();
      this.tasks?.resume();
    }, restMs);
    this.restTimers.add(timer);
  }

  /** Marks a model as not serving and fails what waits for it. */
  private takeDown(model: ServedModel, why: TributaryError, toCallers: TributaryError): void {
    model.failWith(why);
    this.scheduler.drop(model, toCallers);
    this.tasks?.drop(model, toCallers);
    this.modelsChanged();
  }
}

/** Says which of the models it was, where the error is all that is seen of it. */
function namingModel({ name, version }: ServedModel, error: unknown): unknown {
  if (!(error instanceof TributaryError)) return error;
  const message = `model ${name}, version ${version}: ${error.message}`;
  return new TributaryError(error.reason, message, error.details, { cause: error });
}
