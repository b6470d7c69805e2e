/** A line that a process wrote, understood as far as it can be. */
export interface LogLine {
  /** pino's levels: 30 info, 40 warn, 50 error. Lines that are no log count as warnings: somebody meant them to be read. */
  readonly level: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** For people. */
  readonly text: string;
}

const hidden = new Set(['level', 'time', 'pid', 'hostname', 'name', 'msg', 'v']);

/** Reads a line of JSON as pino writes it; anything else is its own text. */
export function renderLogLine(line: string): LogLine {
  const fields = parseObject(line);
  if (fields === undefined) return { level: 40, message: line, fields: {}, text: line };
  const message = typeof fields.msg === 'string' ? fields.msg : '';
  const extras = Object.entries(fields)
    .filter(([key]) => !hidden.has(key))
    .map(([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`);
  return {
    level: typeof fields.level === 'number' ? fields.level : 30,
    message,
    fields,
    text: [message, ...extras].join(' '),
  };
}

function parseObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
