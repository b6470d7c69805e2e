import { writeSync } from 'node:fs';
import type { EngineLog } from '@tributary/engine';

/** Numbers by which the log of a process writes its levels (pino's). */
const levels = { info: 30, warn: 40, error: 50 } as const;

/** What of a process's settings its log goes by. */
interface LogSettings {
  readonly logLevel: string;
  readonly logFormat: 'auto' | 'json' | 'pretty';
}

interface Line {
  readonly level: keyof typeof levels;
  readonly time: Date;
  readonly fields: object;
  readonly message: string;
}

/**
 * The engine's log before the process has one: lines wait until it has. Those that must be out before the engine goes on (`flush`) are
 * written at once, as the process's log would write them: the log itself takes longer to load than the first model to begin.
 */
export class EarlyLog implements EngineLog {
  private log: EngineLog | undefined;
  private held: Line[] = [];

  constructor(
    private readonly name: string,
    private readonly settings: LogSettings,
  ) {}

  attach(log: EngineLog): void {
    this.log = log;
    for (const { level, fields, message } of this.held) log[level](fields, message);
    this.held = [];
  }

  info(fields: object, message: string): void {
    this.write('info', fields, message);
  }

  warn(fields: object, message: string): void {
    this.write('warn', fields, message);
  }

  error(fields: object, message: string): void {
    this.write('error', fields, message);
  }

  flush(): void {
    if (this.log !== undefined) {
      this.log.flush?.();
      return;
    }
    const lines = this.held.filter(({ level }) => levels[level] >= this.leastLevel());
    if (lines.length === 0) return;
    try {
      writeSync(1, lines.map((line) => this.textOf(line)).join(''));
      this.held = [];
    } catch {
      // Nobody reads now. The log of the process tries again.
    }
  }

  private write(level: keyof typeof levels, fields: object, message: string): void {
    if (this.log === undefined) this.held.push({ level, time: new Date(), fields, message });
    else this.log[level](fields, message);
  }

  private textOf({ level, time, fields, message }: Line): string {
    const { logFormat } = this.settings;
    const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && process.stdout.isTTY);
    const shown = Object.fromEntries(Object.entries(fields).map(([key, value]) => [key, said(value)]));
    if (isPretty) {
      return `[${time.toTimeString().slice(0, 8)}] ${level.toUpperCase()}: ${message} ${JSON.stringify(shown)}\n`;
    }
    const line = { level: levels[level], time: time.toISOString(), name: this.name, ...shown, msg: message };
    return `${JSON.stringify(line)}\n`;
  }

  /** Levels below it are not written; those that the engine does not have are above all of its own, or below. */
  private leastLevel(): number {
    const { logLevel } = this.settings;
    if (logLevel === 'fatal') return Infinity;
    return logLevel in levels ? levels[logLevel as keyof typeof levels] : 0;
  }
}

/** An error has nothing that JSON would show. */
function said(value: unknown): unknown {
  if (!(value instanceof Error)) return value;
  const { name, message, stack } = value;
  return { type: name, message, stack };
}
