/** Prefix of every environment variable. */
export const environmentPrefix = 'TRIBUTARY_';

/** `maxDeadlineMs` is `--max-deadline`: the value carries the unit, so the name need not. */
export function flagOf(name: string): string {
  return `--${words(name).join('-')}`;
}

/** `maxDeadlineMs` is `TRIBUTARY_MAX_DEADLINE`. */
export function variableOf(name: string): string {
  return environmentPrefix + words(name).join('_').toUpperCase();
}

function words(name: string): string[] {
  return name
    .replace(/Ms$/, '')
    .split(/(?=[A-Z])/)
    .map((word) => word.toLowerCase());
}
