export { serve, type RunningServer, type ServeOptions } from './serve';
export type { ServeSettings } from './serve-settings';
export type {
  BidiContext,
  BidiHandler,
  CallContext,
  CallMetadata,
  Method,
  PiecesHandler,
  StreamHandler,
  UnaryHandler,
} from './method';
export type { HealthSource, HealthStatus } from './health/health-source';
export { callerLine } from './access/callers-file';
export { isCallerName } from './access/caller';
export { forwardedCallerKey } from './access/access';
export { Grants, type Role } from './access/grants';
export { watchTls, type TlsMaterial } from './tls/watch-tls';
export { WatchedFiles, type NamedFile } from './tls/watched-files';
export { RelayedStatus } from './relayed-status';

export { exitCodes, processMetricDefinitions, runProcess, type ProcessContext } from './process/run-process';
export { StartError } from './process/start-error';
export { createLog, type LogOptions, type ProcessLog } from './log/create-log';

export {
  defineSettings,
  type SettingsDefinition,
  type SettingsOf,
  type SettingsShape,
} from './settings/define-settings';
export { loadSettings, OutputRequested, settingsForLog, type SettingsInput } from './settings/load-settings';
export { checkServeSettings, serveSettingsShape, type ServingSettings } from './settings/serve-settings-shape';
export * as setting from './settings/setting';
export { renderHelp, renderSettingsMarkdown } from './settings/render-settings';

export {
  createMetrics,
  defineMetrics,
  type Collectors,
  type MetricDefinition,
  type MetricDefinitions,
  type Metrics,
} from './metrics/define-metrics';
export type { Histogram, HistogramSeries } from './metrics/histogram';
export { durationBuckets, serveMetricDefinitions } from './metrics/serve-metrics';
export { Registry } from 'prom-client';
export { renderMetricsMarkdown } from './metrics/render-metrics';
export type { Span } from './tracing/span';
export { endRpcSpan } from './tracing/rpc-span';
export type { Tracer } from './tracing/tracer';
export { isTraceparent } from './tracing/traceparent';
export { version } from './version';
