import { refusal, TributaryError } from '@tributary/contract';
import type { EngineLog } from '../engine';
import type { LoadRefusal, TaskModelSource } from './messages';
import type { TaskLane } from './task-lane';
import type { ModelVersion } from '../models/model-version';

/** What the loader works with. */
export interface TaskLoaderOptions {
  /** Runs a task's warm-up on a lane that has loaded it. Resolves with what went wrong, if anything did. */
  readonly warmUp: (model: ModelVersion, lane: TaskLane, signal: AbortSignal) => Promise<TributaryError | undefined>;
  /** Longest warm-up on a lane whose thread was replaced. */
  readonly warmUpTimeoutMs: number;
  /** A lane has a task again. */
  readonly onRestored: (lane: TaskLane) => void;
  /** No lane has the model's task any more. */
  readonly onLost: (model: ModelVersion, error: TributaryError) => void;
  readonly log: EngineLog;
}

/** Brings tasks onto lanes, for the first time and after the death of a thread; each is warm before it takes calls. */
export class TaskLoader {
  private readonly models = new Map<number, ModelVersion>();
  /** Per lane, the work of giving it its tasks back; one at a time. */
  private readonly restoring = new Map<TaskLane, Promise<void>>();

  constructor(
    private readonly lanes: readonly TaskLane[],
    private readonly options: TaskLoaderOptions,
  ) {}

  /** Makes the model's task on every lane and runs its warm-up there. @throws TributaryError */
  async load(model: ModelVersion, signal: AbortSignal): Promise<void> {
    const { task, options } = model.settings;
    this.models.set(model.id, model);
    const source = { taskName: task, folder: model.source.folder, options, info: model.info(false, false) };
    await Promise.all(
      this.lanes.map(async (lane, position) => {
        try {
          const notes = await lane.load(model.id, source);
          // Every lane reads the same files.
          if (position === 0) this.logNotes(model, notes);
        } catch (refused) {
          throw loadError(refused as LoadRefusal);
        }
        const error = await this.options.warmUp(model, lane, signal);
        if (error !== undefined) {
          const problem = `its warm-up failed: ${error.message}`;
          throw refusal('MODEL_LOAD_FAILED', { problem }, {}, { cause: error.cause });
        }
        lane.hold(model.id, source);
      }),
    );
  }

  private logNotes({ name, version }: ModelVersion, notes: readonly string[]): void {
    for (const note of notes) this.options.log.warn({ model: name, version }, note);
  }

  /** Lets go of the version's task on every lane; no call of it is left. */
  unload(model: ModelVersion): void {
    this.models.delete(model.id);
    for (const lane of this.lanes) lane.unload(model.id);
  }

  /** Gives a lane whose thread was replaced its tasks back, as soon as it has got what it was given before. */
  restore(lane: TaskLane): void {
    const before = this.restoring.get(lane) ?? Promise.resolve();
    this.restoring.set(
      lane,
      before.then(() => this.restoreMissing(lane)),
    );
  }

  /** One after another, each warm before it takes calls. A thread that dies meanwhile is replaced, and all begins anew. */
  private async restoreMissing(lane: TaskLane): Promise<void> {
    for (const [session, source] of lane.missing()) {
      const model = this.models.get(session);
      // One that kills its workers comes back when it has rested; see TaskRuntime.resume.
      if (lane.isUp && model?.isAlive === true) await this.restoreTask(lane, model, source);
    }
  }

  private async restoreTask(lane: TaskLane, model: ModelVersion, source: TaskModelSource): Promise<void> {
    try {
      await lane.load(model.id, source);
    } catch (refused) {
      if (lane.isUp) this.reportLost(lane, model, refused as LoadRefusal);
      return;
    }
    const error = await this.options.warmUp(model, lane, AbortSignal.timeout(this.options.warmUpTimeoutMs));
    if (!lane.isUp) return;
    if (error !== undefined) {
      const { name, version } = model;
      this.options.log.warn({ model: name, version, problem: error.message }, 'a replaced task lane is not warm');
    }
    lane.hold(model.id, source);
    this.options.onRestored(lane);
  }

  private reportLost(lane: TaskLane, model: ModelVersion, { reason, sentence, problem }: LoadRefusal): void {
    const { name, version, id: session } = model;
    this.options.log.error({ model: name, version, problem }, 'a replaced task lane could not load a task again');
    lane.unassign(session);
    if (!this.lanes.some((other) => other.isAssigned(session)))
      this.options.onLost(model, new TributaryError(reason, sentence));
  }
}

/** The error of a refused load. */
function loadError({ reason, sentence, problem }: LoadRefusal): TributaryError {
  return new TributaryError(reason, sentence, {}, { cause: problem });
}
