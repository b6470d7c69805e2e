import { refusal, TributaryError } from '@tributary/contract';
import type { Logger } from 'pino';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { createLog, type ProcessLog } from '../log/create-log';
import { createMetrics, defineMetrics } from '../metrics/define-metrics';
import type { ServeSettings } from '../serve-settings';
import type { RunningServer } from '../serve';
import type { SettingsDefinition, SettingsOf, SettingsShape } from '../settings/define-settings';
import { loadSettings, OutputRequested, settingsForLog } from '../settings/load-settings';
import type { ServingSettings } from '../settings/serve-settings-shape';
import { version } from '../version';
import { endAtOnce } from './end-at-once';
import { nodeVersionProblem } from './node-version';
import type { Tracer } from '../tracing/tracer';
import { StartError } from './start-error';
import { startTracer } from './start-tracer';

/** What main code gets. */
export interface ProcessContext<Settings> {
  readonly settings: Settings;
  readonly log: Logger;
  readonly registry: Registry;
  /** Undefined: traces go nowhere. */
  readonly tracer: Tracer | undefined;
  /** Aborts when the process is asked to stop (SIGTERM, SIGINT, the end of its launcher) or has a defect. */
  readonly signal: AbortSignal;
  /** Resolves when `signal` aborts. */
  readonly stopped: Promise<void>;
  /** Says that calls are taken now; a launcher learns the ports by it. */
  readonly announce: (server: Pick<RunningServer, 'grpcPort' | 'metricsPort' | 'probePort'>) => void;
  /**
   * Sets what SIGHUP does, one at a time: while it works, further signals make it work once more. What it throws is logged. Until it is set,
   * SIGHUP ends the process, as it does anywhere.
   */
  readonly onReload: (reload: () => Promise<void>) => void;
  /** Ends the process at once, for what cannot be ended otherwise: a run that never returns. */
  readonly kill: (why: string) => void;
}

/** Metrics of what runProcess does. */
export const processMetricDefinitions = defineMetrics({
  logLinesDropped: {
    type: 'gauge',
    name: 'tributary_log_lines_dropped',
    help: 'Log lines dropped since the start, because nobody read stdout.',
  },
  traceSpans: {
    type: 'counter',
    name: 'tributary_trace_spans_total',
    help: 'Spans of traced calls, by outcome: exported, dropped (too many waited for the collector) or failed (the collector did not take them). Nothing where no call is traced.',
    labels: ['outcome'],
  },
});

/** Exit codes of a process that is not ended at once. */
export const exitCodes = { stopped: 0, failed: 1 } as const;

/** From the end of the drain to the end of everything else, e.g. of runs that cannot be interrupted. */
const closeTimeoutMs = 10_000;

/** How long the end of a process waits for readers of its log, and before that for the collector of its traces. */
const flushTimeoutMs = 1000;

/**
 * The life of a process: reads its settings, runs `main`, and ends. `main` builds, announces, awaits `stopped`, drains and closes.
 *
 * - SIGTERM or SIGINT aborts `signal`; exit code 0 when `main` has returned. So does the end of the launcher's IPC channel.
 * - SIGHUP calls what `main` gave to `onReload`.
 * - A second SIGTERM or SIGINT, or a `main` that takes longer than drainTimeout + 10 s to return, ends the process at once with
 *   SIGKILL (see endAtOnce).
 * - A StartError is printed as its one message; any other error of `main` is logged; both end with exit code 1.
 * - An exception or rejection that nobody caught is logged, aborts `signal`, and makes the exit code 1.
 */
export function runProcess<Shape extends SettingsShape>(
  definition: SettingsDefinition<Shape>,
  main: (context: ProcessContext<SettingsOf<Shape>>) => Promise<void>,
): void {
  void new ProcessRun(definition, main).run();
}

class ProcessRun<Shape extends SettingsShape> {
  private readonly controller = new AbortController();
  private log: ProcessLog | undefined;
  private tracer: Tracer | undefined;
  private exitCode: number = exitCodes.stopped;
  private stopTimeoutMs = closeTimeoutMs;

  constructor(
    private readonly definition: SettingsDefinition<Shape>,
    private readonly main: (context: ProcessContext<SettingsOf<Shape>>) => Promise<void>,
  ) {}

  async run(): Promise<void> {
    try {
      const problem = nodeVersionProblem(process.versions.node);
      if (problem !== undefined) throw new StartError(problem);
      const settings = loadSettings(this.definition, { argv: process.argv.slice(2), env: process.env });
      this.prepare(settings);
      this.tracer = startTracer(this.definition.name, settings, this.log!.log);
      await this.main(this.context(settings));
    } catch (error) {
      this.explain(error);
    }
    await this.exit();
  }

  private prepare(settings: SettingsOf<Shape> & Partial<ServingSettings & ServeSettings>): void {
    const { logLevel = 'info', logFormat = 'auto', drainTimeoutMs = 0 } = settings;
    this.log = createLog({ name: this.definition.name, logLevel, logFormat });
    this.stopTimeoutMs = drainTimeoutMs + closeTimeoutMs;
    this.listen();
    this.log.log.info(
      { version, node: process.versions.node, settings: settingsForLog(this.definition, settings) },
      'starting',
    );
  }

  private listen(): void {
    process.on('SIGTERM', (name) => this.onSignal(name));
    process.on('SIGINT', (name) => this.onSignal(name));
    process.on('disconnect', () => this.stop('the launcher is gone'));
    process.on('uncaughtException', (error) => this.onDefect(error));
    process.on('unhandledRejection', (reason) => this.onDefect(reason));
  }

  private context(settings: SettingsOf<Shape>): ProcessContext<SettingsOf<Shape>> {
    const { signal } = this.controller;
    const { log, dropped } = this.log!;
    const registry = new Registry();
    // Those of Node (`process_*`, `nodejs_*`). Once a process: each keeps a clock of its own that ticks a hundred times a second.
    collectDefaultMetrics({ register: registry });
    const tracer = this.tracer;
    createMetrics(registry, processMetricDefinitions, {
      logLinesDropped: (gauge) => gauge.set(dropped()),
      traceSpans: (counter) => {
        counter.reset();
        for (const [outcome, count] of Object.entries(tracer?.counts ?? {})) counter.inc({ outcome }, count);
      },
    });
    return {
      settings,
      log,
      registry,
      tracer,
      signal,
      stopped: new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })),
      announce: ({ grpcPort, metricsPort, probePort }) =>
        process.send?.({ type: 'serving', grpcPort, metricsPort, probePort }),
      onReload: (reload) => this.reloadOnHangup(reload),
      kill: (why) => this.kill(why),
    };
  }

  private reloadOnHangup(reload: () => Promise<void>): void {
    let isWanted = false;
    let isRunning = false;
    const run = async (): Promise<void> => {
      isRunning = true;
      while (isWanted && !this.controller.signal.aborted) {
        isWanted = false;
        await reload().catch((error: unknown) => {
          if (!this.controller.signal.aborted) this.log?.log.error({ err: error }, 'SIGHUP: the reload failed');
        });
      }
      isRunning = false;
    };
    process.on('SIGHUP', () => {
      isWanted = true;
      if (!isRunning) void run();
    });
  }

  private onSignal(name: NodeJS.Signals): void {
    if (this.controller.signal.aborted) this.kill(`${name} while stopping`);
    else this.stop(name);
  }

  private onDefect(error: unknown): void {
    this.exitCode = exitCodes.failed;
    this.log?.log.fatal({ err: error }, 'an error that nothing caught; stopping');
    this.stop('a defect');
  }

  private stop(why: string): void {
    if (this.controller.signal.aborted) return;
    this.log?.log.info({ why }, 'stopping');
    setTimeout(() => this.kill('it does not stop'), this.stopTimeoutMs).unref();
    this.controller.abort(refusal('SHUTTING_DOWN', {}));
  }

  private kill(why: string): void {
    this.log?.log.fatal({ why }, 'killing the process');
    // The line is on its way in a thread; without a reader it never arrives.
    void (this.log?.drained(flushTimeoutMs / 10) ?? Promise.resolve()).then(endAtOnce);
  }

  private explain(error: unknown): void {
    if (error instanceof OutputRequested) {
      process.stdout.write(error.output);
      return;
    }
    // Loading that was interrupted ends with the reason of the interruption, or one like it.
    if (this.controller.signal.aborted && error instanceof TributaryError && error.reason === 'SHUTTING_DOWN') return;
    this.exitCode = exitCodes.failed;
    if (error instanceof StartError) process.stderr.write(`${this.definition.name}: ${error.message}\n`);
    else if (this.log === undefined) process.stderr.write(`${this.definition.name}: ${String(error)}\n`);
    else this.log.log.fatal({ err: error }, 'failed');
  }

  private async exit(): Promise<void> {
    await this.tracer?.close(flushTimeoutMs);
    const flushed = (await this.log?.drained(flushTimeoutMs)) ?? true;
    // exit() would wait for the thread that is stuck in writing to a full pipe.
    if (flushed) process.exit(this.exitCode);
    else endAtOnce();
  }
}
