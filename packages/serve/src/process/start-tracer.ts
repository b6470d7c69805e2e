import { readFileSync } from 'node:fs';
import type { Logger } from 'pino';
import { tracesDelayMs, tracesUrl, type TracingSettings } from '../settings/tracing-settings';
import { parseHeaders } from '../tracing/headers-file';
import { createOtlpExporter } from '../tracing/otlp-exporter';
import { Tracer } from '../tracing/tracer';
import { StartError } from './start-error';

/**
 * The tracer of a process; undefined where traces go nowhere: then OpenTelemetry's libraries are not even loaded.
 * @throws StartError where the file of headers cannot be read
 */
export function startTracer(service: string, settings: Partial<TracingSettings>, log: Logger): Tracer | undefined {
  const url = tracesUrl(settings, process.env);
  if (url === undefined) return undefined;
  const { tracesSampling: ratio = 0, tracesHeadersFile: headersFile } = settings;
  if (headersFile !== undefined) assertHeaders(headersFile);
  log.info({ url: withoutSecrets(url), ratio }, 'calls are traced');
  const exporter = createOtlpExporter({ url, headersFile, service });
  return new Tracer({ exporter, ratio, maxDelayMs: tracesDelayMs(process.env), log });
}

/** As it may stand in the log. */
function withoutSecrets(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

function assertHeaders(path: string): void {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new StartError(`tracesHeadersFile: ${path} cannot be read`, { cause: error });
  }
  try {
    parseHeaders(text);
  } catch (error) {
    throw new StartError(`tracesHeadersFile: ${path}: ${(error as Error).message}`, { cause: error });
  }
}
