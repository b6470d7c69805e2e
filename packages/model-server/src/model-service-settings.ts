import { checkServeSettings, defineSettings, serveSettingsShape, setting } from '@tributary/serve/settings';

/** What tells one model service from another. */
export interface ModelServiceDefinition {
  /** Name of the process and kind of service, e.g. `nlp`. */
  readonly name: string;
  /** What the process does; one sentence for --help. */
  readonly summary: string;
  /** Absolute path of the module that exports `tasks`; it is loaded here and on every task lane. */
  readonly tasksModule: string;
  /** Default ports. */
  readonly ports: { readonly grpc: number; readonly metrics: number };
  /** Default model repository. */
  readonly repository: string;
}

/** The settings of a model service: those of every server, and the engine's. */
// eslint-disable-next-line @typescript-eslint/explicit-module-boundary-types -- the inferred type is what callers need
export function modelServiceSettings({ name, summary, ports, repository }: ModelServiceDefinition) {
  return defineSettings({
    name,
    summary,
    shape: {
      ...serveSettingsShape(ports),
      repository: setting.text({
        default: repository,
        doc: 'Folder of models, laid out as <name>/<version>/model.onnx, with an optional model.json in each <name>.',
      }),
      strict: setting.toggle({
        default: 'false',
        doc: 'Do not start unless every model can be loaded. By default the others serve, RepositoryIndex gives the reason, and the process is not ready (see `readiness`).',
      }),
      readiness: setting.choice(['all', 'any'], {
        default: 'all',
        doc: 'When ServerReady and the health name `readiness` say yes: once every model answers (one that rests after failures counts), or once any does. Neither keeps calls from the models that answer.',
      }),
      cpuBudget: setting.number(
        { min: 0.1, max: 1024 },
        {
          default: undefined,
          doc: 'Cores to plan threads for, possibly a fraction. By default what the container or machine allows.',
        },
      ),
      prepackBudget: setting.byteSize(
        { min: 0, max: 1024 * 2 ** 30 },
        {
          default: '256MiB',
          doc: 'Memory for weights laid out anew for the kernels, a copy a lane. Models take file size times lanes in the order they load; those that do not fit share the weights as they lie in the file, which makes runs of few rows up to half as long again. 0: all share, but for models with 8-bit operators, whose kernels need it.',
        },
      ),
      runTimeoutMs: setting.duration(
        { min: 1, max: 3_600_000 },
        {
          default: '30s',
          doc: 'Longest run of a model. A longer one is stopped and its call fails with RUN_TIMEOUT; the process goes on. Without a runner (see `isolation`) a run that does not stop ends the process, to be started again.',
        },
      ),
      loadTimeoutMs: setting.duration(
        { min: 1000, max: 24 * 3_600_000 },
        {
          default: '120s',
          doc: 'Longest load of one version of a model, its first runs included; one that takes longer has failed. Others serve meanwhile.',
        },
      ),
      isolation: setting.choice(['runner', 'none'], {
        default: 'runner',
        doc: 'Where models run. runner: in a process of their own, whose death costs the calls that were running and no others (Linux; elsewhere as none). none: in threads of this process, which ends with a run that crashes.',
      }),
      runMemory: setting.byteSize(
        { min: 64 * 2 ** 20, max: 1024 * 2 ** 30 },
        {
          default: undefined,
          doc: "Memory that all runs together may take beyond what loaded models take; a run that asks for more fails with RUN_OUT_OF_MEMORY. By default what the container's limit leaves, at most 1GiB.",
        },
      ),
    },
    check: checkServeSettings,
  });
}
