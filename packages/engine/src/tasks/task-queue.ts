import type { ModelVersion } from '../models/model-version';
import type { TaskEntry } from './task-entry';

/** Task calls that wait for a lane, oldest first, whatever their model. */
export class TaskQueue {
  private readonly entries: TaskEntry[] = [];
  private readonly counts = new Map<ModelVersion, number>();

  /** Calls of a model that wait. */
  countOf(model: ModelVersion): number {
    return this.counts.get(model) ?? 0;
  }

  push(entry: TaskEntry): void {
    this.entries.push(entry);
    this.count(entry.model, 1);
  }

  remove(entry: TaskEntry): void {
    this.removeAt(this.entries.indexOf(entry));
  }

  /** Takes the oldest call of a model that `isServed`. */
  take(isServed: (model: ModelVersion) => boolean): TaskEntry | undefined {
    // Models are few, calls may be many.
    const served = new Set([...this.counts.keys()].filter(isServed));
    if (served.size === 0) return undefined;
    return this.removeAt(this.entries.findIndex(({ model }) => served.has(model)));
  }

  /** Calls of a model that wait, oldest first. */
  of(model: ModelVersion): TaskEntry[] {
    return this.entries.filter((entry) => entry.model === model);
  }

  private removeAt(position: number): TaskEntry | undefined {
    const entry = this.entries[position];
    if (entry === undefined) return undefined;
    this.entries.splice(position, 1);
    this.count(entry.model, -1);
    return entry;
  }

  private count(model: ModelVersion, change: number): void {
    const count = this.countOf(model) + change;
    if (count === 0) this.counts.delete(model);
    else this.counts.set(model, count);
  }
}
