import { fullShape, type SettingsDefinition } from './define-settings';
import type { Setting } from './setting';
import { flagOf, variableOf } from './setting-names';

/** Text of `--help`. */
export function renderHelp(definition: SettingsDefinition): string {
  const entries = Object.entries(fullShape(definition)).map(([name, setting]) =>
    [
      `  ${flagOf(name)}${setting.isSwitch ? '' : ' <value>'}`,
      ...wrap(setting.doc, 96).map((line) => `      ${line}`),
      `      ${capitalised(setting.expected)}. Default: ${defaultOf(setting)}. Variable: ${variableOf(name)}`,
    ].join('\n'),
  );
  return `Usage: ${definition.name} [--setting value ...]

${definition.summary}

Settings, each as a flag, an environment variable or an entry of the file that --config names; flags go over variables, variables
over the file.

${entries.join('\n\n')}

  --help
      Prints this.

  --version
      Prints the version.
`;
}

/** Sections of docs/configuration.md: what all processes have, then what each has of its own. */
export function renderSettingsMarkdown(definitions: readonly SettingsDefinition[]): string {
  const shapes = definitions.map(fullShape);
  const shared = new Set(
    Object.entries(shapes[0] ?? {})
      .filter(([name, { doc }]) => definitions.length > 1 && shapes.every((shape) => shape[name]?.doc === doc))
      .map(([name]) => name),
  );
  const sharedRows = [...shared].map((name) => settingsRow(name, shapes[0]![name]!, sharedDefault(definitions, name)));
  const sections = definitions.map(({ name, summary }, index) => {
    const own = Object.entries(shapes[index]!).filter(([setting]) => !shared.has(setting));
    return section(
      name,
      summary,
      own.map(([setting, declared]) => settingsRow(setting, declared, code(declared.defaultText))),
    );
  });
  return [
    ...(shared.size === 0 ? [] : [section('Every process', 'What all processes have.', sharedRows)]),
    ...sections,
  ].join('\n');
}

function section(title: string, about: string, rows: readonly string[]): string {
  return `## ${title}

${about}

| setting | flag | variable | value | default | |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
}

function settingsRow(name: string, { expected, doc }: Setting<unknown>, defaultText: string): string {
  const cells = [
    `\`${name}\``,
    `\`${flagOf(name)}\``,
    `\`${variableOf(name)}\``,
    escaped(expected),
    defaultText,
    escaped(doc),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** One default, or that of each process. */
function sharedDefault(definitions: readonly SettingsDefinition[], name: string): string {
  const defaults = definitions.map((definition) => code(fullShape(definition)[name]!.defaultText));
  if (new Set(defaults).size === 1) return defaults[0]!;
  return definitions.map((definition, index) => `${definition.name} ${defaults[index]!}`).join(', ');
}

function code(defaultText: string | undefined): string {
  if (defaultText === undefined) return 'none';
  return defaultText === '' ? 'empty' : `\`${defaultText}\``;
}

function defaultOf(setting: Setting<unknown>): string {
  if (setting.defaultText === undefined) return 'none';
  return setting.defaultText === '' ? 'empty' : setting.defaultText;
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + 1 + word.length <= width) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|');
}
