/** One flag of a command. */
export interface Flag {
  /** e.g. `--rounds` */
  readonly name: string;
  /** What stands for its value in the help, e.g. `N`; a flag without one is on or off. */
  readonly value?: string;
  readonly help: string;
}

/** A command line, read. What is wrong with it is gathered in `faults`. */
export class Flags {
  readonly faults: string[] = [];
  private readonly values = new Map<string, string[]>();

  /** Reads `--name value`, `--name=value` and `--name`; everything must be one of the flags. */
  constructor(args: readonly string[], known: readonly Flag[]) {
    for (let index = 0; index < args.length; index++) {
      const argument = args[index]!;
      const equals = argument.indexOf('=');
      const name = equals === -1 ? argument : argument.slice(0, equals);
      const inline = equals === -1 ? undefined : argument.slice(equals + 1);
      const flag = known.find((candidate) => candidate.name === name);
      if (flag === undefined) {
        this.faults.push(name.startsWith('-') ? `unknown option ${name}` : `unknown argument ${name}`);
      } else if (flag.value === undefined) {
        if (inline !== undefined) this.faults.push(`${name} takes no value`);
        this.add(name, '');
      } else {
        const value = inline ?? args[++index];
        if (value === undefined) this.faults.push(`${name}: expected ${flag.value}`);
        else this.add(name, value);
      }
    }
  }

  has(name: string): boolean {
    return this.values.has(name);
  }

  /** Every value of a flag that may be given several times. */
  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  /** Its last value. */
  text(name: string): string | undefined {
    return this.all(name).at(-1);
  }

  /** Its last value as a number within bounds. */
  number(
    name: string,
    bounds: { readonly min: number; readonly max: number; readonly whole?: boolean },
  ): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const number = text.trim() === '' ? Number.NaN : Number(text);
    const fits = number >= bounds.min && number <= bounds.max && (bounds.whole !== true || Number.isInteger(number));
    if (fits) return number;
    this.faults.push(
      `${name}: expected a ${bounds.whole === true ? 'whole ' : ''}number from ${bounds.min} to ${bounds.max}, got "${text}"`,
    );
    return undefined;
  }

  /** Throws an Error with all that is wrong. */
  assertRight(): void {
    if (this.faults.length > 0) throw new Error(this.faults.join('\n'));
  }

  private add(name: string, value: string): void {
    this.values.set(name, [...this.all(name), value]);
  }
}

/** The flags as aligned lines of a help text. */
export function renderFlags(flags: readonly Flag[]): string {
  const left = flags.map(({ name, value }) => (value === undefined ? name : `${name} ${value}`));
  const width = Math.max(...left.map((text) => text.length));
  return flags.map(({ help }, index) => `  ${left[index]!.padEnd(width)}  ${help}`).join('\n');
}
