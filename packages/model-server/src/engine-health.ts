import type { Engine } from '@tributary/engine';
import type { HealthSource, HealthStatus } from '@tributary/serve';

const MODEL_PREFIX = 'model/';

/**
 * Health of a process that serves models.
 *
 * It is ready once no model is loading any more and at least one answers. A model that could not be loaded does not hold it
 * back: the others serve, and `model/<name>` says NOT_SERVING for that one (with `strict` the process would not have started).
 * A process in which nothing answers is never ready. A model is SERVING while any of its versions is ready.
 */
export class EngineHealth implements HealthSource {
  private stuck = false;
  private readonly listeners = new Set<() => void>();

  constructor(
    private readonly engine: Engine,
    /** gRPC services that share the readiness of the process. */
    private readonly services: readonly string[],
  ) {
    engine.observe({ modelsChanged: () => this.changed() });
  }

  ready(): boolean {
    if (this.stuck) return false;
    const models = this.engine.models();
    return models.some(({ state }) => state === 'READY') && !models.some(({ state }) => state === 'LOADING');
  }

  status(name: string): HealthStatus | undefined {
    if (this.services.includes(name)) return serving(this.ready());
    if (!name.startsWith(MODEL_PREFIX)) return undefined;
    const model = name.slice(MODEL_PREFIX.length);
    const versions = this.engine.models().filter((version) => version.name === model);
    if (versions.length === 0) return undefined;
    return serving(!this.stuck && versions.some(({ state }) => state === 'READY'));
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
    for (const listener of this.listeners) listener();
  }
}

function serving(yes: boolean): HealthStatus {
  return yes ? 'SERVING' : 'NOT_SERVING';
}
