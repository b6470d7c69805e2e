import { refusal } from '@tributary/contract';
import type {
  CpuPlan,
  Engine,
  EngineObserver,
  InferHead,
  InferRequest,
  InferResult,
  ModelInfo,
  RescanResult,
  TaskCall,
} from '@tributary/engine';

/**
 * Stands for an engine that is being opened, so that a process can take its ports, answer probes and show metrics from the start: it has no
 * models and refuses calls with SERVER_STARTING. Once opened, it is that engine.
 */
export class LoadingEngine implements Engine {
  private loaded: Engine | undefined;
  /** Observers that came early, and how to stop those that have been handed on. */
  private readonly observers = new Map<EngineObserver, () => void>();

  constructor(readonly plan: CpuPlan) {}

  /** Becomes the engine that was opened. */
  become(engine: Engine): void {
    this.loaded = engine;
    for (const observer of this.observers.keys()) {
      this.observers.set(observer, engine.observe(observer));
      observer.modelsChanged?.();
    }
  }

  models(): readonly ModelInfo[] {
    return this.loaded?.models() ?? [];
  }

  resolve(model: string, version?: string): ModelInfo {
    return this.engine().resolve(model, version);
  }

  defaultModel(method: string): string {
    return this.engine().defaultModel(method);
  }

  assertRoom(head: InferHead): void {
    this.loaded?.assertRoom(head);
  }

  async infer(request: InferRequest): Promise<InferResult> {
    return this.engine().infer(request);
  }

  async perform(call: TaskCall, onAnswer: (answer: Uint8Array) => void | Promise<void>): Promise<void> {
    return this.engine().perform(call, onAnswer);
  }

  async settled(): Promise<void> {
    await this.loaded?.settled();
  }

  async rescan(): Promise<RescanResult> {
    return this.engine().rescan();
  }

  async load(model: string, version?: string): Promise<void> {
    await this.engine().load(model, version);
  }

  async unload(model: string, version?: string): Promise<void> {
    await this.engine().unload(model, version);
  }

  observe(observer: EngineObserver): () => void {
    this.observers.set(observer, this.loaded?.observe(observer) ?? ((): void => undefined));
    return () => {
      this.observers.get(observer)?.();
      this.observers.delete(observer);
    };
  }

  async close(): Promise<void> {
    await this.loaded?.close();
  }

  private engine(): Engine {
    if (this.loaded === undefined) throw refusal('SERVER_STARTING', {});
    return this.loaded;
  }
}
