import { StartError } from '../process/start-error';
import { version } from '../version';
import { fullShape, type SettingsDefinition, type SettingsOf, type SettingsShape } from './define-settings';
import { renderHelp } from './render-settings';
import type { Setting } from './setting';
import { readEnvironment, readFlags, readSettingsFile, type GivenValue } from './setting-sources';

/** Where settings come from. */
export interface SettingsInput {
  /** Arguments after the script's name. */
  readonly argv: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** `--help` or `--version` was asked for: print `output` and exit with 0. */
export class OutputRequested extends Error {
  override readonly name = 'OutputRequested';
  constructor(readonly output: string) {
    super('only output was asked for');
  }
}

/**
 * The settings of a process: defaults, below the file, below the environment, below flags. Frozen.
 * @throws StartError with every fault of every source at once; OutputRequested
 */
export function loadSettings<Shape extends SettingsShape>(
  definition: SettingsDefinition<Shape>,
  input: SettingsInput,
): SettingsOf<Shape> {
  const shape = fullShape(definition);
  if (input.argv.includes('--help')) throw new OutputRequested(renderHelp(definition));
  if (input.argv.includes('--version')) throw new OutputRequested(`${version}\n`);

  const flags = readFlags(shape, input.argv);
  const environment = readEnvironment(shape, input.env);
  const path = [...environment.values, ...flags.values].findLast(({ name }) => name === 'config')?.value as
    string | undefined;
  const file = path === undefined ? { values: [], problems: [] } : readSettingsFile(shape, path);

  const problems = [...file.problems, ...environment.problems, ...flags.problems];
  const settings = defaultsOf(definition.shape) as Record<string, unknown>;
  // In rising order of rank; a value is checked even where another goes over it.
  for (const given of [...file.values, ...environment.values, ...flags.values]) {
    const setting = shape[given.name]!;
    const parsed = setting.schema.safeParse(given.value);
    if (!parsed.success) problems.push(valueProblem(given, setting));
    else if (given.name !== 'config') settings[given.name] = parsed.data;
  }
  if (problems.length === 0) problems.push(...definition.check(settings as SettingsOf<Shape>));
  if (problems.length > 0) throw new StartError(summary(definition.name, problems));
  return Object.freeze(settings) as SettingsOf<Shape>;
}

/** The settings where nobody says anything. */
export function defaultsOf<Shape extends SettingsShape>(shape: Shape): SettingsOf<Shape> {
  const values = Object.entries(shape).map(([name, { defaultText, schema }]) => [
    name,
    defaultText === undefined ? undefined : schema.parse(defaultText),
  ]);
  return Object.fromEntries(values) as SettingsOf<Shape>;
}

/** Settings as they may stand in a log: those that are not at their default, secrets masked. */
export function settingsForLog<Shape extends SettingsShape>(
  definition: SettingsDefinition<Shape>,
  settings: SettingsOf<Shape>,
): Record<string, unknown> {
  const defaults = defaultsOf(definition.shape);
  const changed = Object.entries(definition.shape).filter(
    ([name]) => JSON.stringify(settings[name]) !== JSON.stringify(defaults[name]),
  );
  return Object.fromEntries(changed.map(([name, { secret }]) => [name, secret === true ? '***' : settings[name]]));
}

function valueProblem({ value, source }: GivenValue, setting: Setting<unknown>): string {
  const got = setting.secret === true ? '***' : JSON.stringify(value).slice(0, 100);
  return `${source}: expected ${setting.expected}, got ${got}`;
}

function summary(name: string, problems: readonly string[]): string {
  if (problems.length === 1) return `${problems[0]!} (--help lists the settings of ${name})`;
  return [`${problems.length} faults in the settings (--help lists those of ${name}):`, ...problems].join('\n  ');
}
