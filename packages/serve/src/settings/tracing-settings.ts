import { number, text } from './setting';
import type { SettingsOf } from './define-settings';

/** Path at which collectors take traces. */
const tracesPath = '/v1/traces';

/** The settings of tracing, part of serveSettingsShape. */
export const tracingSettingsShape = {
  tracesEndpoint: text({
    default: undefined,
    doc: "Where traces go: the URL of a collector's OTLP listener for HTTP, e.g. http://localhost:4318. Without it, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT or OTEL_EXPORTER_OTLP_ENDPOINT; without those, no call is traced. See docs/observability.md.",
  }),
  tracesSampling: number(
    { min: 0, max: 1 },
    {
      default: '0.01',
      doc: 'Share of calls that are traced, from 0 to 1. Calls that come with a traceparent are traced where their caller traces them, and only there.',
    },
  ),
  tracesHeadersFile: text({
    default: undefined,
    doc: "File with headers for the collector, one 'name: value' a line, read again for every batch of spans. OTEL_EXPORTER_OTLP_HEADERS is obeyed too.",
  }),
};

/** The values of `tracingSettingsShape`. */
export type TracingSettings = SettingsOf<typeof tracingSettingsShape>;

/** What is wrong with settings of tracing. */
export function tracingProblems({ tracesEndpoint }: Partial<TracingSettings>): string[] {
  if (tracesEndpoint === undefined) return [];
  if (!isHttpUrl(tracesEndpoint)) {
    return [`tracesEndpoint: '${tracesEndpoint}' is no URL; expected one such as http://localhost:4318`];
  }
  // Settings are logged.
  const { username, password } = new URL(tracesEndpoint);
  return username + password === '' ? [] : ['tracesEndpoint holds credentials; put them into tracesHeadersFile'];
}

/**
 * Where spans go; undefined: nowhere, tracing is off. The setting goes over OpenTelemetry's own variables, which turn tracing off too
 * (OTEL_SDK_DISABLED=true, OTEL_TRACES_EXPORTER=none).
 */
export function tracesUrl({ tracesEndpoint }: Partial<TracingSettings>, env: NodeJS.ProcessEnv): string | undefined {
  if (env.OTEL_SDK_DISABLED?.toLowerCase() === 'true') return undefined;
  if (tracesEndpoint !== undefined) return withPath(tracesEndpoint);
  if (env.OTEL_TRACES_EXPORTER === 'none') return undefined;
  const forTraces = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT;
  if (forTraces !== undefined && isHttpUrl(forTraces)) return forTraces;
  const forAll = env.OTEL_EXPORTER_OTLP_ENDPOINT;
  if (forAll === undefined || !isHttpUrl(forAll)) return undefined;
  return forAll.replace(/\/*$/, tracesPath);
}

/** Default of OpenTelemetry's for OTEL_BSP_SCHEDULE_DELAY, in milliseconds. */
const defaultDelayMs = 5000;
/** Longer than that nobody waits for a trace. */
const maxDelayMs = 600_000;

/** Longest time for which an ended span waits for others to be sent with it, in milliseconds: by OpenTelemetry's own variable. */
export function tracesDelayMs(env: NodeJS.ProcessEnv): number {
  const askedMs = Number(env.OTEL_BSP_SCHEDULE_DELAY);
  return askedMs > 0 ? Math.min(askedMs, maxDelayMs) : defaultDelayMs;
}

/** A URL without a path means the collector, not its front page. */
function withPath(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === '/') url.pathname = tracesPath;
  return url.href;
}

function isHttpUrl(text: string): boolean {
  return URL.canParse(text) && /^https?:/.test(text);
}
