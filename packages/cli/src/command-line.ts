import { parseArgs, type ParseArgsConfig } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']> & { readonly help: { readonly type: 'boolean' } };

/** A command as a person types it. */
export interface CommandLine<O extends Options> {
  /** e.g. `npm run top` */
  readonly command: string;
  /** What `--help` prints. */
  readonly help: string;
  readonly args: readonly string[];
  readonly options: O;
  /** Whether it takes arguments that are no options. Default false. */
  readonly allowPositionals?: boolean;
}

/** Options and arguments of a command line. */
export type Arguments<O extends Options> = ReturnType<typeof parseArgs<{ allowPositionals: true; options: O }>>;

/**
 * Reads a command line.
 * @returns the exit code where there is nothing more to do: `--help` was asked for and printed, or something was wrong and said so
 */
export function readArguments<O extends Options>(line: CommandLine<O>): Arguments<O> | number {
  const { command, help, args, options, allowPositionals = false } = line;
  let read;
  try {
    read = parseArgs({ args: [...args], allowPositionals, options });
  } catch (error) {
    return fail(`${(error as Error).message.split('. ')[0] ?? ''}; see ${command} -- --help`);
  }
  // The types of node:util do not follow an option through a type parameter.
  const { values } = read as { readonly values: { readonly help?: boolean } };
  if (values.help !== true) return read;
  process.stdout.write(help);
  return 0;
}

/** Why a command cannot do what its arguments say, in a sentence for people. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Says why a command does nothing. @returns its exit code */
export function fail(sentence: string): number {
  process.stderr.write(`tributary: ${sentence}\n`);
  return 1;
}
