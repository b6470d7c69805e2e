import type { EngineObserver } from './engine';

/** Tells every observer. */
export class Observers {
  private readonly observers = new Set<EngineObserver>();

  add(observer: EngineObserver): () => void {
    this.observers.add(observer);
    return () => void this.observers.delete(observer);
  }

  tell(announce: (observer: EngineObserver) => void): void {
    for (const observer of this.observers) announce(observer);
  }
}
