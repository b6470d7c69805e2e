import { pino, type DestinationStream, type Level, type Logger } from 'pino';
import type * as PinoPretty from 'pino-pretty';
import { BackgroundWriter } from './background-writer';

/** What a log is made of. */
export interface LogOptions {
  /** Name of the process, in every line. */
  readonly name: string;
  readonly logLevel: Level;
  readonly logFormat: 'auto' | 'json' | 'pretty';
}

/** A log and its end. */
export interface ProcessLog {
  /** Its `flush` returns when every line is written, where its reader reads: for what may be the last word of the process. */
  readonly log: Logger;
  /** Lines that were dropped because nobody read stdout. */
  readonly dropped: () => number;
  /** Resolves to true when every line is written, to false when that takes longer than `timeoutMs`. */
  readonly drained: (timeoutMs: number) => Promise<boolean>;
}

/**
 * Logs to stdout: one JSON object a line, or coloured text on a terminal. JSON lines are written in the background, so that a full
 * pipe holds up nobody; what a reader leaves for too long is dropped and counted.
 */
export function createLog(options: LogOptions): ProcessLog {
  const isPretty = options.logFormat === 'pretty' || (options.logFormat === 'auto' && process.stdout.isTTY);
  return isPretty ? prettyLog(options) : jsonLog(options);
}

function prettyLog(options: LogOptions): ProcessLog {
  // Loaded only where it is used: it takes as long as all the rest of the log.
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- here and not at the start
  const { default: pretty } = require('pino-pretty') as typeof PinoPretty;
  const log = logTo(options, pretty({ sync: true, ignore: 'name', translateTime: 'SYS:HH:MM:ss.l' }));
  return { log, dropped: () => 0, drained: () => Promise.resolve(true) };
}

function jsonLog(options: LogOptions): ProcessLog {
  const stdout = new BackgroundWriter(1);
  return {
    log: logTo(options, stdout),
    dropped: () => stdout.dropped,
    drained: (timeoutMs) => stdout.drained(timeoutMs),
  };
}

function logTo({ name, logLevel }: LogOptions, destination: DestinationStream): Logger {
  // Host and process id are the platform's to add; paths and payloads are nowhere in the lines.
  return pino({ level: logLevel, base: { name }, timestamp: pino.stdTimeFunctions.isoTime }, destination);
}
