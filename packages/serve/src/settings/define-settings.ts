import { text, type Setting } from './setting';

/** Settings by name. */
export type SettingsShape = Readonly<Record<string, Setting<unknown>>>;

/** The values of settings. */
export type SettingsOf<Shape extends SettingsShape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends Setting<infer Value> ? Value : never;
};

/** The settings of one kind of process. */
export interface SettingsDefinition<Shape extends SettingsShape = SettingsShape> {
  /** Name of the process, e.g. `nlp`. */
  readonly name: string;
  /** What the process does; one sentence for --help and the documentation. */
  readonly summary: string;
  readonly shape: Shape;
  /** What is wrong with values that are each right alone; a sentence each. */
  check(settings: SettingsOf<Shape>): readonly string[];
}

/** Declares the settings of a process. */
export function defineSettings<Shape extends SettingsShape>(
  definition: Omit<SettingsDefinition<Shape>, 'check'> & {
    readonly check?: (settings: SettingsOf<Shape>) => readonly string[];
  },
): SettingsDefinition<Shape> {
  return { check: () => [], ...definition };
}

/** Every process has it. */
const common = {
  config: text({
    default: undefined,
    doc: 'JSON file with settings by their names. Environment and flags go over it.',
  }),
};

/** The shape of a definition with what every process has. */
export function fullShape(definition: SettingsDefinition): SettingsShape {
  return { ...definition.shape, ...common };
}
