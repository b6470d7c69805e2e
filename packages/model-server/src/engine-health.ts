import type { Engine, ModelInfo } from '@tributary/engine';
import type { HealthSource, HealthStatus } from '@tributary/serve';
import { shownModels, shownState } from './model-states';

const modelPrefix = 'model/';

/** How long the first models may keep callers waiting for the others, in milliseconds. */
export const firstLoadPatienceMs = 10_000;

/** When a process counts as ready: once every model that it found answers, or once any does and none is loading. */
export type Readiness = 'all' | 'any';

/**
 * Health of a process that serves models.
 *
 * Calls are welcome once a model answers and the others have had their time to load: a model that could not be loaded, or hangs while it
 * is, holds nobody back, and neither does one that is loaded later. Ready is the process, by default, once every model answers: then it
 * may take the place of another replica. A model answers while any of its versions does; one that rests after failures counts as
 * answering, since the next replica would rest as well. A model that comes to a process that was ready counts from its first answer on:
 * until then its load, and a load that fails, takes no traffic from the models that serve.
 */
export class EngineHealth implements HealthSource {
  private stuck = false;
  /** The first load is over, or has taken long enough. */
  private settled = false;
  private patience: NodeJS.Timeout | undefined;
  private readonly listeners = new Set<() => void>();
  /** Names of the models that `ready` asks for; undefined before the process was ready for the first time: all. */
  private expected: Set<string> | undefined;

  /**
   * @param services gRPC services that share the health of the process
   * @param readiness what `ready` asks for
   */
  constructor(
    private readonly engine: Engine,
    private readonly services: readonly string[],
    private readonly readiness: Readiness = 'all',
  ) {
    engine.observe({ modelsChanged: () => this.changed() });
    this.settle();
    this.expect();
  }

  ready(): boolean {
    if (this.stuck) return false;
    const models = shownModels(this.engine);
    if (this.readiness === 'any') return models.some(answers) && !models.some(isLoading);
    return models.length > 0 && this.missing().length === 0;
  }

  isServing(): boolean {
    return !this.stuck && this.settled && shownModels(this.engine).some(answers);
  }

  /** Names of the models that should answer and do not. */
  missing(): readonly string[] {
    const models = shownModels(this.engine).filter(({ state }) => state !== 'DRAINING');
    const present = new Set(models.filter((model) => answers(model) || model.state === 'RESTING').map(nameOf));
    const expected = this.expected;
    return [...new Set(models.map(nameOf))].filter((name) => !present.has(name) && (expected?.has(name) ?? true));
  }

  status(name: string): HealthStatus | undefined {
    if (this.services.includes(name)) return serving(this.isServing());
    if (!name.startsWith(modelPrefix)) return undefined;
    const model = name.slice(modelPrefix.length);
    const versions = shownModels(this.engine).filter((version) => version.name === model);
    if (versions.length === 0) return undefined;
    return serving(!this.stuck && versions.some(answers));
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A run does not end: nothing of this process should be called any more. */
  markStuck(): void {
    this.stuck = true;
    this.changed();
  }

  private changed(): void {
    this.settle();
    this.expect();
    for (const listener of this.listeners) listener();
  }

  /** Learns which models are asked for: after the first readiness, a model from its first answer until it is gone. */
  private expect(): void {
    const models = shownModels(this.engine);
    if (this.expected === undefined) {
      if (models.length > 0 && this.missing().length === 0) this.expected = new Set(models.map(nameOf));
      return;
    }
    const names = new Set(models.map(nameOf));
    for (const name of this.expected) if (!names.has(name)) this.expected.delete(name);
    for (const model of models) if (answers(model)) this.expected.add(model.name);
  }

  /** Ends the wait for the first load where it is over, and begins it with the first model that answers. */
  private settle(): void {
    if (this.settled) return;
    const models = shownModels(this.engine);
    if (models.length > 0 && !models.some(isLoading)) {
      this.settled = true;
      clearTimeout(this.patience);
    } else if (models.some(answers)) {
      this.patience ??= setTimeout(() => {
        this.settled = true;
        this.changed();
      }, firstLoadPatienceMs).unref();
    }
  }
}

function answers({ state }: ModelInfo): boolean {
  return state === 'READY';
}

function isLoading({ state }: ModelInfo): boolean {
  return shownState(state) === 'LOADING';
}

function nameOf({ name }: ModelInfo): string {
  return name;
}

function serving(yes: boolean): HealthStatus {
  return yes ? 'SERVING' : 'NOT_SERVING';
}
