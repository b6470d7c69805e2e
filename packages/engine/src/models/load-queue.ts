import type { ModelVersion } from './model-version';

/** The steps of a load. Neither rejects. */
export interface LoadSteps {
  /** Makes the session. @returns whether the task is to be loaded too */
  readonly loadSession: (version: ModelVersion, position: number) => Promise<boolean>;
  /** Loads the task. @returns true where it failed because another model was not there yet, and may be tried again */
  readonly loadTask: (version: ModelVersion, isLastTry: boolean) => Promise<boolean>;
}

/** After so long a load is overtaken: the next begins beside it. */
const overtakeMs = 3000;
/** Loads at the same time, those that were overtaken included. */
const maxLoads = 4;

/**
 * Loads versions one after another, so that what each adds to memory can be told, but lets none of them hold up the rest: a load that
 * takes long is overtaken. Sessions come first, then tasks, whose warm-up may ask other models.
 */
export class LoadQueue {
  private readonly loading = new Map<ModelVersion, Promise<void>>();

  /** Resolves when nothing of the version is being loaded. */
  async ended(version: ModelVersion): Promise<void> {
    await this.loading.get(version);
  }

  /** Loads versions in their order. Resolves when each has ended, well or badly. */
  async run(versions: readonly ModelVersion[], steps: LoadSteps): Promise<void> {
    const waiting = [...versions.entries()];
    const slow = new Set<Promise<void>>();
    const withTasks: ModelVersion[] = [];
    const all: Promise<void>[] = [];
    for (const [position, version] of waiting) {
      const load = steps.loadSession(version, position).then((hasTask) => {
        if (hasTask) withTasks.push(version);
      });
      this.track(version, load);
      all.push(load);
      if (!(await endsSoon(load))) slow.add(load);
      void load.then(() => slow.delete(load));
      if (slow.size >= maxLoads) await Promise.race(slow);
    }
    await this.loadTasks(withTasks, steps, slow.size === 0);
    if (slow.size === 0) return;
    await Promise.all(all);
    await this.loadTasks(withTasks, steps, true);
  }

  /** Takes versions from the list; puts those back that may be tried again. */
  private async loadTasks(versions: ModelVersion[], { loadTask }: LoadSteps, isLastTry: boolean): Promise<void> {
    for (const version of versions.splice(0)) {
      const load = loadTask(version, isLastTry).then((again) => {
        if (again) versions.push(version);
      });
      this.track(version, load);
      await load;
    }
  }

  private track(version: ModelVersion, load: Promise<void>): void {
    this.loading.set(version, load);
    void load.then(() => {
      if (this.loading.get(version) === load) this.loading.delete(version);
    });
  }
}

/** False where the load is still under way after the time in which it may hold up others. */
async function endsSoon(load: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), overtakeMs);
  });
  const ended = await Promise.race([load.then(() => true), late]);
  clearTimeout(timer);
  return ended;
}
