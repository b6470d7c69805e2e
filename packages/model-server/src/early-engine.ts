import { refusal } from '@tributary/contract';
import { openEngine, type EngineLog, type EngineOptions, type OpenedEngine } from '@tributary/engine';
import { loadSettings, type SettingsOf } from '@tributary/serve/settings';
import { EarlyLog } from './early-log';
import { hasTakenPort } from './taken-port';
import { modelServiceSettings, type ModelServiceDefinition } from './model-service-settings';
import { planFor, sizeNativePool } from './native-pool';

/** The values of a model service's settings. */
export type ModelServiceValues = SettingsOf<ReturnType<typeof modelServiceSettings>['shape']>;

/** What the engine needs of a process that is not there yet when it begins. */
export interface EngineHost {
  readonly log: EngineLog;
  /** Stops loading. */
  readonly signal: AbortSignal;
  readonly onStuck: (model: string) => void;
}

/** An engine that is being loaded while the rest of the process is. */
export class EarlyEngine {
  /** The engine, which serves each model as soon as it is loaded. */
  readonly opened: Promise<OpenedEngine>;
  /** Resolves when the first model is on its way, or loading has ended. */
  readonly loading: Promise<void>;
  private readonly stop = new AbortController();
  private readonly log: EarlyLog;
  private onStuck: ((model: string) => void) | undefined;
  /** Stuck before anybody could be told. */
  private stuckModel: string | undefined;

  /** @param name of the process, for its log */
  constructor(name: string, settings: ModelServiceValues, tasksModule: string) {
    this.log = new EarlyLog(name, settings);
    const { repository, strict, runTimeoutMs, loadTimeoutMs, isolation, runMemory, cpuBudget, prepackBudget } =
      settings;
    let tellLoading!: () => void;
    const begun = new Promise<void>((resolve) => (tellLoading = resolve));
    const options: EngineOptions = {
      ...{ repository, strict, runTimeoutMs, loadTimeoutMs, isolation, tasksModule },
      ...(runMemory !== undefined && { runMemoryBytes: runMemory }),
      prepackBudgetBytes: prepackBudget,
      cpuBudget: planFor({ cpuBudget }).cpuBudget,
      log: this.log,
      signal: this.stop.signal,
      onLoading: tellLoading,
      onStuck: (model) => {
        if (this.onStuck === undefined) this.stuckModel = model;
        else this.onStuck(model);
      },
    };
    // A thread that is inside of ONNX Runtime cannot be ended: where the process will find its port in use, none should be.
    this.opened = hasTakenPort(settings).then((isTaken) => {
      if (isTaken) this.stop.abort(refusal('SHUTTING_DOWN', {}));
      return openEngine(options);
    });
    const ended = this.opened.then(({ loaded }) => loaded).catch(() => undefined);
    this.loading = Promise.race([begun, ended]);
  }

  /** Hands over to the process: what was logged, and who is told from now on. */
  attach({ log, signal, onStuck }: EngineHost): void {
    this.log.attach(log);
    this.onStuck = onStuck;
    if (this.stuckModel !== undefined) onStuck(this.stuckModel);
    const abort = (): void => this.stop.abort(signal.reason);
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  }

  /** The process cannot serve: stops loading, and waits until no thread is inside of ONNX Runtime. */
  async abandon(): Promise<void> {
    this.stop.abort();
    await this.opened.then(({ engine }) => engine.close()).catch(() => undefined);
  }
}

/** Begins to load what the settings name. @returns undefined where they are faulty, or only help was asked for */
export function beginLoading(definition: ModelServiceDefinition): EarlyEngine | undefined {
  let settings: ModelServiceValues;
  try {
    // eslint-disable-next-line no-restricted-properties -- where settings come from; runProcess reads the same again
    settings = loadSettings(modelServiceSettings(definition), { argv: process.argv.slice(2), env: process.env });
  } catch {
    // runProcess finds the same fault and explains it.
    return undefined;
  }
  sizeNativePool(settings);
  return new EarlyEngine(definition.name, settings, definition.tasksModule);
}
