import { refusal } from '@tributary/contract';
import { planCpus, type Engine, type EngineObserver, type ModelInfo } from '@tributary/engine';

/** A version of a model as a test wants it to look. */
export function modelInfo(name: string, rest: Partial<ModelInfo> = {}): ModelInfo {
  return {
    name,
    version: '1',
    state: 'READY',
    reason: '',
    task: '',
    defaultOfTask: false,
    servedByDefault: true,
    inputs: [],
    outputs: [],
    maxBatchSize: 1,
    batched: false,
    batching: { kind: 'off', reason: '' },
    metadata: {
      producer: '',
      graphName: '',
      domain: '',
      description: '',
      modelVersion: '',
      custom: new Map(),
      dimensionNames: new Map(),
    },
    maxQueueSize: 10,
    labels: [],
    loadMs: 1,
    fileBytes: 1,
    memoryBytes: 1,
    ...rest,
  };
}

/** An engine that runs nothing: its models are what a test says, and its events are the test's. */
export class FakeEngine implements Engine {
  readonly plan = planCpus({ cpuBudget: 1 });
  private readonly observers = new Set<EngineObserver>();
  private infos: readonly ModelInfo[];

  constructor(...infos: readonly ModelInfo[]) {
    this.infos = infos;
  }

  models(): readonly ModelInfo[] {
    return this.infos;
  }

  /** From now on these are the models. */
  become(...infos: readonly ModelInfo[]): void {
    this.infos = infos;
    this.tell((observer) => observer.modelsChanged?.());
  }

  tell(event: (observer: EngineObserver) => void): void {
    for (const observer of this.observers) event(observer);
  }

  observe(observer: EngineObserver): () => void {
    this.observers.add(observer);
    return () => this.observers.delete(observer);
  }

  resolve(model: string): ModelInfo {
    const found = this.infos.find(({ name }) => name === model);
    if (found === undefined) throw refusal('MODEL_NOT_FOUND', { model });
    return found;
  }

  defaultModel(): string {
    throw new Error('not asked here');
  }

  assertRoom(): void {
    return;
  }

  infer(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  perform(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  settled(): Promise<void> {
    return Promise.resolve();
  }

  rescan(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  load(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  unload(): Promise<never> {
    return Promise.reject(new Error('not asked here'));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
